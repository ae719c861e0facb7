// SPDX-License-Identifier: MIT
//
// Deadlines of sleeping unbound threads: a pairing heap through the threads
// themselves, so that a timed wait never allocates.  The watcher takes from it
// what is due.  (Bound and foreign threads time out in their own futex.)
//
// Arm and Cancel are called by the thread that sleeps or has slept; a timer
// fires at most once for each Arm.  One lock (rank 4) guards the heap.

#ifndef LIBTHREAD_SCHED_TIMER_H_
#define LIBTHREAD_SCHED_TIMER_H_

#include <cstdint>

#include "base/clock.h"

namespace lt {

struct Thread;

struct Timer {
  int64_t due_ns = 0;
  uint32_t wait_count = 0;  // Thread::wait_count of the wait it is for
  bool armed = false;
  Timer* child = nullptr;
  Timer* next = nullptr;  // sibling
  Timer* prev = nullptr;  // elder sibling, or the parent of the first child
};

// Puts the timer of `thread` into the heap.  True when it is now the earliest,
// which the watcher must be told.
bool ArmTimer(Thread& thread, Deadline deadline);

// Takes it out if it is still there.
void CancelTimer(Thread& thread);

// Takes the earliest timer that is due.  Returns its thread and the number of
// the wait, or null and when the next one is due.
Thread* TakeDueTimer(int64_t now_ns, uint32_t& wait_count, Deadline& next);

}  // namespace lt

#endif  // LIBTHREAD_SCHED_TIMER_H_
