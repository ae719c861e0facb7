// SPDX-License-Identifier: MIT
//
// fork(2): the child has the calling thread only, with the same id, and is
// otherwise as a program that has just begun.
//
// Whatever other threads had half changed is not mended but forgotten: queues,
// caches and tables of the library begin anew.  What lives on, keys and
// dispositions of signals, is changed under a lock that is held over the fork.

#ifndef LIBTHREAD_THREAD_FORK_H_
#define LIBTHREAD_THREAD_FORK_H_

#include "sched/thread.h"

namespace lt {

// Locks what the child keeps, and back.
void LockThreadsForFork();
void UnlockThreadsAfterFork();

// In the child, with those locks held: they are free afterwards.
void ForgetThreads(Thread& self);

// Its parts.
void LockStart();
void UnlockStart();
void LockKeys();
void UnlockKeys();
void ForgetCaches();
void ForgetJoins(const Thread& self);
void ForgetEndings();
void ForgetSuspender();
void ForgetMutators();
void RestartRuntime(Thread& self, bool bound);

}  // namespace lt

#endif  // LIBTHREAD_THREAD_FORK_H_
