// SPDX-License-Identifier: MIT
//
// The C library's own signal to all of its threads (setuid and its kin must act
// on every kernel thread of the process).
//
// Its handler acknowledges in the control block of the thread that it believes
// to run on.  On a pool LWP that is the block of some unbound thread, and the C
// library would wait for ever for the LWP's own.  So the handler is called
// through one that puts the kernel thread's own control block in place
// meanwhile.

#ifndef LIBTHREAD_SCHED_LIBC_SIGNAL_H_
#define LIBTHREAD_SCHED_LIBC_SIGNAL_H_

namespace lt {

// Once, after the first pthread_create, which installs that handler.
void WrapLibcSignal();

}  // namespace lt

#endif  // LIBTHREAD_SCHED_LIBC_SIGNAL_H_
