// SPDX-License-Identifier: MIT

#include "sync/kinds.h"

#include "sync/mutex.h"

namespace lt {

int LockByKind(Thread& self, Mutex& mutex) {
  return PrivateLock(self, mutex);
}

int TryLockByKind(Thread& self, Mutex& mutex) {
  return PrivateTryLock(self, mutex);
}

int UnlockByKind(Thread& self, Mutex& mutex) {
  return PrivateUnlock(self, mutex);
}

bool HeldByKind(const Thread& self, const Mutex& mutex) {
  return MutexHeldBy(self, mutex);
}

void ReleaseByKind(Thread& self, Mutex& mutex) {
  MutexRelease(self, mutex);
}

int RelockByKind(Thread& self, Mutex& mutex) {
  MutexLockWoken(self, mutex);
  return 0;
}

}  // namespace lt
