// SPDX-License-Identifier: MIT
//
// Mutexes of every kind: by its type a mutex is private, process-shared, robust
// or of a priority protocol.  The plain private mutex that nobody watches never
// comes here (mutex.h).

#ifndef LIBTHREAD_SYNC_KINDS_H_
#define LIBTHREAD_SYNC_KINDS_H_

#include "sync/objects.h"

namespace lt {

// As mutex_lock, mutex_trylock and mutex_unlock.
[[nodiscard]] int LockByKind(Thread& self, Mutex& mutex);
[[nodiscard]] int TryLockByKind(Thread& self, Mutex& mutex);
[[nodiscard]] int UnlockByKind(Thread& self, Mutex& mutex);

bool HeldByKind(const Thread& self, const Mutex& mutex);

// The same, unwatched (watch.h): only by the type.
[[nodiscard]] int LockOfKind(Thread& self, Mutex& mutex);
[[nodiscard]] int TryLockOfKind(Thread& self, Mutex& mutex);
[[nodiscard]] int UnlockOfKind(Thread& self, Mutex& mutex);
[[nodiscard]] int RelockOfKind(Thread& self, Mutex& mutex);

// For waits on condition variables, in a critical section.  Releases the mutex,
// which the caller holds once, completely; may be called on the stack of the
// thread that runs next.  Takes it again after the wait: 0 or an error of
// mutex_lock.
void ReleaseByKind(Thread& self, Mutex& mutex);
[[nodiscard]] int RelockByKind(Thread& self, Mutex& mutex);

}  // namespace lt

#endif  // LIBTHREAD_SYNC_KINDS_H_
