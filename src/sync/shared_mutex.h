// SPDX-License-Identifier: MIT
//
// Mutexes of USYNC_PROCESS type, for threads of several processes.

#ifndef LIBTHREAD_SYNC_SHARED_MUTEX_H_
#define LIBTHREAD_SYNC_SHARED_MUTEX_H_

#include "sync/objects.h"

namespace lt {

// As kinds.h has it for all.
[[nodiscard]] int SharedLock(Thread& self, Mutex& mutex);
[[nodiscard]] int SharedTryLock(Thread& self, Mutex& mutex);
[[nodiscard]] int SharedUnlock(Thread& self, Mutex& mutex);
bool SharedHeldBy(const Thread& self, const Mutex& mutex);
void SharedRelease(Thread& self, Mutex& mutex);
void SharedRelock(Thread& self, Mutex& mutex);

// For who asks for no owner and whose waits nobody watches.  SharedAcquire()
// may wait, in a critical section that it leaves now and then.
[[nodiscard]] bool SharedTryAcquire(Thread& self, Mutex& mutex);
void SharedAcquire(Thread& self, Mutex& mutex);

}  // namespace lt

#endif  // LIBTHREAD_SYNC_SHARED_MUTEX_H_
