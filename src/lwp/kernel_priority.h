// SPDX-License-Identifier: MIT
//
// The scheduling class of kernel threads.

#ifndef LIBTHREAD_LWP_KERNEL_PRIORITY_H_
#define LIBTHREAD_LWP_KERNEL_PRIORITY_H_

#include <sys/types.h>

namespace lt {

// A policy as sched_setscheduler() takes it, SCHED_RESET_ON_FORK included, and
// the priority in the real-time class: 0 outside of it.
struct KernelPriority {
  int policy = 0;
  int priority = 0;

  bool real_time() const { return priority > 0; }
  bool operator==(const KernelPriority&) const = default;
};

// The range of SCHED_FIFO is 1 to this; SCHED_RR has the same.
inline constexpr int kHighestRealTime = 99;

// Of a kernel thread of the process, 0 for the caller.  One that cannot be read
// counts for an ordinary one.  A deadline thread is above all others.
KernelPriority ReadKernelPriority(pid_t tid);

// 0, or why the kernel does not do it.
[[nodiscard]] int TrySetKernelPriority(pid_t tid, KernelPriority wanted);
[[nodiscard]] inline bool SetKernelPriority(pid_t tid, KernelPriority wanted) {
  return TrySetKernelPriority(tid, wanted) == 0;
}

}  // namespace lt

#endif  // LIBTHREAD_LWP_KERNEL_PRIORITY_H_
