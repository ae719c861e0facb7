// SPDX-License-Identifier: MIT

#include "sync/mutex.h"

#include "base/config.h"
#include "base/spinlock.h"
#include "sched/critical.h"
#include "sched/dispatch.h"
#include "sched/sleepq.h"
#include "sync/spin.h"
#include "thread/runtime.h"

namespace lt {
namespace {

// True when it pays to wait for the owner without sleeping: it runs on another
// LWP.  The owner may have gone meanwhile: thread objects stay readable.
bool OwnerRuns(const Thread& self, const Mutex& mutex) {
  // Acquire: pairs with the release in SetOwner().
  const OwnerTag tag = mutex.owner.load(std::memory_order_acquire);
  if (tag == 0) return true;  // between the two steps of lock or unlock
  return tag != self.tag && ThreadOfTag(tag)->state.load(
                                std::memory_order_relaxed) == State::kRunning;
}

bool SpinForIt(Thread& self, Mutex& mutex) {
  if (g_config.concurrency < 2) return false;
  // Half of an owner's name in another cache line leads nowhere.
  if (!IsAligned(&mutex)) return false;
  const Spinner spinner(mutex);
  const int looks = spinner.may() ? AdaptiveLooks() : 0;
  for (int i = 0; i < looks && OwnerRuns(self, mutex); ++i) {
    if (mutex.word.load(std::memory_order_relaxed) == 0 &&
        MutexTryAcquire(self, mutex)) {
      return true;
    }
    CpuRelax();
  }
  return false;
}

}  // namespace

int Relock(Mutex& mutex) {
  constexpr uint8_t kDeepest = 255;
  if ((mutex.type & kRecursive) != 0) {
    if (mutex.depth == kDeepest) return EAGAIN;
    ++mutex.depth;
    return 0;
  }
  if ((mutex.type & kErrorCheck) != 0) return EDEADLK;
  // 0: really blocks.
  return EverThreaded() || g_config.async_safe ? 0 : EDEADLK;
}

int PrivateLock(Thread& self, Mutex& mutex) {
  return MutexTryAcquire(self, mutex) ? 0 : PrivateLockSlow(self, mutex);
}

int PrivateLockSlow(Thread& self, Mutex& mutex) {
  Critical critical(self);
  if (MutexHeldBy(self, mutex)) {
    const int error = Relock(mutex);
    if (error != 0 || (mutex.type & kRecursive) != 0) return error;
  }
  if (!SpinForIt(self, mutex)) MutexLockWoken(self, mutex);
  return 0;
}

LT_NO_CANARY void MutexLockWoken(Thread& self, Mutex& mutex) {
  PrivateWord::LockWoken(self, mutex);
}

int PrivateTryLock(Thread& self, Mutex& mutex) {
  if (MutexTryAcquire(self, mutex)) return 0;
  if ((mutex.type & kRecursive) != 0 && MutexHeldBy(self, mutex)) {
    return Relock(mutex);
  }
  return EBUSY;
}

int PrivateUnlock(Thread& self, Mutex& mutex) {
  if ((mutex.type & kErrorCheck) != 0 && !MutexHeldBy(self, mutex)) {
    return EPERM;
  }
  if (mutex.depth > 0) {
    --mutex.depth;
    return 0;
  }
  Critical critical(self);
  MutexRelease(self, mutex);
  return 0;
}

}  // namespace lt
