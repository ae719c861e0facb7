// SPDX-License-Identifier: MIT
//
// Ends of threads without unwinding: _lwp_exit(2).

#ifndef LIBTHREAD_THREAD_LEAVE_H_
#define LIBTHREAD_THREAD_LEAVE_H_

#include "sched/thread.h"

namespace lt {

// Ends the calling thread as if the LWP under it had gone: no cleanup handler,
// no destructor of its frames or of thr_keycreate(3) runs, and the status is
// null.  What the C library ends with a kernel thread of its own ends as ever.
// Threads that the C library has begun are unwound by it.
[[noreturn]] void LeaveThread(Thread& self);

}  // namespace lt

#endif  // LIBTHREAD_THREAD_LEAVE_H_
