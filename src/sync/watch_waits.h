// SPDX-License-Identifier: MIT
//
// For the loops in which threads wait, when locks are watched (watch.h).

#ifndef LIBTHREAD_SYNC_WATCH_WAITS_H_
#define LIBTHREAD_SYNC_WATCH_WAITS_H_

#include "sync/objects.h"

namespace lt {

// A wait for the object was interrupted, handlers of signals have run, and it
// goes on.
void WatchInterrupted(Thread& self, const Mutex& mutex);
void WatchInterrupted(Thread& self, const Rwlock& lock, bool writer);

}  // namespace lt

#endif  // LIBTHREAD_SYNC_WATCH_WAITS_H_
