// SPDX-License-Identifier: MIT
//
// LWPs by their numbers: what _lwp_self() returns and what other calls that
// take the id of an LWP are given.
//
// Bound threads, kernel threads of pthread_create and LWPs of _lwp_create have
// a number each from their making to their end; so has each LWP of the pool,
// whatever thread it runs.  In the child of a fork there is one LWP.  It keeps
// the number that it had as the LWP of a bound thread, and is number 1 when it
// was one of the pool's.

#ifndef LIBTHREAD_THREAD_LWPS_H_
#define LIBTHREAD_THREAD_LWPS_H_

#include <sys/types.h>

#include <cstdint>

#include "sched/thread.h"

namespace lt {

// The number of the LWP that runs the caller: an unbound thread's changes.
uint32_t OwnLwp();

// The number of the LWP that runs the thread, or ran it last.
uint32_t LwpOf(const Thread& thread);

// The kernel's id of the LWP's kernel thread; 0: there is no such LWP.  It may
// end before the caller has used it: who must be sure asks under an LwpHold
// (sched/lwp_numbers.h).  Waits for a kernel thread that is being made.
pid_t KernelIdOfLwp(uint32_t number);

// What the library knows of an LWP.
struct LwpView {
  pid_t kernel_id = 0;   // 0: its kernel thread does not run yet
  bool stopped = false;  // LwpEntry::stopped
  bool pool = false;     // runs one unbound thread after the other
  uint32_t thread = 0;  // the thread's id; of the pool's: that is on it now, 0:
                        // none
};
// ESRCH.
[[nodiscard]] int LookAtLwp(uint32_t number, LwpView& view);

// Gives a thread that is being made a number that no thread and no LWP has had,
// for both its id and its LWP, and makes it known by both.
void RegisterAsLwp(Thread& thread);

}  // namespace lt

#endif  // LIBTHREAD_THREAD_LWPS_H_
