// SPDX-License-Identifier: MIT
//
// Signals that one thread sends to another.

#ifndef LIBTHREAD_PROCESS_KILL_H_
#define LIBTHREAD_PROCESS_KILL_H_

#include <cstdint>

#include "sched/thread.h"

namespace lt {

// 0, EINVAL (checked first), ESRCH.  Signal 0 only probes.  Async-signal-safe.
[[nodiscard]] int SendToThread(Thread& self, uint32_t id, int signal);

// A signal that programs may send, or 0.
bool IsSendable(int signal);

// A signal for the thread, which lives, is to be looked at by it: it runs a
// handler, unless it blocks the signal or waits for it in sigwait(3).
void NoteSignal(Thread& target, int signal);

}  // namespace lt

#endif  // LIBTHREAD_PROCESS_KILL_H_
