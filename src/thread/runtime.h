// SPDX-License-Identifier: MIT
//
// The start of the library, in two steps.  At load: configuration, and `main`
// as thread 1, still a kernel thread like any other; a program that only links
// the library pays for no more.  At the first thr_create: template, pool and
// watcher, and main becomes an unbound thread of the first LWP.

#ifndef LIBTHREAD_THREAD_RUNTIME_H_
#define LIBTHREAD_THREAD_RUNTIME_H_

#include "absl/base/optimization.h"
#include "sched/thread.h"

namespace lt {

// The first step.  Called from the library's constructor, and earlier by a call
// that comes before it.  Runs on the process's first kernel thread.
void InitLibrary();
extern bool g_initialised;  // main is known

// The second step, if it is still to be done.  0, EAGAIN or ENOMEM.
[[nodiscard]] int EnsureRunning(Thread& self);

// Called once the pool is there, for what an upper layer needs beside it;
// returns 0 or EAGAIN.
extern int (*g_start_helpers)();

// The thread of the process's first kernel thread: main, or who called fork.
// Its stack and TLS are not the library's, and serve no other thread.
bool IsFirst(const Thread& thread);

// A thread of the program is about to be made.
void NoteThreaded();
// True once that was said.
bool EverThreaded();

// The calling thread; a kernel thread that the library has not met is adopted:
// it gets an id, and keeps it until it ends.
Thread& AdoptCaller();
inline Thread& Self() {
  Thread* self = Current();
  return ABSL_PREDICT_TRUE(self != nullptr) ? *self : AdoptCaller();
}

}  // namespace lt

#endif  // LIBTHREAD_THREAD_RUNTIME_H_
