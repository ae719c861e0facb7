// SPDX-License-Identifier: MIT
//
// Joining whatever thread ends next; the half of join.h that needs no id.

#ifndef LIBTHREAD_THREAD_JOIN_ANY_H_
#define LIBTHREAD_THREAD_JOIN_ANY_H_

#include "base/spinlock.h"
#include "sched/thread.h"
#include "thread/registry.h"

namespace lt {

// What a joiner counts for in the census.
inline int CountedJoiner(const Thread& joiner) {
  return joiner.daemon ? 0 : 1;
}

// Wakes a joiner with its result; the one that runs already needs no waking.
void Deliver(Thread& joiner, Thread* joined);

// Waits in a list of joiners that `lock` guards.  0 when it was taken from
// there, with the result in self.joined; EINTR: it has a request to attend to.
[[nodiscard]] int AwaitDelivery(Thread& self, SpinLock& lock)
    ABSL_UNLOCK_FUNCTION(lock);

// Takes any thread that has ended (self.joins_lwps: any LWP), or waits for one:
// it is self.joined then, and out of the registry.  EDEADLK, EINTR.
[[nodiscard]] int JoinAny(Thread& self);

// Takes a zombie out of the departed list, with its bucket locked; false when
// an any-joiner has it.
[[nodiscard]] bool TakeDeparted(Thread& thread);

// As HandToJoiner(), for a thread nobody waits for by its id.
void HandToAnyJoiner(Thread& thread, RegistryBucket& bucket)
    ABSL_UNLOCK_FUNCTION(bucket.lock);

// As WithdrawJoiner(), for one that waits for any.
bool WithdrawAnyJoiner(Thread& joiner);

// LWPs that _lwp_wait(2) may take: made by _lwp_create(2), and not detached.
inline bool IsWaitable(const Thread& thread) {
  return thread.raw_lwp && !thread.detached;
}
// One more, or one less, which tells those that wait for any when none is left.
// In a critical section, without locks.
void CountWaitable(int change);

// In the child of a fork.
void ForgetAnyJoins(const Thread& self);

}  // namespace lt

#endif  // LIBTHREAD_THREAD_JOIN_ANY_H_
