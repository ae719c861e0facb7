// SPDX-License-Identifier: MIT
//
// Readers/writer locks for threads of one process.

#ifndef LIBTHREAD_SYNC_RWLOCK_H_
#define LIBTHREAD_SYNC_RWLOCK_H_

#include "sync/objects.h"

namespace lt {

// EDEADLK (held for writing), EAGAIN (held too often).  Blocks the thread.
[[nodiscard]] int ReadLock(Thread& self, Rwlock& lock);
// EBUSY, EAGAIN.
[[nodiscard]] int TryReadLock(Thread& self, Rwlock& lock);
// EDEADLK (held already).  Blocks the thread.
[[nodiscard]] int WriteLock(Thread& self, Rwlock& lock);
// EBUSY.
[[nodiscard]] int TryWriteLock(Thread& self, Rwlock& lock);
// EPERM (not held by the caller).
[[nodiscard]] int UnlockRwlock(Thread& self, Rwlock& lock);

bool ReadHeldBy(const Thread& self, const Rwlock& lock);
bool WriteHeldBy(const Thread& self, const Rwlock& lock);

}  // namespace lt

#endif  // LIBTHREAD_SYNC_RWLOCK_H_
