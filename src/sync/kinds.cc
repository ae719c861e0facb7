// SPDX-License-Identifier: MIT

#include "sync/kinds.h"

#include "sync/mutex.h"
#include "sync/protocol.h"
#include "sync/robust.h"
#include "sync/shared_mutex.h"
#include "sync/watch.h"

namespace lt {

int LockOfKind(Thread& self, Mutex& mutex) {
  if ((mutex.type & kRobust) != 0) return RobustLock(self, mutex);
  if ((mutex.type & kProcess) != 0) return SharedLock(self, mutex);
  if (HasProtocol(mutex)) return ProtocolLock(self, mutex);
  return PrivateLock(self, mutex);
}

int TryLockOfKind(Thread& self, Mutex& mutex) {
  if ((mutex.type & kRobust) != 0) return RobustTryLock(self, mutex);
  if ((mutex.type & kProcess) != 0) return SharedTryLock(self, mutex);
  if (HasProtocol(mutex)) return ProtocolTryLock(self, mutex);
  return PrivateTryLock(self, mutex);
}

int UnlockOfKind(Thread& self, Mutex& mutex) {
  if ((mutex.type & kRobust) != 0) return RobustUnlock(self, mutex);
  if ((mutex.type & kProcess) != 0) return SharedUnlock(self, mutex);
  if (HasProtocol(mutex)) return ProtocolUnlock(self, mutex);
  return PrivateUnlock(self, mutex);
}

int LockByKind(Thread& self, Mutex& mutex) {
  return g_watch != 0 ? WatchedLock(self, mutex) : LockOfKind(self, mutex);
}

int TryLockByKind(Thread& self, Mutex& mutex) {
  return g_watch != 0 ? WatchedTryLock(self, mutex)
                      : TryLockOfKind(self, mutex);
}

int UnlockByKind(Thread& self, Mutex& mutex) {
  return g_watch != 0 ? WatchedUnlock(self, mutex) : UnlockOfKind(self, mutex);
}

bool HeldByKind(const Thread& self, const Mutex& mutex) {
  if ((mutex.type & kRobust) != 0) return RobustHeldBy(self, mutex);
  if ((mutex.type & kProcess) != 0) return SharedHeldBy(self, mutex);
  return MutexHeldBy(self, mutex);
}

void ReleaseByKind(Thread& self, Mutex& mutex) {
  if ((mutex.type & kRobust) != 0) return RobustRelease(self, mutex);
  if ((mutex.type & kProcess) != 0) return SharedRelease(self, mutex);
  if (HasProtocol(mutex)) return ProtocolRelease(mutex);
  MutexRelease(self, mutex);
}

int RelockOfKind(Thread& self, Mutex& mutex) {
  if ((mutex.type & kRobust) != 0) return RobustRelock(self, mutex);
  if ((mutex.type & kProcess) != 0) {
    SharedRelock(self, mutex);
  } else if (HasProtocol(mutex)) {
    ProtocolRelock(self, mutex);
  } else {
    MutexLockWoken(self, mutex);
  }
  return 0;
}

int RelockByKind(Thread& self, Mutex& mutex) {
  return g_watch != 0 ? WatchedRelock(self, mutex) : RelockOfKind(self, mutex);
}

}  // namespace lt
