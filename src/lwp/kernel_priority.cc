// SPDX-License-Identifier: MIT

#include "lwp/kernel_priority.h"

#include <linux/sched.h>

#include "base/syscall.h"

namespace lt {
namespace {

#ifndef SCHED_RESET_ON_FORK
#define SCHED_RESET_ON_FORK 0x40000000
#endif

// The kernel's sched_param.
struct Parameter {
  int priority;
};

}  // namespace

KernelPriority ReadKernelPriority(pid_t tid) {
  const long policy = RawSyscall(SYS_sched_getscheduler, tid);
  if (policy < 0) return {};
  KernelPriority result{static_cast<int>(policy), 0};
  switch (policy & ~long{SCHED_RESET_ON_FORK}) {
    case SCHED_FIFO:
    case SCHED_RR: {
      Parameter parameter = {};
      RawSyscall(SYS_sched_getparam, tid, reinterpret_cast<long>(&parameter));
      result.priority = parameter.priority;
      break;
    }
    case SCHED_DEADLINE:
      result.priority = kHighestRealTime + 1;
      break;
    default:
      break;
  }
  return result;
}

int TrySetKernelPriority(pid_t tid, KernelPriority wanted) {
  const Parameter parameter{wanted.priority};
  return static_cast<int>(-RawSyscall(SYS_sched_setscheduler, tid,
                                      wanted.policy,
                                      reinterpret_cast<long>(&parameter)));
}

}  // namespace lt
