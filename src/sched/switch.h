// SPDX-License-Identifier: MIT
//
// Switch, then publish.
//
// A thread that leaves its LWP must be reachable for others (in a sleep queue,
// in a run queue, as a zombie), but not before its registers are saved: another
// LWP would run it on a stack that is still in use.  So what makes it reachable
// is done by whoever runs next on the LWP, after the jump has saved the
// context. It travels with the jump as a Departure, which lies in the frame of
// the leaving thread and is not touched after `finish` has published that
// thread.
//
// `finish` runs on the stack and with the TLS of the next thread, before that
// thread goes on; it must not block.

#ifndef LIBTHREAD_SCHED_SWITCH_H_
#define LIBTHREAD_SCHED_SWITCH_H_

#include "arch/context.h"
#include "sched/pool.h"
#include "sched/signal_mask.h"
#include "sched/thread.h"

namespace lt {

struct Departure {
  Thread* from;
  void (*finish)(Departure&);
  void* arg = nullptr;
  void (*after)(void*) = nullptr;
  void* after_arg = nullptr;
};

// For functions whose frame a switch leaves behind: a canary would touch one
// more line of the thread's cold TLS at each switch, and they have no arrays.
#if defined(__has_attribute) && __has_attribute(no_stack_protector)
#define LT_NO_CANARY __attribute__((no_stack_protector))
#else
#define LT_NO_CANARY
#endif

// First act of whoever got control by a jump.
inline void Arrive(Arrival arrival) {
  auto& departure = *static_cast<Departure*>(arrival.data);
  departure.from->context = arrival.fctx;
  departure.finish(departure);
}

// Runs `to`, which the caller has claimed (stop.h), on this LWP in place of
// `self`.  Both are in a critical section.  Returns when `self` is run again,
// perhaps on another LWP.
inline void SwitchTo(Thread& self, Thread& to, Departure& departure) {
  PoolLwp* lwp = self.lwp;
  to.lwp = lwp;
  // Relaxed: a hint for others.
  lwp->current.store(&to, std::memory_order_relaxed);
  lwp->CountDispatch();
  // INV-SM1.
  if (ABSL_PREDICT_FALSE(MaskOf(to) != lwp->mask)) {
    ChangeLwpMask(*lwp, MaskOf(to));
  }
  Context context = to.context;
  to.context = nullptr;
  Arrive(Jump(context, to.tp, &departure));
}

}  // namespace lt

#endif  // LIBTHREAD_SCHED_SWITCH_H_
