// SPDX-License-Identifier: MIT
//
// The operations of <synch.h> when locks are watched (g_watch): each does what
// the plain one does, with the same result, and besides reports mistakes, notes
// who holds and waits (thread/wait_graph.h) and counts (obs/lock_stats.h).
//
// To know who had to wait, they try first.

#ifndef LIBTHREAD_SYNC_WATCH_H_
#define LIBTHREAD_SYNC_WATCH_H_

#include <time.h>

#include "base/clock.h"
#include "base/watch.h"
#include "sync/objects.h"
#include "sync/sema.h"
#include "sync/watch_waits.h"

namespace lt {

// Left in a destroyed object that is not shared with other processes.  Memory
// that is zeroed, or initialised in whatever way, does not have it.
inline constexpr uint16_t kDeadMagic = 0xdead;

[[nodiscard]] int WatchedLock(Thread& self, Mutex& mutex);
[[nodiscard]] int WatchedTryLock(Thread& self, Mutex& mutex);
[[nodiscard]] int WatchedUnlock(Thread& self, Mutex& mutex);
// As RelockByKind().
[[nodiscard]] int WatchedRelock(Thread& self, Mutex& mutex);

[[nodiscard]] int WatchedCondWait(Thread& self, const char* function,
                                  Cond& cond, Mutex& mutex, Deadline deadline);

[[nodiscard]] int WatchedReadLock(Thread& self, Rwlock& lock);
[[nodiscard]] int WatchedTryReadLock(Thread& self, Rwlock& lock);
[[nodiscard]] int WatchedWriteLock(Thread& self, Rwlock& lock);
[[nodiscard]] int WatchedTryWriteLock(Thread& self, Rwlock& lock);
[[nodiscard]] int WatchedUnlockRwlock(Thread& self, Rwlock& lock);

[[nodiscard]] int WatchedSemaWait(Thread& self, Sema& sema, Limit limit,
                                  const timespec* time);
[[nodiscard]] int WatchedSemaTryWait(Thread& self, Sema& sema);

// Of calls that change nothing here: is the object fit for use?
void CheckUse(Thread& self, const char* function, const Cond& cond);
void CheckUse(Thread& self, const char* function, const Sema& sema);

// An object is to be made here.  `anew`: whatever was here before.
void WatchInit(Thread& self, const char* function, const char* type,
               const void* object, bool anew = true);
// Before an object is destroyed, and after that.
void WatchDestroy(Thread& self, const Mutex& mutex);
void WatchDestroy(Thread& self, const Cond& cond);
void WatchDestroy(Thread& self, const Rwlock& lock);
void WatchDestroy(Thread& self, const Sema& sema);
void MarkDestroyed(void* object, bool shared);

}  // namespace lt

#endif  // LIBTHREAD_SYNC_WATCH_H_
