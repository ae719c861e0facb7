// SPDX-License-Identifier: MIT
//
// Timed sleeps of unbound threads: only the thread parks, its LWP runs others.

#ifndef LIBTHREAD_INTERPOSE_SLEEP_H_
#define LIBTHREAD_INTERPOSE_SLEEP_H_

#include "base/clock.h"
#include "sched/dispatch.h"
#include "sched/thread.h"

namespace lt {

// The calling thread if it can park, or null.
inline Thread* ParkableSelf() {
  Thread* self = Current();
  return self != nullptr && InPool(*self) ? self : nullptr;
}

// Parks the calling unbound thread until `deadline`: 0, or EINTR when a handler
// of the program ran first.
[[nodiscard]] int ParkUntil(Thread& self, Deadline deadline);

// clock_nanosleep(2) on any thread: returns an error number.
[[nodiscard]] int SleepOnClock(clockid_t clock, int flags,
                               const timespec* request, timespec* left);

}  // namespace lt

#endif  // LIBTHREAD_INTERPOSE_SLEEP_H_
