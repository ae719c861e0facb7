// SPDX-License-Identifier: MIT
//
// Threads that wait for signals: sigwait(3), sigsuspend(2) and their kin.  An
// unbound thread parks meanwhile.

#ifndef LIBTHREAD_PROCESS_SIGWAIT_H_
#define LIBTHREAD_PROCESS_SIGWAIT_H_

#include <csignal>
#include <cstdint>

#include "base/clock.h"
#include "sched/thread.h"

namespace lt {

// For threads of pool LWPs.

// Waits for one of the signals in `set`, and takes it.  0, EAGAIN (`deadline`
// has passed), EINTR (a handler has run).
[[nodiscard]] int AwaitSignal(Thread& self, uint64_t set, Deadline deadline,
                              siginfo_t& info);

// Waits with another mask until a handler has run.
void SuspendForSignal(Thread& self, uint64_t mask);

// What is pending and blocked.
uint64_t PendingSignals(Thread& self);

// Something that the thread waits for may be there.
void HintSignalWaiter(Thread& waiter);

}  // namespace lt

#endif  // LIBTHREAD_PROCESS_SIGWAIT_H_
