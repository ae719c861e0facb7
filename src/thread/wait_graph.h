// SPDX-License-Identifier: MIT
//
// Who holds what and who waits for what, known when locks are watched; and the
// search for deadlocks in it.
//
// One lock (rank 2) guards the graph: a node for each thread that ever took a
// lock, what it holds, and the one thing that it waits for.
//
// INV-WG1: a hold that is noted is real: it is noted after the lock was taken,
//   and dropped before it is given free.
// INV-WG2: a thread whose wait is noted does not get on before what it waits
//   for is free, or it has it already.  The wait is noted before the thread
//   sleeps and ends after; in between a handler of a signal may run and never
//   return, so a wait counts only while no handler has run since it was noted.
//
// So a circle of threads, each waiting for what the next one holds, is a
// deadlock, not a picture out of date: by INV-WG1 nobody has what the next one
// holds.  And no deadlock is missed: each of its threads has noted what it
// holds before it waits, so whoever notes its wait last finds the circle.
//
// Two kinds of waiting need a closer look.  A reader that sleeps behind a
// queued writer waits for that writer too, which only the sleep queue tells:
// it is looked at under its own lock, and who went to sleep there searches once
// more (AfterSleep).  A joiner waits while Thread::joining says so and the
// other thread is not detached.
//
// Rejected: asking the objects for their owners.  They lie in memory of the
// program, which may have given it free or overwritten it.

#ifndef LIBTHREAD_THREAD_WAIT_GRAPH_H_
#define LIBTHREAD_THREAD_WAIT_GRAPH_H_

#include <cstdint>

#include "arch/backtrace.h"
#include "base/spinlock.h"
#include "base/watch.h"
#include "sched/thread.h"

namespace lt {

enum class WaitKind : unsigned char {
  kNone,
  kMutex,
  kRead,
  kWrite,
  kCond,
  kSema,
  kJoin,
};

// How an object is held.
struct HoldKind {
  enum Way : unsigned char { kMutex, kReader, kWriter } way;
  bool robust = false;  // the holder may die
  bool shared = false;  // between processes
  bool operator==(const HoldKind&) const = default;
};

struct WaitNote {
  WaitKind kind = WaitKind::kNone;
  const char* function = nullptr;  // of the library, that waits
  const void* object = nullptr;    // null: of thr_join
  // Where the object says who its one owner is, if it does: a hold of which it
  // says otherwise is left over from another object at this address.
  const std::atomic<OwnerTag>* owner = nullptr;
  uint32_t id = 0;  // of thr_join, 0: any
};

// The caller is about to wait.  Reports the deadlock that it closes, if any.
// Only when mistakes are watched; else nothing is noted.
void BeginWait(Thread& self, const WaitNote& wait);
// The wait was interrupted, and goes on: handlers may have run.
void WaitAgain(Thread& self, const WaitNote& wait);
void EndWait(Thread& self);

// For AfterSleep of who waits in the queue of a rwlock.
void SearchAfterSleep(void* thread);

// The caller, whose wait is noted, has announced to `target` that it joins it.
// True: that closes a circle that was not reported yet.  Takes locks of rank 2.
bool JoinClosesCircle(Thread& self, Thread& target);

// The caller has taken the object `times` more.
void NoteHold(Thread& self, const void* object, HoldKind kind, uint32_t times);

// What a dropped hold was.
struct Dropped {
  uint32_t times = 0;    // it was held; 0: nobody is known to have held it
  int64_t since_ns = 0;  // taken then; 0 unless that is the end of it
};
// The caller, or, with `holder` null, whoever it is, is about to give the
// object free once, or as often as it is held.
Dropped EndHold(const Thread* holder, const void* object, bool all);

// Who holds it in another way than for reading: an id, or 0.
uint32_t HolderOf(const void* object);
// There is a new object at this address, held by nobody.
void ForgetHolds(const void* object);

// The end of a thread: reports what it still holds, and forgets it.
void EndWatched(Thread& self);

// Over a fork: the child keeps what `self` holds.
void LockWaitGraph();
void UnlockWaitGraph();
void ForgetOtherWaits(Thread& self);

// ---- For reports (wait_report.h) ----

struct WaitView {
  uint32_t id;  // of the thread
  Kind kind;
  WaitNote wait;
  uint32_t next_id;  // who holds what it waits for
  bool behind;       // ... or waits before it for writing
  Backtrace backtrace;
};

// What `thread` waits for; false when it does not, or has another id by now.
bool LookAtWait(const Thread& thread, uint32_t id, WaitView& view);

// Collects the circle that the wait of `thread` closes, beginning with it, and
// returns its length, of which `room` entries were written; 0: none that was
// not collected before.
int TakeCircle(Thread& thread, WaitView* views, int room);
// The same for circles that were, too: each is found once in a round.
void BeginRound();
int TakeCircleOfRound(Thread& thread, WaitView* views, int room);

}  // namespace lt

#endif  // LIBTHREAD_THREAD_WAIT_GRAPH_H_
