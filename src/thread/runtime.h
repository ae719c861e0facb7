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

// The first step.  Called once from the library's constructor, or earlier by a
// call that comes before it.  Runs on the process's first kernel thread.
void InitLibrary();

// The second step, if it is still to be done.  0, EAGAIN or ENOMEM.
[[nodiscard]] int EnsureRunning(Thread& self);

// True once a thread was made by thr_create.
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
