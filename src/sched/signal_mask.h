// SPDX-License-Identifier: MIT
//
// The signal mask is the thread's.  The kernel knows masks of LWPs, so an LWP
// takes over the mask of the thread that it runs: at a switch between threads
// with different masks (switch.h), which equal ones do not pay for.
//
// INV-SM1: while a thread runs outside of the library on a pool LWP, the LWP's
//   mask in the kernel is the thread's, and lwp.mask says so.  In critical
//   sections the kernel's may be larger (a signal was deferred).

#ifndef LIBTHREAD_SCHED_SIGNAL_MASK_H_
#define LIBTHREAD_SCHED_SIGNAL_MASK_H_

#include "base/signal_set.h"
#include "sched/pool.h"
#include "sched/thread.h"

namespace lt {

inline uint64_t MaskOf(const Thread& thread) {
  // Relaxed: the thread itself writes it; others look at it as a hint and see
  // to the order themselves (process/kill.cc).
  return thread.sigmask.load(std::memory_order_relaxed);
}

// Gives the calling LWP another mask.
void ChangeLwpMask(PoolLwp& lwp, uint64_t mask);

// Makes the kernel's mask the thread's again where it is larger.  Not in a
// critical section: what comes now has its handler run.
void OpenLwpMask(Thread& self);

// The mask of the caller, which is in a critical section.  What it unblocks is
// delivered when the section ends.
uint64_t OwnMask(const Thread& self);
void SetOwnMask(Thread& self, uint64_t mask);

}  // namespace lt

#endif  // LIBTHREAD_SCHED_SIGNAL_MASK_H_
