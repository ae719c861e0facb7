// SPDX-License-Identifier: MIT
//
// Where threads begin and, after unwinding, end.

#ifndef LIBTHREAD_THREAD_ENTRY_H_
#define LIBTHREAD_THREAD_ENTRY_H_

#include "arch/context.h"
#include "sched/thread.h"

namespace lt {

// A thread ends, in a critical section: what it leaves behind in upper layers.
extern void (*g_end_hook)(Thread& self);

// main has returned that, or ended by thr_exit (0): what a client of the
// library makes of it.  May not return; the thread is the one that ran main.
extern void (*g_main_hook)(int status);

// Entry of an unbound thread's context.
void UnboundEntry(Arrival arrival);

// Starts the kernel thread of a bound thread.  Returns 0 or EAGAIN.
[[nodiscard]] int StartBound(Thread& thread);

// Runs `main` so that thr_exit in it finds its way; returns main's status.
int RunMain(int (*main)(int, char**, char**), int argc, char** argv,
            char** envp);

}  // namespace lt

#endif  // LIBTHREAD_THREAD_ENTRY_H_
