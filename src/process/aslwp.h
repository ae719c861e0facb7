// SPDX-License-Identifier: MIT
//
// The aslwp: a helper kernel thread for signals to the process that no LWP will
// take.  The kernel gives such a signal to a kernel thread that does not block
// it.  But a thread that is on no LWP, because it sleeps or waits its turn, may
// be the only one that wants it; the kernel does not know that thread, and
// keeps the signal pending.
//
// The helper is told of every signal that is sent (signalfd(2)), looks whether
// it stays pending, and hands it to such a thread.  It blocks all signals and
// uses no time while none is sent.

#ifndef LIBTHREAD_PROCESS_ASLWP_H_
#define LIBTHREAD_PROCESS_ASLWP_H_

namespace lt {

// Starts the helper.  Returns 0 or EAGAIN.
[[nodiscard]] int StartAslwp();

}  // namespace lt

#endif  // LIBTHREAD_PROCESS_ASLWP_H_
