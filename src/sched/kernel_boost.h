// SPDX-License-Identifier: MIT
//
// The kernel's half of effective priorities (inherit.h, whose lock guards all
// of it): bound and foreign threads of the real-time class, and those that hold
// what such a thread waits for.
//
// INV-KB1: kernel_boost.tid is set while the kernel thread has a priority that
//   the library gave it (`given`) and is to have `own` again.  If the program
//   sets it meanwhile, that holds, and nothing is restored.

#ifndef LIBTHREAD_SCHED_KERNEL_BOOST_H_
#define LIBTHREAD_SCHED_KERNEL_BOOST_H_

#include "sched/thread.h"

namespace lt {

// A kernel thread for as long as it lives; not one that is only pinned.
inline bool HasKernelThread(const Thread& thread) {
  return thread.kind == Kind::kBound || thread.kind == Kind::kForeign;
}

// Gives the kernel thread the largest of its own priority, `demand`, and, if it
// is of the real-time class by itself, `ceiling` (-1: none).  True when that
// changed anything.
bool BoostKernelThread(Thread& thread, KernelPriority demand, int ceiling);

// Raises the caller to a ceiling, if it is of the real-time class by itself; -1
// if it is not.  EINVAL: it is above the ceiling already, or the kernel's range
// ends below it.  EPERM: the kernel does not permit it.
int RaiseToCeiling(Thread& self, int ceiling);

// Its class is the program's word now, whatever it is.
inline void ForgetKernelBoost(Thread& thread) {
  thread.kernel_boost = {};
}

// In the child of a fork, before `self` has become its own kernel thread.
void ForkKernelBoost(Thread& self);

}  // namespace lt

#endif  // LIBTHREAD_SCHED_KERNEL_BOOST_H_
