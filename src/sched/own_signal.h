// SPDX-License-Identifier: MIT
//
// The library's own signal: how a kernel thread is interrupted, to stop the
// thread that it runs, to deliver a signal to it, to cancel it, or to give its
// LWP to another thread.
//
// The handler looks where it came.  In a critical section it does nothing: the
// thread looks at its requests at the end.  In code that may hold locks unseen
// (arch/code_ranges.h) it stops and preempts nobody, unless the thread was
// blocked in the kernel there, and asks the watcher to interrupt the LWP again.

#ifndef LIBTHREAD_SCHED_OWN_SIGNAL_H_
#define LIBTHREAD_SCHED_OWN_SIGNAL_H_

#include <sys/types.h>

#include "sched/pool.h"
#include "sched/thread.h"

namespace lt {

// Installs the handler.
void StartInterrupts();

// Interrupts a kernel thread of the process.  Async-signal-safe.
void InterruptKernelThread(pid_t tid);

// Interrupts whatever runs the thread, if anything does.  Call after
// BarrierAll(), so that a thread that is being dispatched is seen.
void InterruptThread(const Thread& thread);

// Processor time so far of the kernel thread that runs the thread, ns.
int64_t ProcessorTimeNs(const Thread& thread);

// True when the disposition of the signal is a handler with SA_RESTART, or none
// at all: then a system call goes on after it.  Set by the upper layer.
extern bool (*g_signal_restarts)(int signal);

// A client of the library wants to know of threads that are stopped in the
// handler: called in it with the interrupted context, which may be changed, and
// 1 before the thread stops, 0 when it goes on.  Null: nobody does.
extern void (*g_stop_hook)(void* context, int begins);

}  // namespace lt

#endif  // LIBTHREAD_SCHED_OWN_SIGNAL_H_
