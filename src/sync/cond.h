// SPDX-License-Identifier: MIT
//
// Condition variables for threads of one process.

#ifndef LIBTHREAD_SYNC_COND_H_
#define LIBTHREAD_SYNC_COND_H_

#include "base/clock.h"
#include "sync/objects.h"

namespace lt {

// Releases the mutex, sleeps, takes the mutex again.  0 (also without a signal,
// now and then), ETIME, EINTR (a handler of a signal has run), EPERM (an
// error-checking mutex the caller does not hold).
[[nodiscard]] int CondWait(Thread& self, Cond& cond, Mutex& mutex,
                           Deadline deadline);

void CondSignal(Thread& self, Cond& cond);
void CondBroadcast(Thread& self, Cond& cond);

}  // namespace lt

#endif  // LIBTHREAD_SYNC_COND_H_
