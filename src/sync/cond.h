// SPDX-License-Identifier: MIT
//
// Condition variables for threads of one process.

#ifndef LIBTHREAD_SYNC_COND_H_
#define LIBTHREAD_SYNC_COND_H_

#include "absl/base/optimization.h"
#include "base/clock.h"
#include "sync/cond_queue.h"
#include "sync/objects.h"

namespace lt {

// Releases the mutex, sleeps, takes the mutex again.  0 (also without a signal,
// now and then), ETIME, EINTR (a handler of a signal has run), EPERM (an
// error-checking mutex the caller does not hold).
[[nodiscard]] int CondWait(Thread& self, Cond& cond, Mutex& mutex,
                           Deadline deadline);

// Conditions that are not private, that somebody watches, or that may have
// waiters.
int CondSignalSlow(Cond& cond);     // 0
int CondBroadcastSlow(Cond& cond);  // 0

inline int CondSignal(Cond& cond) {
  return ABSL_PREDICT_TRUE(PrivateCond::NothingToSignal(cond))
             ? 0
             : CondSignalSlow(cond);
}
inline int CondBroadcast(Cond& cond) {
  return ABSL_PREDICT_TRUE(PrivateCond::NothingToSignal(cond))
             ? 0
             : CondBroadcastSlow(cond);
}

}  // namespace lt

#endif  // LIBTHREAD_SYNC_COND_H_
