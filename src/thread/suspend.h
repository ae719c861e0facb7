// SPDX-License-Identifier: MIT
//
// Stopping other threads by id, and looking at stopped ones.

#ifndef LIBTHREAD_THREAD_SUSPEND_H_
#define LIBTHREAD_THREAD_SUSPEND_H_

#include <signal.h>
#include <ucontext.h>

#include <cstdint>

#include "sched/thread.h"

namespace lt {

// Only one thread at a time suspends others; it may look around meanwhile, and
// what it decides holds.  In a critical section.  Blocks the thread.
class SuspenderRole {
 public:
  explicit SuspenderRole(Thread& self);
  ~SuspenderRole();
  SuspenderRole(const SuspenderRole&) = delete;
  SuspenderRole& operator=(const SuspenderRole&) = delete;
};

// For the suspender.  The living thread `id`, or null.
Thread* FindLiving(uint32_t id);
// For the suspender.  True when it has a reason to stop, and has stopped.
bool IsStopped(Thread& thread, uint32_t id);

// For the suspender.  Adds a reason to be stopped to the thread `id`, not the
// caller, and returns when it has stopped; 0, or ESRCH.
[[nodiscard]] int SuspendOther(uint32_t id, uint32_t reason);

// Adds a reason to be stopped (sched/stop.h) to the thread `id`; returns when
// it has stopped.  0, or ESRCH.  The caller stops itself when it is the thread.
// Blocks the thread, or for a short time the LWP.
[[nodiscard]] int SuspendThread(Thread& self, uint32_t id, uint32_t reason);

// Takes the reason away.  0, or ESRCH.
[[nodiscard]] int ContinueThread(Thread& self, uint32_t id, uint32_t reason);

// For the suspender.  Waits until a thread that has a reason to stop has
// stopped.  False when it has ended, or has no reason any more.
bool AwaitStop(Thread& target, uint32_t id);

// Registers and stack of a stopped thread.  EINVAL when it is not stopped,
// ESRCH.
struct ThreadState {
  int lwp = 0;
  stack_t stack = {};
  gregset_t registers = {};
};
[[nodiscard]] int GetThreadState(Thread& self, uint32_t id, ThreadState& state);

// What thr_stksegment(3) reports, of any thread.  False where nobody knows. May
// allocate memory.
bool StackOf(const Thread& thread, stack_t& segment);

}  // namespace lt

#endif  // LIBTHREAD_THREAD_SUSPEND_H_
