// SPDX-License-Identifier: MIT
//
// The one internal lock: a spin lock at LWP level, held for tens of
// nanoseconds.  Nothing blocks, allocates or runs user code under it.
//
// Ranks: whoever holds a lock takes only locks of a larger rank.
//
//   rank | lock                         | guards
//   -----+------------------------------+------------------------------------
//     0  | reports                      | one report at a time, and its memory
//     1  | registry bucket              | id to thread, join state of threads
//     2  | departed list                | zombies nobody waits for, any-joiners
//     2  | priorities                   | who inherits whose, held ceilings
//     2  | wait graph                   | holds and waits of watched locks; no
//        |                              | two of rank 2 are held at once
//     3  | sleep queue bucket           | who waits on an address
//     4  | timer heap                   | threads with a deadline
//     5  | shared run queue             | runnable threads outside local queues
//     6  | pool                         | LWP table, idle list
//     7  | thread cache, stack pool     | free threads and stacks
//     8  | key table                    | keys and destructors
//     9  | stop lock                    | reasons to be stopped
//    10  | LWP numbers                  | which LWP has a number
//
// A lock may travel: a parking thread leaves its sleep queue locked, and the
// thread that runs next on the LWP unlocks it (see sched/switch.h).

#ifndef LIBTHREAD_BASE_SPINLOCK_H_
#define LIBTHREAD_BASE_SPINLOCK_H_

#include <atomic>
#include <cstdint>

#include "absl/base/optimization.h"
#include "absl/base/thread_annotations.h"

namespace lt {

inline void CpuRelax() {
#if defined(__x86_64__)
  __builtin_ia32_pause();
#else
  __asm__ volatile("yield" ::: "memory");
#endif
}

// For who waits until another kernel thread has done a few instructions.  That
// may be off its processor (a kernel preemption in between): after a short spin
// the kernel lets it run, and after some more, a moment's sleep does so even
// where the caller is of the real-time class and the other is not.
class Backoff {
 public:
  void Pause() {
    if (ABSL_PREDICT_TRUE(++turns_ < kSpins)) {
      CpuRelax();
    } else {
      LeaveProcessor();
    }
  }

 private:
  static constexpr int kSpins = 100;
  static constexpr int kYields = 100;
  void LeaveProcessor() const;

  int turns_ = 0;
};

class ABSL_LOCKABLE SpinLock {
 public:
  constexpr SpinLock() = default;
  SpinLock(const SpinLock&) = delete;
  SpinLock& operator=(const SpinLock&) = delete;

  void Lock() ABSL_EXCLUSIVE_LOCK_FUNCTION() {
    // Acquire: pairs with the release store of Unlock().
    if (ABSL_PREDICT_FALSE(word_.exchange(1, std::memory_order_acquire) != 0)) {
      LockSlow();
    }
  }
  bool TryLock() ABSL_EXCLUSIVE_TRYLOCK_FUNCTION(true) {
    return word_.load(std::memory_order_relaxed) == 0 &&
           word_.exchange(1, std::memory_order_acquire) == 0;
  }
  bool IsHeld() const { return word_.load(std::memory_order_relaxed) != 0; }
  void Unlock() ABSL_UNLOCK_FUNCTION() {
    word_.store(0, std::memory_order_release);
  }

  // The lock travels with a switch: HandOn() says so where the thread leaves,
  // AssertHeld() where the one that runs next unlocks it.
  void HandOn() ABSL_UNLOCK_FUNCTION() ABSL_NO_THREAD_SAFETY_ANALYSIS {}
  void AssertHeld() const ABSL_ASSERT_EXCLUSIVE_LOCK() {}

 private:
  void LockSlow();

  std::atomic<uint32_t> word_{0};
};

class ABSL_SCOPED_LOCKABLE SpinLockHolder {
 public:
  explicit SpinLockHolder(SpinLock& lock) ABSL_EXCLUSIVE_LOCK_FUNCTION(lock)
      : lock_(lock) {
    lock_.Lock();
  }
  ~SpinLockHolder() ABSL_UNLOCK_FUNCTION() { lock_.Unlock(); }
  SpinLockHolder(const SpinLockHolder&) = delete;
  SpinLockHolder& operator=(const SpinLockHolder&) = delete;

 private:
  SpinLock& lock_;
};

}  // namespace lt

#endif  // LIBTHREAD_BASE_SPINLOCK_H_
