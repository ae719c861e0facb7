// SPDX-License-Identifier: MIT
//
// Readers/writer locks of USYNC_PROCESS type.

#ifndef LIBTHREAD_SYNC_SHARED_RWLOCK_H_
#define LIBTHREAD_SYNC_SHARED_RWLOCK_H_

#include "sync/objects.h"

namespace lt {

// As rwlock.h has it for private ones.
[[nodiscard]] int SharedReadLock(Thread& self, Rwlock& lock);
[[nodiscard]] int SharedTryReadLock(Thread& self, Rwlock& lock);
[[nodiscard]] int SharedWriteLock(Thread& self, Rwlock& lock);
[[nodiscard]] int SharedTryWriteLock(Thread& self, Rwlock& lock);
[[nodiscard]] int SharedUnlockRwlock(Thread& self, Rwlock& lock);
bool SharedWriteHeldBy(const Thread& self, const Rwlock& lock);

}  // namespace lt

#endif  // LIBTHREAD_SYNC_SHARED_RWLOCK_H_
