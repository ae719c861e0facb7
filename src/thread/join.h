// SPDX-License-Identifier: MIT
//
// Who waits for whom to end; the other half of life.h.

#ifndef LIBTHREAD_THREAD_JOIN_H_
#define LIBTHREAD_THREAD_JOIN_H_

#include "sched/thread.h"
#include "thread/registry.h"

namespace lt {

// Hands a joinable thread that has ended, whose bucket is locked, to who waits
// for it, or leaves it in the departed list.  Unlocks the bucket and counts the
// end (census.h).  Afterwards the thread is the joiner's, or serves another one
// already; NoteFewerThreads() is still to be called.
void HandToJoiner(Thread& thread, RegistryBucket& bucket)
    ABSL_UNLOCK_FUNCTION(bucket.lock);

// Takes a thread out of the list of joiners that it waits in, for the caller to
// make it ready; false when it is in none.
bool WithdrawJoiner(Thread& joiner);

// Wakes those that wait with a deadline for a thread, whose bucket is locked:
// it has ended or is detached.
void WakeTimedJoiners(Thread& thread);

// After the number of present threads fell: wakes those that wait for any
// thread when none is left to wait for.
void NoteFewerThreads();

}  // namespace lt

#endif  // LIBTHREAD_THREAD_JOIN_H_
