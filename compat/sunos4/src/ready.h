// SPDX-License-Identifier: MIT
//
// Ready threads by priority, and how the baton goes from one to another; only
// for those files that hand it.

#ifndef LIBLWP_READY_H_
#define LIBLWP_READY_H_

#include "pod.h"

namespace lwp4 {

// thr_suspend and thr_continue are called with this lock only.
extern mutex_t g_stop_lock;

// Takes the first thread of the highest priority out of its queue; null: none
// is ready.
Lwp* TakeTop();

// To the front of its queue.
void MakeReadyFirst(Lwp& thread);

// Gives the baton to `next`, which is in no queue.  The caller is not
// pod.running any more when this returns true, and touches nothing of the
// pod's.  False: there are events to be taken before a thread is set going that
// would not look for them; `next` is ready again, the first of its queue.
[[nodiscard]] bool HandTo(Lwp& next);
// The same, by the helper: the lock is held, and it has just taken the events.
void HandToLocked(Lwp& next);

// Gives the baton to whoever is due, or to nobody; the caller does not wait for
// it, and is not to run again.
void PassOn();

// In the child of a fork: none is ready.
void ForgetReady();

// By who has claimed the baton without being a thread of the pod.
extern Lwp g_nobody;

}  // namespace lwp4

#endif  // LIBLWP_READY_H_
