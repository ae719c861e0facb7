// SPDX-License-Identifier: MIT
//
// Joining by id is a matter between the two threads, under the lock of the
// target's registry bucket.  Joining any goes through the departed list and the
// list of any-joiners, both under one lock (rank 2).
//
// INV-JO1: a zombie and an any-joiner never wait for each other: whoever comes
//   second finds the first, under the departed lock.
// INV-JO2: when all counted threads wait in thr_join, somebody who waits for
// any
//   of them is told EDEADLK: each event that can close the circle (a joiner
//   more, a thread less) checks, after it has changed the census, whether
//   any-joiners are there; each any-joiner announces itself before it checks
//   the census.

#include "thread/join.h"

#include <pthread.h>

#include <cerrno>

#include "base/list.h"
#include "sched/dispatch.h"
#include "thread/cache.h"
#include "thread/census.h"
#include "thread/life.h"

namespace lt {
namespace {

constexpr uint32_t kMainId = 1;

SpinLock g_departed_lock;  // rank 2
List<Thread, &Thread::departed_next, &Thread::departed_prev> g_departed
    ABSL_GUARDED_BY(g_departed_lock);
Fifo<Thread, &Thread::joiner_next> g_any_joiners
    ABSL_GUARDED_BY(g_departed_lock);
// How many are in g_any_joiners or about to be; written under the lock.
std::atomic<int> g_any_waiting{0};

// Serialises threads that believe to have found a circle of joins.
SpinLock g_circle_lock;

int CountedJoiner(const Thread& joiner) {
  return joiner.daemon ? 0 : 1;
}

// Takes a thread out of the registry for good and gives its memory back.
void Collect(Thread& thread, uint32_t* departed, void** status) {
  if (departed != nullptr) *departed = thread.id;
  if (status != nullptr) *status = thread.status;
  if (thread.id == kMainId) return;
  if (thread.kind == Kind::kBound) pthread_join(thread.pthread, nullptr);
  ReturnThread(thread);
}

// Wakes a joiner with its result; the one that runs already needs no waking.
void Deliver(Thread& joiner, Thread* joined) {
  joiner.joined = joined;
  if (&joiner != Current()) Ready(joiner);
}

// True when following who joins whom from `target` leads back to `self`.
bool ClosesCircle(const Thread& self, const Thread& target) {
  const Thread* thread = &target;
  // Bounded: circles that do not contain `self` are somebody else's.
  for (int steps = 0; thread != nullptr && steps < 10'000; ++steps) {
    if (thread == &self) return true;
    thread = thread->joining.load(std::memory_order_seq_cst);
  }
  return false;
}

// Notes that `self` joins `target`, unless that closes a circle.  Of several
// threads that close one at the same time, one at least is told.
bool BeginJoining(Thread& self, Thread& target) {
  // Sequentially consistent: of two that join each other, one sees the other.
  self.joining.store(&target, std::memory_order_seq_cst);
  if (!ClosesCircle(self, target)) return true;
  SpinLockHolder hold(g_circle_lock);
  if (!ClosesCircle(self, target)) return true;
  self.joining.store(nullptr, std::memory_order_seq_cst);
  return false;
}

void ReleaseAnyJoiners() ABSL_EXCLUSIVE_LOCKS_REQUIRED(g_departed_lock) {
  while (Thread* joiner = g_any_joiners.PopFront()) {
    g_any_waiting.fetch_sub(1, std::memory_order_relaxed);
    g_census.EndJoin(CountedJoiner(*joiner));
    Deliver(*joiner, nullptr);
  }
}

int JoinAny(Thread& self, uint32_t* departed, void** status) {
  g_departed_lock.Lock();
  if (Thread* thread = g_departed.PopFront()) {
    thread->departed = false;
    g_departed_lock.Unlock();
    RegistryBucket& bucket = RegistryBucketOf(thread->id);
    bucket.lock.Lock();
    bucket.Remove(*thread);
    bucket.lock.Unlock();
    Collect(*thread, departed, status);
    return 0;
  }
  // INV-JO2: announced first, then checked.
  g_any_waiting.fetch_add(1, std::memory_order_seq_cst);
  if (!self.daemon) g_census.BeginJoin();
  if (g_census.AllJoin()) {
    if (!self.daemon) g_census.EndJoin();
    g_any_waiting.fetch_sub(1, std::memory_order_relaxed);
    g_departed_lock.Unlock();
    return EDEADLK;
  }
  g_any_joiners.PushBack(&self);
  ParkUnlocking(self, g_departed_lock);
  if (self.joined == nullptr) return EDEADLK;
  Collect(*self.joined, departed, status);
  return 0;
}

// The bucket is locked, the thread is a zombie: true when it is ours now.
bool TakeZombie(Thread& thread, RegistryBucket& bucket)
    ABSL_EXCLUSIVE_LOCKS_REQUIRED(bucket.lock) {
  {
    SpinLockHolder hold(g_departed_lock);
    if (!thread.departed) return false;  // an any-joiner has it
    g_departed.Remove(&thread);
    thread.departed = false;
  }
  bucket.Remove(thread);
  return true;
}

}  // namespace

void HandToJoiner(Thread& thread, RegistryBucket& bucket) {
  const bool daemon = thread.daemon;
  if (Thread* first = thread.joiner; first != nullptr) {
    bucket.Remove(thread);
    bucket.lock.Unlock();
    int released = 0;
    for (Thread* joiner = first; joiner != nullptr;
         joiner = joiner->joiner_next) {
      released += CountedJoiner(*joiner);
    }
    // Before any of them runs and, perhaps, waits again: INV-CE1.
    g_census.End(daemon, released);
    // The first gets it, the others learn that it is gone.
    Thread* joined = &thread;
    for (Thread* joiner = first; joiner != nullptr; joined = nullptr) {
      Thread* next = joiner->joiner_next;
      joiner->joining.store(nullptr, std::memory_order_seq_cst);
      Deliver(*joiner, joined);
      joiner = next;
    }
    return;
  }
  g_departed_lock.Lock();
  Thread* any = g_any_joiners.PopFront();
  if (any == nullptr) {
    g_departed.PushBack(&thread);
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
}

void NoteFewerThreads() {
  if (g_any_waiting.load(std::memory_order_seq_cst) == 0) return;
  SpinLockHolder hold(g_departed_lock);
  if (g_departed.empty() && g_census.AllJoin()) ReleaseAnyJoiners();
}

int JoinThread(Thread& self, uint32_t id, uint32_t* departed, void** status) {
  if (id == 0) return JoinAny(self, departed, status);
  if (id == self.id) return EDEADLK;
  RegistryBucket& bucket = RegistryBucketOf(id);
  bucket.lock.Lock();
  Thread* thread = bucket.Find(id);
  if (thread == nullptr || thread->detached) {
    bucket.lock.Unlock();
    return ESRCH;
  }
  if (thread->state.load(std::memory_order_relaxed) == State::kZombie) {
    const bool taken = TakeZombie(*thread, bucket);
    bucket.lock.Unlock();
    if (!taken) return ESRCH;
    Collect(*thread, departed, status);
    return 0;
  }
  if (!BeginJoining(self, *thread)) {
    bucket.lock.Unlock();
    return EDEADLK;
  }
  self.joiner_next = nullptr;
  Thread** link = &thread->joiner;
  while (*link != nullptr) link = &(*link)->joiner_next;
  *link = &self;
  if (!self.daemon) g_census.BeginJoin();
  NoteFewerThreads();  // a joiner more
  ParkUnlocking(self, bucket.lock);
  if (self.joined == nullptr) return ESRCH;
  Collect(*self.joined, departed, status);
  return 0;
}

}  // namespace lt
