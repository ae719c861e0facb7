// SPDX-License-Identifier: MIT

#include "sync/cond.h"

#include <cerrno>

#include "base/config.h"
#include "sched/critical.h"
#include "sched/inherit.h"
#include "sync/kinds.h"
#include "sync/mutex.h"
#include "sync/shared_cond.h"
#include "sync/watch.h"
#include "thread/runtime.h"

namespace lt {
namespace {

// On the stack of whoever runs next, in a critical section.
void ReleaseAfterSleep(void* mutex) {
  ReleaseByKind(*Current(), *static_cast<Mutex*>(mutex));
}

// Waiters are ordered by the priorities that they have without the mutex.
int KeyWithout(const Thread& self, const Mutex& mutex) {
  return HasProtocol(mutex) ? 2 * AssignedPriority(self) : WaitKey(self);
}

void WakeByKind(Cond& cond, bool all) {
  if ((cond.type & kProcess) != 0) {
    SharedCondWake(cond, all);
  } else {
    PrivateCond::Wake(Self(), cond, all);
  }
}

// Takes the mutex back.  A waiter that slept on it too (`moved`) must mind the
// others that do (INV-MU1).
int TakeBack(Thread& self, Mutex& mutex, uint8_t depth, bool moved) {
  int error = 0;
  if (!IsPrivate(mutex) || g_watch != 0) {
    error = RelockByKind(self, mutex);
  } else if (moved || !MutexTryAcquire(self, mutex)) {
    MutexLockWoken(self, mutex);
  }
  if (error == 0) mutex.depth = depth;
  return error;
}

// The same for COND_WAIT_DEFER: no request is attended to, nor ends a wait,
// until the mutex is there.
int TakeBackDeaf(Thread& self, Mutex& mutex, uint8_t depth, bool moved) {
  EnterCritical(self);
  self.deaf = true;
  const int error = TakeBack(self, mutex, depth, moved);
  self.deaf = false;
  LeaveCriticalQuietly(self);
  return error;
}

}  // namespace

LT_NO_CANARY int CondWait(Thread& self, Cond& cond, Mutex& mutex,
                          Deadline deadline) {
  if ((mutex.type & (kErrorCheck | kRobust)) != 0 && !HeldByKind(self, mutex)) {
    return EPERM;
  }
  Critical critical(self);
  const uint32_t handlers = HandlersRun(self);
  const uint8_t depth = mutex.depth;  // released completely
  mutex.depth = 0;
  bool moved = false;
  int error =
      (cond.type & kProcess) != 0
          ? SharedCondSleep(self, cond, mutex, deadline, ReleaseByKind)
          : PrivateCond::Sleep(self, cond, mutex, KeyWithout(self, mutex),
                               deadline, ReleaseAfterSleep, moved);
  // Handlers of signals run without the mutex, unless COND_WAIT_DEFER is set.
  int lock_error = 0;
  if (ABSL_PREDICT_FALSE(g_config.cond_wait_defer)) {
    lock_error = TakeBackDeaf(self, mutex, depth, moved);
  }
  LeaveCritical(self);
  EnterCritical(self);
  // Other requests than signals, and signals without a handler, are none of the
  // caller's concern.
  if (error == EINTR && HandlersRun(self) == handlers) error = 0;
  if (ABSL_PREDICT_TRUE(!g_config.cond_wait_defer)) {
    lock_error = TakeBack(self, mutex, depth, moved);
  }
  return lock_error != 0 ? lock_error : error;
}

int CondSignalSlow(Cond& cond) {
  if (g_watch != 0) CheckUse(Self(), "cond_signal", cond);
  WakeByKind(cond, false);
  return 0;
}

int CondBroadcastSlow(Cond& cond) {
  if (g_watch != 0) CheckUse(Self(), "cond_broadcast", cond);
  WakeByKind(cond, true);
  return 0;
}

}  // namespace lt
