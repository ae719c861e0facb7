// SPDX-License-Identifier: MIT
//
// Ids and the threads that have them: 1 is main, then 2, 3, 4 ...; a number is
// used again only after all up to INT_MAX were.  A hash of buckets by id, each
// with a lock (rank 1) that also guards the join state and the name of its
// threads.

#ifndef LIBTHREAD_THREAD_REGISTRY_H_
#define LIBTHREAD_THREAD_REGISTRY_H_

#include <cstdint>

#include "base/spinlock.h"
#include "sched/thread.h"

namespace lt {

struct RegistryBucket {
  SpinLock lock;
  Thread* first ABSL_GUARDED_BY(lock);

  Thread* Find(uint32_t id) ABSL_EXCLUSIVE_LOCKS_REQUIRED(lock) {
    Thread* thread = first;
    while (thread != nullptr && thread->id != id)
      thread = thread->registry_next;
    return thread;
  }
  void Remove(Thread& thread) ABSL_EXCLUSIVE_LOCKS_REQUIRED(lock);
};

// Before all else here.  ENOMEM when there is no memory.
[[nodiscard]] int StartRegistry();

RegistryBucket& RegistryBucketOf(uint32_t id);

// Gives the thread the next id and makes it known.
void Register(Thread& thread);

// Takes the next id that is not below `least`, which is at most INT_MAX: no
// other thread gets it, unless by TryRegister().  After all up to INT_MAX some
// thread may have it still, and the next may be below.
uint32_t ReserveId(uint32_t least);
// Makes the thread known by that id; false when another one has it.
[[nodiscard]] bool TryRegister(Thread& thread, uint32_t id);
void Unregister(Thread& thread);
void RegisterMain(Thread& thread);

// In the child of a fork: there is only `self`, with the id that it has.
void ForgetOtherIds(Thread& self);

// Threads that got an id so far, main included.
uint64_t ThreadsMade();

}  // namespace lt

#endif  // LIBTHREAD_THREAD_REGISTRY_H_
