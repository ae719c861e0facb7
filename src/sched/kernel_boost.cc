// SPDX-License-Identifier: MIT

#include "sched/kernel_boost.h"

#include <linux/sched.h>

#include <algorithm>
#include <cerrno>

#include "lwp/kernel_thread.h"
#include "sched/pool.h"

namespace lt {
namespace {

#ifndef SCHED_RESET_ON_FORK
#define SCHED_RESET_ON_FORK 0x40000000
#endif

pid_t TidOf(const Thread& thread) {
  return thread.kernel_tid.load(std::memory_order_relaxed);
}

KernelPriority OwnOf(const Thread& thread) {
  const KernelBoost& boost = thread.kernel_boost;
  return boost.tid != 0 ? boost.own : ReadKernelPriority(TidOf(thread));
}

// What the thread is to have.  Its own flag for children stays.
KernelPriority WantedOf(KernelPriority own, KernelPriority demand,
                        int ceiling) {
  KernelPriority wanted = own;
  if (own.real_time()) {
    wanted.priority =
        std::max(own.priority, std::min(ceiling, kHighestRealTime));
  }
  if (demand.priority > wanted.priority) {
    // A deadline thread can give only the best of what there is below it.
    const bool ranked = demand.priority <= kHighestRealTime;
    const int policy = ranked ? demand.policy : SCHED_FIFO;
    wanted.policy =
        (policy & ~SCHED_RESET_ON_FORK) | (own.policy & SCHED_RESET_ON_FORK);
    wanted.priority = ranked ? demand.priority : kHighestRealTime;
  }
  return wanted;
}

bool Give(Thread& thread, pid_t tid, KernelPriority own,
          KernelPriority wanted) {
  if (!SetKernelPriority(tid, wanted)) return false;
  thread.kernel_boost =
      wanted == own ? KernelBoost{} : KernelBoost{tid, own, wanted};
  thread.kernel_priority = wanted;
  return true;
}

}  // namespace

bool BoostKernelThread(Thread& thread, KernelPriority demand, int ceiling) {
  KernelBoost& boost = thread.kernel_boost;
  const bool asked = demand.real_time() || ceiling >= 0;
  if (boost.tid == 0 && !(asked && HasKernelThread(thread))) return false;
  if (boost.tid != 0 && ReadKernelPriority(boost.tid) != boost.given) {
    ForgetKernelBoost(thread);  // INV-KB1: the program's word
    return BoostKernelThread(thread, demand, ceiling);
  }
  const KernelPriority own = OwnOf(thread);
  // One that has become unbound meanwhile (main) gives back what it had.
  const KernelPriority wanted =
      HasKernelThread(thread) ? WantedOf(own, demand, ceiling) : own;
  const KernelPriority has = boost.tid != 0 ? boost.given : own;
  if (wanted == has) return false;
  return Give(thread, boost.tid != 0 ? boost.tid : TidOf(thread), own, wanted);
}

int RaiseToCeiling(Thread& self, int ceiling) {
  const KernelBoost& boost = self.kernel_boost;
  const KernelPriority own = OwnOf(self);
  if (!own.real_time()) return -1;
  if (own.priority > ceiling || ceiling > kHighestRealTime) return EINVAL;
  const KernelPriority has = boost.tid != 0 ? boost.given : own;
  if (has.priority >= ceiling) return 0;
  return Give(self, TidOf(self), own, {own.policy, ceiling}) ? 0 : EPERM;
}

void ForkKernelBoost(Thread& self) {
  KernelBoost& boost = self.kernel_boost;
  const pid_t forked = self.lwp != nullptr
                           ? self.lwp->tid.load(std::memory_order_relaxed)
                           : TidOf(self);
  // The child's kernel thread is a copy of the one that forked.
  if (boost.tid == forked) {
    boost.tid = boost.tid == 0 ? 0 : KernelTid();
  } else {
    boost = {};
  }
}

}  // namespace lt
