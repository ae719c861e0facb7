// SPDX-License-Identifier: MIT
//
// Dispatch: which thread runs next on an LWP, and how one leaves it.
//
// There is no trip through an idle context: the thread that leaves picks its
// successor and jumps to it.  Order of the search: threads of a priority above
// 0 (shared queue), the thread made ready last, the LWP's ring, the shared
// queue, half of somebody's ring.  The "last" slot is passed over after 16
// times in a row, so that two threads that wake each other cannot starve the
// ring; the shared queue is looked at first every 61st time.
//
// All of this but Yield() and Preempt() is called in a critical section.
//
// A thread gives way to one of higher priority that has become runnable, and,
// when its time slice is over, to any that waits: at its next safe point it
// calls Preempt().  One whose slice is over goes to the shared queue, where an
// LWP that the pool makes because all others are blocked finds it first:
// perhaps they wait for a lock that it holds.

#ifndef LIBTHREAD_SCHED_DISPATCH_H_
#define LIBTHREAD_SCHED_DISPATCH_H_

#include "sched/switch.h"
#include "sched/thread.h"

namespace lt {

// Makes a thread runnable that sleeps, is stopped or was just built.  The
// caller has taken it out of whatever held it.  Never blocks; may wake an LWP.
void Ready(Thread& thread);

// Gives the LWP to a runnable thread of equal or higher priority, if there is
// one.  A bound thread asks the kernel for the same.
void Yield(Thread& self);

// Gives way to a thread that waits, if the caller is to; at a safe point, not
// in a critical section.
void Preempt(Thread& self);

// From now on the caller, if it is an unbound thread, keeps its LWP where it
// would give way: until AllowPreempt(), which makes up for it, or until it has
// done so for kReprieveNs.  The watcher keeps asking meanwhile.
inline constexpr int64_t kReprieveNs = 10'000'000;
void DeferPreempt(Thread& self);
void AllowPreempt(Thread& self);

// After the priority of a thread that runs, or of one that waits, has changed.
void PreemptForPriority();

// After the priority of an unbound thread has changed from `before`: puts it
// where it now belongs, if it is runnable.  Under the lock of inherit.h.
void Requeue(Thread& thread, int before);

// Leaves the LWP, for threads of every kind.  What publishes `self` is that
// `lock`, which is held, gets unlocked.  Blocks a bound or foreign thread's
// LWP. True when it was made ready.  False, for threads that keep their LWP: it
// has a request to attend to, and is still where others find it; AwaitReady()
// then ends the wait, if somebody is making it ready just now.
bool ParkUnlocking(Thread& self, SpinLock& lock) ABSL_UNLOCK_FUNCTION(lock);
void AwaitReady(Thread& self, bool ready_comes);

// Leaves the LWP for good; `successor` runs next, or null for whoever is due.
[[noreturn]] void Leave(Thread& self, Thread* successor, Departure& departure);

// The next thread for `lwp`, claimed, or null.  `help`: also takes what other
// LWPs keep for themselves, because they do not get on.
Thread* PickNext(PoolLwp& lwp, bool help);

// The context of an LWP that looks for work.  It runs with the mask that the
// LWP has: only when it goes to sleep all signals are blocked (pool.cc).
inline Thread* IdleOf(PoolLwp& lwp) {
  lwp.idle->sigmask.store(lwp.mask, std::memory_order_relaxed);
  return lwp.idle;
}

// Leaves the LWP.  `departure.finish` publishes `self`; returns when somebody
// called Ready(self) after that.  Only for threads of the pool.  Inline: each
// frame between a sleeper's code and its saved context is a cache line to fetch
// when it runs again.
inline void Park(Thread& self, Departure& departure) {
  PoolLwp& lwp = *self.lwp;
  ++lwp.parks;
  Thread* next = PickNext(lwp, false);
  if (next == nullptr) next = IdleOf(lwp);
  SwitchTo(self, *next, departure);
}

inline bool InPool(const Thread& thread) {
  return thread.kind == Kind::kUnbound;
}

}  // namespace lt

#endif  // LIBTHREAD_SCHED_DISPATCH_H_
