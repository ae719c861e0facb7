// SPDX-License-Identifier: MIT
//
// The scheduling class of a kernel thread as the program has chosen it, though
// somebody else's need may have raised it for now (kernel_boost.h).
//
// INV-KC1: what the program sets by AssignKernelPriority() holds from then on;
//   if the kernel thread is raised meanwhile, it stays so, and has the new
//   class when the need is over.

#ifndef LIBTHREAD_SCHED_KERNEL_CLASS_H_
#define LIBTHREAD_SCHED_KERNEL_CLASS_H_

#include <sys/types.h>

#include "lwp/kernel_priority.h"

namespace lt {

// All in a critical section.  `tid` is a kernel thread of any process.

// What it has when nobody needs it to have more.
KernelPriority AssignedKernelPriority(pid_t tid);
// 0, or the error number of sched_setscheduler(2).
[[nodiscard]] int AssignKernelPriority(pid_t tid, KernelPriority wanted);

}  // namespace lt

#endif  // LIBTHREAD_SCHED_KERNEL_CLASS_H_
