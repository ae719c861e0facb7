// SPDX-License-Identifier: MIT
//
// Mutexes of a priority protocol, for threads of one process:
// LOCK_PRIO_INHERIT and LOCK_PRIO_PROTECT.  What holding them does to the
// priority of a thread is told in sched/inherit.h.

#ifndef LIBTHREAD_SYNC_PROTOCOL_H_
#define LIBTHREAD_SYNC_PROTOCOL_H_

#include "sync/objects.h"

namespace lt {

// As mutex_lock, mutex_trylock and mutex_unlock: kinds.h.  Of LOCK_PRIO_PROTECT
// also EINVAL (the caller's priority is above the ceiling), EPERM (of the
// real-time class, and the kernel does not let it rise to the ceiling), ENOMEM.
[[nodiscard]] int ProtocolLock(Thread& self, Mutex& mutex);
[[nodiscard]] int ProtocolTryLock(Thread& self, Mutex& mutex);
[[nodiscard]] int ProtocolUnlock(Thread& self, Mutex& mutex);

// In a critical section.  Gives the mutex up in place of its owner.
void ProtocolRelease(Mutex& mutex);
// In a critical section.  Takes it again, whatever the caller's priority is by
// now.  Blocks the thread.
void ProtocolRelock(Thread& self, Mutex& mutex);

}  // namespace lt

#endif  // LIBTHREAD_SYNC_PROTOCOL_H_
