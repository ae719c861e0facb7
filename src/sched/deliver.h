// SPDX-License-Identifier: MIT
//
// How a signal that is for a thread comes to it.
//
// A signal that is directed at an unbound thread waits in its `pending` set;
// one that the kernel delivered in a critical section waits in `deferred`; one
// for the process that only a thread without an LWP can take in `forwarded`.
// When the thread gets to a safe point, on an LWP, it sends the signal to that
// LWP, and the kernel does the rest: it builds the frame, or ends the process,
// or whatever the disposition of the signal is.

#ifndef LIBTHREAD_SCHED_DELIVER_H_
#define LIBTHREAD_SCHED_DELIVER_H_

#include <csignal>

#include "sched/thread.h"

namespace lt {

struct Delivery {
  uint64_t sent = 0;         // signals that will come
  bool change_mask = false;  // the kernel thread's mask is to become `mask`:
  uint64_t mask = 0;         // nothing comes before
};

// Sends to the caller's kernel thread what waits and is not blocked.
Delivery SendPending(Thread& self);

// At a safe point outside of signal handlers: sends, and lets it come.
void DeliverPending(Thread& self);

// Keeps a signal that came at a bad moment, and blocks all others in the
// context to which the handler returns.  Called by signal handlers.
void DeferSignal(Thread& self, const siginfo_t& info, ucontext_t& context);

// The thread ends: what it was to take for the process is for others.
void ReturnSignals(Thread& self);

// What thr_kill(3) and tgkill(2) tell of themselves.
siginfo_t DirectedInfo(int signal);

// Gives a signal for the process back to the kernel.
void RepostToProcess(const siginfo_t& info);

}  // namespace lt

#endif  // LIBTHREAD_SCHED_DELIVER_H_
