// SPDX-License-Identifier: MIT
//
// Mutators: threads that a garbage collector stops all at once.  A reason to be
// stopped that is independent of thr_suspend(3).

#ifndef LIBTHREAD_THREAD_MUTATOR_H_
#define LIBTHREAD_THREAD_MUTATOR_H_

#include <cstdint>

#include "sched/thread.h"

namespace lt {

// `id` 0 is the caller.  ESRCH; EINVAL as said at each.

// EINVAL: another thread that runs is to become one.  Waits while the barrier
// is up.
[[nodiscard]] int SetMutator(Thread& self, uint32_t id, bool enabled);
// Raises it, as soon as it is down, or lowers it.
void SetMutatorBarrier(Thread& self, bool raised);
// All but the caller.  EINVAL: it is done already, or not done.
[[nodiscard]] int SuspendMutators(Thread& self);
[[nodiscard]] int ContinueMutators(Thread& self);
// EINVAL: no mutator.
[[nodiscard]] int SuspendMutator(Thread& self, uint32_t id);
[[nodiscard]] int ContinueMutator(Thread& self, uint32_t id);
// Waits until it is suspended as a mutator; EWOULDBLOCK instead if `dont_wait`.
[[nodiscard]] int WaitMutator(Thread& self, uint32_t id, bool dont_wait);

}  // namespace lt

#endif  // LIBTHREAD_THREAD_MUTATOR_H_
