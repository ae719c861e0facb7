// SPDX-License-Identifier: MIT
//
// Mutual exclusion: the entries for mutexes of every kind, and the private
// mutex, for threads of one process.

#ifndef LIBTHREAD_SYNC_MUTEX_H_
#define LIBTHREAD_SYNC_MUTEX_H_

#include <cerrno>

#include "absl/base/optimization.h"
#include "base/watch.h"
#include "sched/critical.h"
#include "sync/kinds.h"
#include "sync/objects.h"

namespace lt {

// The lock word.  Waiters sleep on the address of the word, where no object of
// another kind can be: MutexWake() may come late, when the memory is in use
// again, and only sleepers on a mutex look at their object after a wakeup.
inline constexpr uint32_t kLocked = 1;
inline constexpr uint32_t kWaiters = 2;  // unlocking must look for sleepers

// Types that have another word, or more to do, than the private mutex.
inline constexpr uint8_t kOtherKinds =
    kProcess | kProcessRobust | kPrioInherit | kPrioProtect | kRobust;

inline bool IsPrivate(const Mutex& mutex) {
  return (mutex.type & kOtherKinds) == 0;
}

// Of private mutexes, as kinds.h has it for all.  PrivateLock() and
// PrivateTryLock() know recursive and error-checking ones.
[[nodiscard]] int PrivateLock(Thread& self, Mutex& mutex);
[[nodiscard]] int PrivateTryLock(Thread& self, Mutex& mutex);
[[nodiscard]] int PrivateUnlock(Thread& self, Mutex& mutex);
[[nodiscard]] int PrivateLockSlow(Thread& self, Mutex& mutex);
void MutexWake(Thread& self, const void* address);

// The calling thread holds a mutex and wants it again: EDEADLK, EAGAIN, or 0,
// for a recursive mutex because it has it, for others because it really blocks.
[[nodiscard]] int Relock(Mutex& mutex);

inline bool MutexHeldBy(const Thread& self, const Mutex& mutex) {
  // Relaxed: only the thread itself makes this true or false for itself.
  return mutex.owner.load(std::memory_order_relaxed) == self.tag;
}

inline void MutexSetOwner(Mutex& mutex, const Thread& self) {
  // Release: who meets the thread first in this tag looks at its state.
  mutex.owner.store(self.tag, std::memory_order_release);
}

inline bool MutexTryAcquire(Thread& self, Mutex& mutex) {
  uint32_t free = 0;
  // Acquire: pairs with the release in MutexRelease().
  if (!mutex.word.compare_exchange_strong(free, kLocked,
                                          std::memory_order_acquire,
                                          std::memory_order_relaxed)) {
    return false;
  }
  MutexSetOwner(mutex, self);
  return true;
}

// Gives the mutex free.  One atomic on the object, and no touch afterwards:
// somebody else may lock, unlock, destroy and free it at once.
// A signal handler that leaves for good (thr_exit, siglongjmp) must not come
// between the exchange and the wake: call it in a critical section, or in
// LT_UNLOCKING code.
inline void MutexRelease(Thread& self, Mutex& mutex) {
  mutex.owner.store(0, std::memory_order_relaxed);
  if (ABSL_PREDICT_FALSE((mutex.word.exchange(0, std::memory_order_release) &
                          kWaiters) != 0)) {
    MutexWake(self, &mutex.word);
  }
}

// For functions that call MutexUnlock() inline.  A signal that comes in their
// code is deferred as if it were a critical section, which would cost the fast
// path more; so they end with a look at the thread's requests (EndUnlock).
#define LT_UNLOCKING __attribute__((section("lt_unlocking")))

inline void EndUnlock(Thread& self) {
  std::atomic_signal_fence(std::memory_order_seq_cst);
  if (ABSL_PREDICT_FALSE(self.requests.load(std::memory_order_relaxed) != 0) &&
      self.critical == 0) {
    Attend(self);
  }
}

// The entries: errors of mutex_lock, mutex_trylock, mutex_unlock.

[[nodiscard]] inline int MutexLock(Thread& self, Mutex& mutex) {
  if (ABSL_PREDICT_FALSE(((mutex.type & kOtherKinds) | g_watch) != 0)) {
    return LockByKind(self, mutex);
  }
  if (ABSL_PREDICT_TRUE(MutexTryAcquire(self, mutex))) return 0;
  return PrivateLockSlow(self, mutex);
}

[[nodiscard]] inline int MutexTryLock(Thread& self, Mutex& mutex) {
  if (ABSL_PREDICT_FALSE(((mutex.type & kOtherKinds) | g_watch) != 0)) {
    return TryLockByKind(self, mutex);
  }
  return PrivateTryLock(self, mutex);
}

[[nodiscard]] inline int MutexUnlock(Thread& self, Mutex& mutex) {
  if (ABSL_PREDICT_FALSE((mutex.type | g_watch) != 0)) {
    return UnlockByKind(self, mutex);
  }
  MutexRelease(self, mutex);
  return 0;
}

// For a thread that slept on the mutex's address (or was moved there by
// cond_signal) and was woken: takes it, however long that lasts.
void MutexLockWoken(Thread& self, Mutex& mutex);

}  // namespace lt

#endif  // LIBTHREAD_SYNC_MUTEX_H_
