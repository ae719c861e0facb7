// SPDX-License-Identifier: MIT
//
// Effective priorities: what holding a mutex of a priority protocol does to
// that of a thread.
//
// A thread has an assigned priority (thr_setprio) and an effective one
// (Thread::priority), which orders run queues and sleep queues.  The effective
// one is the largest of
//   - the assigned one,
//   - the ceilings of the LOCK_PRIO_PROTECT mutexes that it holds,
//   - the effective priorities of its donors.
// A thread that waits for a LOCK_PRIO_INHERIT mutex is a donor of the mutex's
// owner, its donee; that one may wait itself, and so on.  Of all that wait for
// one mutex only a first one need be a donor, so a thread has as many donors as
// it holds mutexes that others wait for, and no table is needed of those that
// it holds.
//
// Kernel threads (bound and foreign threads) have a place in the kernel's
// scheduling besides.  A waiter of the real-time class ranks above all library
// priorities; it gives its policy and priority to the kernel thread of its
// donee, or the highest library priority if the donee is unbound.  What the
// kernel does not permit is left undone.
//
// One lock guards all of it (rank 2).  These mutexes are rare.
//
// INV-PR1: Thread::priority is the maximum above whenever the lock is free.
// INV-PR2: protocol_wait is set while a thread sleeps on that address for a
//   mutex of a protocol.  It is cleared, under the lock, by who hands the mutex
//   over, or by the waiter after another end of its sleep: then it may still be
//   set while the thread is in no queue.
// INV-PR3: if threads sleep for a mutex that passes priorities on, and its
//   owner lives, exactly one thread with that protocol_wait is among the
//   owner's donors.  It ranks no lower than any of the sleepers; it is one of
//   them, or has left the queue and not yet cleared its protocol_wait.
// INV-PR4: no thread of priority above 0 is in a local run queue once the lock
//   is free.  Kept by Requeue(), see dispatch.h.

#ifndef LIBTHREAD_SCHED_INHERIT_H_
#define LIBTHREAD_SCHED_INHERIT_H_

#include "base/spinlock.h"
#include "sched/thread.h"

namespace lt {

extern SpinLock g_priority_lock;  // rank 2

// Threads with a protocol_epoch.  Relaxed: whoever must see one of them holds
// the lock, or waits for a mutex that it holds.
extern std::atomic<int> g_protocol_threads;

// Held ceilings of one thread: how many of each.
struct Ceilings {
  uint32_t count[kPriorities];
  uint64_t held[kPriorities / 64];  // bit n: count[n] != 0
};

// Of a thread that nobody else knows yet.
void InitPriority(Thread& thread, int priority);
// What a thread begins with that the caller makes: its own assigned priority,
// or the ceiling of a mutex that it holds.
int PriorityForNew(Thread& self);

inline int AssignedPriority(const Thread& thread) {
  return thread.assigned.load(std::memory_order_relaxed);
}
// thr_setprio.  EPERM: the thread holds a mutex with a lower ceiling.
[[nodiscard]] int AssignPriority(Thread& thread, int priority);

// The thread is about to lock a mutex of a protocol.
void NoteProtocol(Thread& self);
// The thread ends.  What it holds stays locked and passes on nothing any more.
void EndProtocols(Thread& self);
// In the child of a fork, whose only thread is `self`.
void ForgetProtocols(Thread& self);

// All further functions are called in a critical section.

// The living thread behind a mutex's owner tag, or null.
Thread* LivingOwner(OwnerTag tag)
    ABSL_EXCLUSIVE_LOCKS_REQUIRED(g_priority_lock);

// The caller is about to sleep on `address`.  `owner`: whom it lends its
// priority meanwhile; null: the mutex does not pass priorities on.
void BeginProtocolWait(Thread& self, const void* address,
                       const std::atomic<OwnerTag>* owner)
    ABSL_EXCLUSIVE_LOCKS_REQUIRED(g_priority_lock);
// The order of sleepers, after that.
int ProtocolWaitKey(const Thread& self)
    ABSL_EXCLUSIVE_LOCKS_REQUIRED(g_priority_lock);
// Its sleep ended and nobody has handed the mutex to it.
void EndProtocolWait(Thread& self)
    ABSL_EXCLUSIVE_LOCKS_REQUIRED(g_priority_lock);

struct Heir {
  Thread* thread;  // null: nobody sleeps
  bool more;       // others sleep behind it
};
// Takes the first sleeper on `address` out of its queue, for it to own the
// mutex, and makes the next one its donor instead of `from`'s (null: an owner
// that lives no more).  The caller updates both, and makes the heir runnable
// after it has released the lock.
Heir TakeHeir(Thread* from, const void* address)
    ABSL_EXCLUSIVE_LOCKS_REQUIRED(g_priority_lock);

// Restores INV-PR1 for the thread and all whom it lends its priority.
void UpdatePriority(Thread& thread)
    ABSL_EXCLUSIVE_LOCKS_REQUIRED(g_priority_lock);

// Room for ceilings, once for a life; outside of critical sections.  False: no
// memory.
[[nodiscard]] bool ReserveCeilings(Thread& self);
// 0 if the caller may take a mutex with that ceiling; EINVAL when its priority
// is higher; EPERM when it is of the real-time class and the kernel does not
// let it rise to the ceiling.  It has risen then; UpdatePriority() takes that
// back if the mutex is not taken.
[[nodiscard]] int MayTakeCeiling(Thread& self, int ceiling)
    ABSL_EXCLUSIVE_LOCKS_REQUIRED(g_priority_lock);
void AddCeiling(Thread& thread, int ceiling)
    ABSL_EXCLUSIVE_LOCKS_REQUIRED(g_priority_lock);
void DropCeiling(Thread& thread, int ceiling)
    ABSL_EXCLUSIVE_LOCKS_REQUIRED(g_priority_lock);

}  // namespace lt

#endif  // LIBTHREAD_SCHED_INHERIT_H_
