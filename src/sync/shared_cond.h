// SPDX-License-Identifier: MIT
//
// Condition variables of USYNC_PROCESS type.

#ifndef LIBTHREAD_SYNC_SHARED_COND_H_
#define LIBTHREAD_SYNC_SHARED_COND_H_

#include "base/clock.h"
#include "sync/objects.h"

namespace lt {

// The sleep of CondWait(), in a critical section: releases the mutex, sleeps
// and returns without it.  0, ETIME, EINTR (a request).
[[nodiscard]] int SharedCondSleep(Thread& self, Cond& cond, Mutex& mutex,
                                  Deadline deadline,
                                  void (*release)(Thread&, Mutex&));

void SharedCondWake(Cond& cond, bool all);

}  // namespace lt

#endif  // LIBTHREAD_SYNC_SHARED_COND_H_
