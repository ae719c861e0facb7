// SPDX-License-Identifier: MIT
//
// Joining any goes through the lists of departed threads and those of
// any-joiners, all under one lock (rank 2).  There are two of each: LWPs of
// _lwp_create(2), which both thr_join(3) and _lwp_wait(2) take, are kept apart
// from threads, which only the former takes.
//
// INV-JO1: a zombie and an any-joiner that takes such never wait for each
// other:
//   whoever comes second finds the first, under the departed lock.
// INV-JO2: when all counted threads wait in thr_join, somebody who waits for
// any
//   of them is told EDEADLK: each event that can close the circle (a joiner
//   more, a thread less) checks, after it has changed the census, whether
//   any-joiners are there; each any-joiner announces itself before it checks
//   the census.
// INV-JO4: nobody waits for any LWP when none is left but itself.  As INV-JO2,
//   with the count of LWPs in place of the census.

#include "thread/join_any.h"

#include <cerrno>
#include <new>

#include "base/list.h"
#include "sched/critical.h"
#include "sched/dispatch.h"
#include "thread/census.h"
#include "thread/join.h"

namespace lt {
namespace {

using Departed = List<Thread, &Thread::departed_next, &Thread::departed_prev>;
using Joiners = Fifo<Thread, &Thread::joiner_next>;

SpinLock g_departed_lock;  // rank 2
// By whether they are LWPs of _lwp_create(2).
Departed g_departed[2] ABSL_GUARDED_BY(g_departed_lock);
// By whether they take those only.
Joiners g_any_joiners[2] ABSL_GUARDED_BY(g_departed_lock);
// How many are in g_any_joiners or about to be; written under the lock.
std::atomic<int> g_any_waiting{0};
// LWPs that _lwp_wait(2) may take, those that have ended among them.
std::atomic<int> g_waitable{0};

Thread* PopDeparted(bool lwps) ABSL_EXCLUSIVE_LOCKS_REQUIRED(g_departed_lock) {
  Thread* thread = lwps ? nullptr : g_departed[false].PopFront();
  return thread != nullptr ? thread : g_departed[true].PopFront();
}

Thread* PopJoiner(bool lwp) ABSL_EXCLUSIVE_LOCKS_REQUIRED(g_departed_lock) {
  Thread* joiner = lwp ? g_any_joiners[true].PopFront() : nullptr;
  return joiner != nullptr ? joiner : g_any_joiners[false].PopFront();
}

// The joiner, which takes LWPs only, waits in vain.
bool NoneIsLeft(const Thread& joiner) {
  const int own = IsWaitable(joiner) ? 1 : 0;
  return g_waitable.load(std::memory_order_seq_cst) <= own;
}

void Release(Thread& joiner) ABSL_EXCLUSIVE_LOCKS_REQUIRED(g_departed_lock) {
  g_any_waiting.fetch_sub(1, std::memory_order_relaxed);
  g_census.EndJoin(CountedJoiner(joiner));
  Deliver(joiner, nullptr);
}

void ReleaseAll(Joiners& joiners)
    ABSL_EXCLUSIVE_LOCKS_REQUIRED(g_departed_lock) {
  while (Thread* joiner = joiners.PopFront()) Release(*joiner);
}

}  // namespace

void Deliver(Thread& joiner, Thread* joined) {
  joiner.joined = joined;
  if (&joiner != Current()) Ready(joiner);
}

int AwaitDelivery(Thread& self, SpinLock& lock) {
  self.wait_result = 0;
  if (!ParkUnlocking(self, lock)) {
    if (WithdrawJoiner(self)) self.wait_result = EINTR;
    AwaitReady(self, self.wait_result != EINTR);
  }
  return self.wait_result;
}

int JoinAny(Thread& self) {
  g_departed_lock.Lock();
  if (Thread* thread = PopDeparted(self.joins_lwps)) {
    thread->departed = false;
    g_departed_lock.Unlock();
    RegistryBucket& bucket = RegistryBucketOf(thread->id);
    bucket.lock.Lock();
    bucket.Remove(*thread);
    bucket.lock.Unlock();
    self.joined = thread;
    if (thread->raw_lwp) CountWaitable(-1);
    return 0;
  }
  // INV-JO3.
  self.joining_any.store(true, std::memory_order_seq_cst);
  if (IsInterrupted(self)) {
    g_departed_lock.Unlock();
    return EINTR;
  }
  // INV-JO2, INV-JO4: announced first, then checked.
  g_any_waiting.fetch_add(1, std::memory_order_seq_cst);
  if (!self.daemon) g_census.BeginJoin();
  if (g_census.AllJoin() || (self.joins_lwps && NoneIsLeft(self))) {
    if (!self.daemon) g_census.EndJoin();
    g_any_waiting.fetch_sub(1, std::memory_order_relaxed);
    g_departed_lock.Unlock();
    return EDEADLK;
  }
  g_any_joiners[self.joins_lwps].PushBack(&self);
  const int error = AwaitDelivery(self, g_departed_lock);
  return error == 0 && self.joined == nullptr ? EDEADLK : error;
}

bool TakeDeparted(Thread& thread) {
  SpinLockHolder hold(g_departed_lock);
  if (!thread.departed) return false;
  g_departed[thread.raw_lwp].Remove(&thread);
  thread.departed = false;
  return true;
}

void HandToAnyJoiner(Thread& thread, RegistryBucket& bucket) {
  const bool daemon = thread.daemon;
  const bool waitable = IsWaitable(thread);
  g_departed_lock.Lock();
  Thread* any = PopJoiner(thread.raw_lwp);
  if (any == nullptr) {
    g_departed[thread.raw_lwp].PushBack(&thread);
    thread.departed = true;
    g_departed_lock.Unlock();
    bucket.lock.Unlock();
    g_census.End(daemon, 0);
    return;
  }
  g_any_waiting.fetch_sub(1, std::memory_order_relaxed);
  bucket.Remove(thread);
  g_departed_lock.Unlock();
  bucket.lock.Unlock();
  g_census.End(daemon, CountedJoiner(*any));
  Deliver(*any, &thread);
  if (waitable) CountWaitable(-1);
}

bool WithdrawAnyJoiner(Thread& joiner) {
  SpinLockHolder hold(g_departed_lock);
  if (!g_any_joiners[joiner.joins_lwps].Remove(&joiner)) return false;
  g_any_waiting.fetch_sub(1, std::memory_order_relaxed);
  g_census.EndJoin(CountedJoiner(joiner));
  return true;
}

void NoteFewerThreads() {
  if (g_any_waiting.load(std::memory_order_seq_cst) == 0) return;
  SpinLockHolder hold(g_departed_lock);
  if (!g_census.AllJoin()) return;
  const bool no_lwp = g_departed[true].empty();
  if (no_lwp && g_departed[false].empty()) ReleaseAll(g_any_joiners[false]);
  if (no_lwp) ReleaseAll(g_any_joiners[true]);
}

void CountWaitable(int change) {
  g_waitable.fetch_add(change, std::memory_order_seq_cst);
  if (change > 0 || g_any_waiting.load(std::memory_order_seq_cst) == 0) return;
  SpinLockHolder hold(g_departed_lock);
  Joiners& joiners = g_any_joiners[true];
  Joiners others;
  while (Thread* joiner = joiners.PopFront()) {
    if (NoneIsLeft(*joiner)) {
      Release(*joiner);
    } else {
      others.PushBack(joiner);
    }
  }
  joiners = others;
}

void ForgetAnyJoins(const Thread& self) ABSL_NO_THREAD_SAFETY_ANALYSIS {
  new (&g_departed_lock) SpinLock();
  for (Departed& departed : g_departed) departed = {};
  for (Joiners& joiners : g_any_joiners) joiners = {};
  g_any_waiting.store(0, std::memory_order_relaxed);
  g_waitable.store(IsWaitable(self) ? 1 : 0, std::memory_order_relaxed);
}

}  // namespace lt
