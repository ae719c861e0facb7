// SPDX-License-Identifier: MIT

#include "compat/lwp/sched_class.h"

#include <sched.h>
#include <sys/resource.h>
#include <time.h>

#include <algorithm>
#include <cerrno>

#include "base/syscall.h"
#include "compat/lwp/privileges.h"
#include "lwp/kernel_priority.h"
#include "sched/kernel_class.h"

namespace lt {
namespace {

constexpr int kStep = 3;  // of user priorities, for one of nice values
constexpr int kLowestNice = 19;
constexpr int kHighestNice = -20;

int UserPriorityOf(int nice) {
  return nice >= kLowestNice ? -kHighestUserPriority : -kStep * nice;
}

int NiceOf(int priority) {
  const int half = priority < 0 ? -1 : 1;
  const int nice = -(priority + half) / kStep;
  return std::clamp(nice, kHighestNice, kLowestNice);
}

int Error(long result) {
  const int error = result < 0 ? static_cast<int>(-result) : 0;
  return error == EACCES ? EPERM : error;
}

int ReadNice(pid_t tid, int& nice) {
  // The kernel says 20 - nice, which is never negative.
  const long result = RawSyscall(SYS_getpriority, PRIO_PROCESS, tid);
  nice = 20 - static_cast<int>(result);
  return Error(result);
}

int WriteNice(pid_t tid, int nice) {
  return Error(RawSyscall(SYS_setpriority, PRIO_PROCESS, tid, nice));
}

// The best value that the process can give itself without privileges.
int LowestNiceAllowed(pid_t process, int nice) {
  rlimit limit = {};
  if (RawSyscall(SYS_prlimit64, process, RLIMIT_NICE, 0,
                 reinterpret_cast<long>(&limit)) != 0) {
    return nice;
  }
  const int best = limit.rlim_cur >= 40 ? kHighestNice
                                        : 20 - static_cast<int>(limit.rlim_cur);
  return std::min(nice, best);
}

int LimitOf(pid_t process, int nice) {
  return MaySchedule() ? kHighestUserPriority
                       : UserPriorityOf(LowestNiceAllowed(process, nice));
}

int ResetFlagOf(KernelPriority has) {
  return has.policy & SCHED_RESET_ON_FORK;
}

int Lives(pid_t tid) {
  return Error(RawSyscall(SYS_sched_getscheduler, tid));
}

}  // namespace

int ReadClass(pid_t process, pid_t tid, ClassView& view) {
  if (const int error = Lives(tid)) return error;
  const KernelPriority has = AssignedKernelPriority(tid);
  if (const int error = ReadNice(tid, view.nice)) return error;
  if (!has.real_time()) {
    view.id = kClassTs;
    view.priority = UserPriorityOf(view.nice);
    view.limit = LimitOf(process, view.nice);
    return 0;
  }
  view.id = kClassRt;
  // One of the kernel's deadline class is above all.
  view.priority = std::min(has.priority - 1, kHighestRtPriority);
  view.infinite = (has.policy & ~SCHED_RESET_ON_FORK) != SCHED_RR;
  // Of one that is raised, the kernel would tell of the other policy.
  timespec quantum = {};
  if (!view.infinite) {
    static_cast<void>(RawSyscall(SYS_sched_rr_get_interval, tid,
                                 reinterpret_cast<long>(&quantum)));
  }
  view.quantum_seconds = quantum.tv_sec;
  view.quantum_nanoseconds = quantum.tv_nsec;
  return 0;
}

int RankOf(const ClassView& view) {
  return view.id == kClassRt ? 2 * kHighestUserPriority + view.priority
                             : view.priority;
}

int SetTs(pid_t process, pid_t tid, TsChange change) {
  ClassView view;
  if (const int error = ReadClass(process, tid, view)) return error;
  const bool joins = view.id == kClassRt;
  const int limit = joins ? LimitOf(process, view.nice) : view.limit;
  if (change.limit != kKeep && change.limit > limit) return EPERM;
  if (joins) {
    const int reset = ResetFlagOf(AssignedKernelPriority(tid));
    const int error = AssignKernelPriority(tid, {SCHED_OTHER | reset, 0});
    if (error != 0) return Error(-error);
  }
  int most = limit;
  if (change.limit != kKeep) most = change.limit;
  int priority = change.priority;
  if (priority == kKeep) {
    // A limit below the priority lowers that.
    if (UserPriorityOf(view.nice) <= most) return 0;
    priority = most;
  }
  // Above the limit is as good as the limit.
  return WriteNice(tid, NiceOf(std::min(priority, most)));
}

int SetRt(pid_t tid, RtChange change) {
  if (const int error = Lives(tid)) return error;
  const KernelPriority has = AssignedKernelPriority(tid);
  int policy = has.policy & ~SCHED_RESET_ON_FORK;
  if (policy != SCHED_FIFO && policy != SCHED_RR) policy = SCHED_RR;
  if (change.quantum == Quantum::kInfinite) policy = SCHED_FIFO;
  if (change.quantum == Quantum::kDefault) policy = SCHED_RR;
  int priority = change.priority + 1;
  if (change.priority == kKeep) {
    priority = std::clamp(has.priority, 1, kHighestRealTime);
  }
  return Error(
      -AssignKernelPriority(tid, {policy | ResetFlagOf(has), priority}));
}

int SetNice(pid_t tid, int nice) {
  if (const int error = Lives(tid)) return error;
  if (AssignedKernelPriority(tid).real_time()) return EINVAL;
  return WriteNice(tid, std::clamp(nice, kHighestNice, kLowestNice));
}

}  // namespace lt
