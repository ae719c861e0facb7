// SPDX-License-Identifier: MIT
//
// The word is that of the private mutex; sleepers wait for it in the kernel.
//
// INV-SM1: while threads sleep on the word it has kWaiters, or one of them was
//   woken and has not looked at the word yet.  Kept by SharedRelock(), which
//   takes the mutex with kWaiters set, because it cannot know whether others
//   sleep, and by the kernel, which lets nobody sleep on a word without it.
//
// The owner is a thread of a process.  `owner_pid` is written before `owner`,
// which is 0 while nobody holds the mutex: so the two together are this
// thread's only while it holds it, though threads of other processes have the
// same tags.

#include "sync/shared_mutex.h"

#include <cerrno>

#include "absl/base/optimization.h"
#include "base/config.h"
#include "base/futex.h"
#include "base/process_id.h"
#include "base/spinlock.h"
#include "sched/critical.h"
#include "sched/kernel_wait.h"
#include "sync/mutex.h"
#include "sync/spin.h"
#include "sync/watch_waits.h"

namespace lt {
namespace {

void SetOwner(Mutex& mutex, const Thread& self) {
  mutex.owner_pid.store(g_process_id, std::memory_order_relaxed);
  mutex.owner.store(self.tag, std::memory_order_release);
}

bool TryAcquire(Thread& self, Mutex& mutex) {
  uint32_t free = 0;
  if (!mutex.word.compare_exchange_strong(free, kLocked,
                                          std::memory_order_acquire,
                                          std::memory_order_relaxed)) {
    return false;
  }
  SetOwner(mutex, self);
  return true;
}

// Nobody can tell whether the owner runs, but a sleep costs the kernel's time
// on both sides.
bool SpinForIt(Thread& self, Mutex& mutex) {
  if (g_config.processors < 2) return false;
  const int looks = QueueLooks();
  for (int i = 0; i < looks; ++i) {
    if (mutex.word.load(std::memory_order_relaxed) == 0 &&
        TryAcquire(self, mutex)) {
      return true;
    }
    CpuRelax();
  }
  return false;
}

}  // namespace

bool SharedHeldBy(const Thread& self, const Mutex& mutex) {
  return mutex.owner.load(std::memory_order_acquire) == self.tag &&
         mutex.owner_pid.load(std::memory_order_relaxed) == g_process_id;
}

namespace {

__attribute__((noinline)) int LockHeld(Thread& self, Mutex& mutex) {
  Critical critical(self);
  if (SharedHeldBy(self, mutex)) {
    const int error = Relock(mutex);
    if (error != 0 || (mutex.type & kRecursive) != 0) return error;
  }
  if (!SpinForIt(self, mutex)) SharedRelock(self, mutex);
  return 0;
}

}  // namespace

int SharedLock(Thread& self, Mutex& mutex) {
  return ABSL_PREDICT_TRUE(TryAcquire(self, mutex)) ? 0 : LockHeld(self, mutex);
}

int SharedTryLock(Thread& self, Mutex& mutex) {
  if (TryAcquire(self, mutex)) return 0;
  if ((mutex.type & kRecursive) != 0 && SharedHeldBy(self, mutex)) {
    return Relock(mutex);
  }
  return EBUSY;
}

namespace {

void Acquire(Thread& self, Mutex& mutex, bool watched) {
  while (mutex.word.exchange(kLocked | kWaiters, std::memory_order_acquire) !=
         0) {
    // Woken or interrupted, it competes again.
    static_cast<void>(
        KernelWait(self, mutex.word, kLocked | kWaiters, Deadline::Never()));
    LeaveCritical(self);  // handlers of signals run here
    if (ABSL_PREDICT_FALSE(watched)) WatchInterrupted(self, mutex);
    EnterCritical(self);
  }
  SetOwner(mutex, self);
}

}  // namespace

void SharedRelock(Thread& self, Mutex& mutex) {
  Acquire(self, mutex, g_watch != 0);
}

bool SharedTryAcquire(Thread& self, Mutex& mutex) {
  return TryAcquire(self, mutex);
}

void SharedAcquire(Thread& self, Mutex& mutex) {
  if (!SpinForIt(self, mutex)) Acquire(self, mutex, false);
}

namespace {

inline __attribute__((always_inline)) void Release(Mutex& mutex) {
  mutex.owner.store(0, std::memory_order_relaxed);
  // The last touch: others may unmap it now.
  if (ABSL_PREDICT_FALSE((mutex.word.exchange(0, std::memory_order_release) &
                          kWaiters) != 0)) {
    FutexWakeShared(&mutex.word, 1);
  }
}

}  // namespace

// mutex_unlock, which calls it, looks for what was deferred meanwhile.
LT_UNLOCKING int SharedUnlock(Thread& self, Mutex& mutex) {
  if (ABSL_PREDICT_FALSE((mutex.type & kErrorCheck) != 0) &&
      !SharedHeldBy(self, mutex)) {
    return EPERM;
  }
  if (ABSL_PREDICT_FALSE(mutex.depth > 0)) {
    --mutex.depth;
    return 0;
  }
  Release(mutex);
  return 0;
}

void SharedRelease(Thread&, Mutex& mutex) {
  Release(mutex);
}

}  // namespace lt
