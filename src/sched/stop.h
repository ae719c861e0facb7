// SPDX-License-Identifier: MIT
//
// Threads that do not run because somebody stopped them.
//
// A thread is stopped while it has a reason to be (thr_suspend is one, the
// mutators' barrier of garbage collectors another).  It need not notice: one
// that sleeps or is runnable is stopped from the moment that it has a reason,
// because it is not run any more.  Its wait ends as ever; it then becomes
// runnable, and whoever picks it from the run queue leaves it aside (kStopped).
//
// A thread that runs is interrupted (own_signal.h) and stops itself at a safe
// point.  A bound thread stops there, on its own LWP.

#ifndef LIBTHREAD_SCHED_STOP_H_
#define LIBTHREAD_SCHED_STOP_H_

#include <cstdint>

#include "sched/critical.h"
#include "sched/stop_core.h"
#include "sched/thread.h"

namespace lt {

// Reasons, independent of each other.
inline constexpr uint32_t kStopSuspended = 1;  // thr_suspend, THR_SUSPENDED
inline constexpr uint32_t kStopMutator = 2;    // thr_suspend_mutator and kin
inline constexpr uint32_t kStopLwp = 4;        // _lwp_suspend, LWP_SUSPENDED

// Adds a reason; AwaitStop() then waits until the thread has stopped.
void AddStopReason(Thread& target, uint32_t reason);

// Takes a reason away, and lets the thread go on if it was the last.  Returns
// the reasons that there were.
uint32_t DropStopReason(Thread& target, uint32_t reason);

uint32_t StopReasons(Thread& target);

// True when the thread, which has a reason, does not run and will not; false
// when it is to be interrupted.  After a BarrierAll().
inline bool HasStopped(const Thread& target) {
  return Stops::HasStopped(target);
}

// Stops the calling thread while it has a reason, at a safe point.  `context`:
// the registers that a signal interrupted, or null.
void StopSelf(Thread& self, const ucontext_t* context);

// A thread that waits on its LWP: who collects garbage finds the registers of
// its callers on the stack above thread.wait_sp.  The function that this is
// inlined into must not return before the wait ends.
inline __attribute__((always_inline)) void NoteRegisters(Thread& self) {
  // More than the registers that a function saves, and its locals.
  constexpr ptrdiff_t kFrameBytes = 512;
  __builtin_unwind_init();
  self.wait_sp = static_cast<char*>(__builtin_frame_address(0)) - kFrameBytes;
}

// What was picked from a run queue: true when it may be run now; false when it
// is stopped, and no longer the caller's.
inline bool Claim(Thread& thread) {
  return Stops::Claim(thread);
}

}  // namespace lt

#endif  // LIBTHREAD_SCHED_STOP_H_
