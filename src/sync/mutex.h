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
#include "sync/mutex_word.h"
#include "sync/objects.h"

namespace lt {

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

// The calling thread holds a mutex and wants it again: EDEADLK, EAGAIN, or 0,
// for a recursive mutex because it has it, for others because it really blocks.
[[nodiscard]] int Relock(Mutex& mutex);

inline bool MutexHeldBy(const Thread& self, const Mutex& mutex) {
  // Relaxed: only the thread itself makes this true or false for itself.
  return mutex.owner.load(std::memory_order_relaxed) == self.tag;
}

inline bool MutexTryAcquire(Thread& self, Mutex& mutex) {
  return PrivateWord::TryAcquire(self, mutex);
}

// A signal handler that leaves for good (thr_exit, siglongjmp) must not come
// between the exchange and the wake: call it in a critical section, or in
// LT_UNLOCKING code.
inline void MutexRelease(Thread& self, Mutex& mutex) {
  PrivateWord::Release(self, mutex);
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
