// SPDX-License-Identifier: MIT
//
// Cancellation: what a thread does for which somebody called pthread_cancel.
//
// The C library's marks are in the thread's control block, and so the thread
// makes them itself, at its next safe point: it calls the C library's
// pthread_cancel for itself.  With the type deferred that sets marks, which
// each cancellation point looks at; with the type asynchronous it unwinds the
// thread at once.  The C library's own blocking cancellation points are
// asynchronous while they block, and our signal has interrupted them: so they
// end as well.
//
// INV-CA1: where a thread may be unwound, no frame of the library is live that
//   has something to tidy up: the library is compiled without exceptions, and
//   its destructors would not run.

#ifndef LIBTHREAD_THREAD_CANCEL_H_
#define LIBTHREAD_THREAD_CANCEL_H_

#include "absl/base/optimization.h"
#include "sched/thread.h"

namespace lt {

// Attends to kCancelRequest; see Attend() in critical.h.
void ActOnCancel(Thread& self);

// Before a thread is cancelled for the first time: what cannot be done in a
// signal handler.
void PrepareCancel();

// The thread is cancelled and has not disabled that: its wait is to end, so
// that TestCancel() can act.  True once only: handlers that run while the
// thread is unwound may wait as well.
bool CancelDueSlow(Thread& self);
inline bool CancelDue(Thread& self) {
  // Relaxed: whoever sets it makes the thread notice afterwards.
  return ABSL_PREDICT_FALSE(self.cancelled.load(std::memory_order_relaxed)) &&
         !self.cancel_seen && CancelDueSlow(self);
}

// A cancellation point: does not return when cancellation is due.
void TestCancelSlow();
inline bool MayBeCancelled(const Thread& self) {
  return self.cancelled.load(std::memory_order_relaxed);
}
inline void TestCancel(const Thread& self) {
  if (ABSL_PREDICT_FALSE(MayBeCancelled(self))) TestCancelSlow();
}

}  // namespace lt

#endif  // LIBTHREAD_THREAD_CANCEL_H_
