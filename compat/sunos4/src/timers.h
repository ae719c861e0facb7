// SPDX-License-Identifier: MIT
//
// Deadlines of blocked threads: a heap, the earliest first.

#ifndef LIBLWP_TIMERS_H_
#define LIBLWP_TIMERS_H_

#include "pod.h"

struct timeval;

namespace lwp4 {

// Room for one more thread; each lwp_create asks for it, so that no wait lacks
// memory.  False: no memory.
[[nodiscard]] bool ReserveTimers(int threads);

// The thread blocks until the deadline at most.
void AddTimer(Lwp& thread, Nanoseconds deadline);
void RemoveTimer(Lwp& thread);

// Ends the waits whose deadlines have passed.
void TakeTimers();

// The deadline of the first, or kNever.  Read by the helper.
Nanoseconds EarliestTimer();

// A time limit as the calls take it.
enum class Limit { kPoll, kTime, kForever, kInvalid };
Limit ToDeadline(const timeval* limit, Nanoseconds& deadline);

// Forgets all, in the child of a fork.
void ForgetTimers();

}  // namespace lwp4

#endif  // LIBLWP_TIMERS_H_
