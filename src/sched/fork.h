// SPDX-License-Identifier: MIT
//
// The scheduler in the child of a fork.

#ifndef LIBTHREAD_SCHED_FORK_H_
#define LIBTHREAD_SCHED_FORK_H_

#include "sched/thread.h"

namespace lt {

// Nothing is left of queues, LWPs and helpers: as before the first thr_create.
// `self`, the only thread, keeps its kernel thread.
void ForgetScheduling(Thread& self);

// Its parts.
void ForgetTimers();
void ForgetSleepers();
void ForgetStandIns();
void ForgetStops();
void ForgetWatcher();

}  // namespace lt

#endif  // LIBTHREAD_SCHED_FORK_H_
