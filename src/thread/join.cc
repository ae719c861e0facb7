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

// INV-JO3: a joiner with a request that ends waits does not begin to wait.  It
//   announces its wait (`joining`, `joining_any`), then looks at its requests;
//   who makes a request looks afterwards whether a wait is announced.

#include "thread/join.h"

#include <pthread.h>

#include <cerrno>
#include <new>

#include "base/list.h"
#include "base/own_call.h"
#include "sched/critical.h"
#include "sched/dispatch.h"
#include "sched/sleepq.h"
#include "thread/cache.h"
#include "thread/cancel.h"
#include "thread/census.h"
#include "thread/fork.h"
#include "thread/life.h"
#include "thread/wait_graph.h"
#include "thread/wait_report.h"

namespace lt {
namespace {

constexpr uint32_t kMainId = 1;
constexpr int kDeadlock = -1;  // not an error: to be reported before the wait

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
  if (thread.id != kMainId && thread.kind == Kind::kForeign) {
    // How it ended, the C library knows.
    OwnCall(pthread_join, thread.pthread, &thread.status);
  } else if (thread.id != kMainId && thread.kind == Kind::kBound) {
    OwnCall(pthread_join, thread.pthread, nullptr);
  }
  if (status != nullptr) *status = thread.status;
  if (thread.id == kMainId) return;
  ReturnThread(thread);
}

// Wakes a joiner with its result; the one that runs already needs no waking.
void Deliver(Thread& joiner, Thread* joined) {
  joiner.joined = joined;
  if (&joiner != Current()) Ready(joiner);
}

int CountedJoiners(const Thread* first) {
  int count = 0;
  for (const Thread* joiner = first; joiner != nullptr;
       joiner = joiner->joiner_next) {
    count += CountedJoiner(*joiner);
  }
  return count;
}

// The first gets `joined`, the others learn that it is gone.
void DeliverToAll(Thread* first, Thread* joined) {
  for (Thread* joiner = first; joiner != nullptr; joined = nullptr) {
    Thread* next = joiner->joiner_next;
    joiner->joining.store(nullptr, std::memory_order_seq_cst);
    Deliver(*joiner, joined);
    joiner = next;
  }
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

// Waits in a list of joiners that `lock` guards.  0 when it was taken from
// there, with the result in self.joined; EINTR: it has a request to attend to.
int AwaitDelivery(Thread& self, SpinLock& lock) ABSL_UNLOCK_FUNCTION(lock) {
  self.wait_result = 0;
  if (!ParkUnlocking(self, lock)) {
    if (WithdrawJoiner(self)) self.wait_result = EINTR;
    AwaitReady(self, self.wait_result != EINTR);
  }
  return self.wait_result;
}

int JoinAny(Thread& self) {
  g_departed_lock.Lock();
  if (Thread* thread = g_departed.PopFront()) {
    thread->departed = false;
    g_departed_lock.Unlock();
    RegistryBucket& bucket = RegistryBucketOf(thread->id);
    bucket.lock.Lock();
    bucket.Remove(*thread);
    bucket.lock.Unlock();
    self.joined = thread;
    return 0;
  }
  // INV-JO3.
  self.joining_any.store(true, std::memory_order_seq_cst);
  if (IsInterrupted(self)) {
    g_departed_lock.Unlock();
    return EINTR;
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
  const int error = AwaitDelivery(self, g_departed_lock);
  return error == 0 && self.joined == nullptr ? EDEADLK : error;
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
    thread.joiner = nullptr;  // from now on nobody withdraws
    bucket.Remove(thread);
    bucket.lock.Unlock();
    // Before any of them runs and, perhaps, waits again: INV-CE1.
    g_census.End(daemon, CountedJoiners(first));
    DeliverToAll(first, &thread);
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

void ForgetJoins() ABSL_NO_THREAD_SAFETY_ANALYSIS {
  new (&g_departed_lock) SpinLock();
  new (&g_circle_lock) SpinLock();
  g_departed = {};
  g_any_joiners = {};
  g_any_waiting.store(0, std::memory_order_relaxed);
}

bool WithdrawJoiner(Thread& joiner) {
  if (joiner.joining_any.load(std::memory_order_seq_cst)) {
    SpinLockHolder hold(g_departed_lock);
    if (!g_any_joiners.Remove(&joiner)) return false;
    g_any_waiting.fetch_sub(1, std::memory_order_relaxed);
    g_census.EndJoin(CountedJoiner(joiner));
    return true;
  }
  Thread* target = joiner.joining.load(std::memory_order_seq_cst);
  if (target == nullptr) return false;
  const uint32_t id = joiner.joining_id.load(std::memory_order_relaxed);
  RegistryBucket& bucket = RegistryBucketOf(id);
  SpinLockHolder hold(bucket.lock);
  if (bucket.Find(id) != target) return false;
  Thread** link = &target->joiner;
  while (*link != nullptr && *link != &joiner) link = &(*link)->joiner_next;
  if (*link == nullptr) return false;
  *link = joiner.joiner_next;
  joiner.joining.store(nullptr, std::memory_order_seq_cst);
  g_census.EndJoin(CountedJoiner(joiner));
  return true;
}

namespace {

int JoinById(Thread& self, uint32_t id) {
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
    self.joined = thread;
    return taken ? 0 : ESRCH;
  }
  self.joining_id.store(id, std::memory_order_relaxed);
  int error = BeginJoining(self, *thread) ? 0 : EDEADLK;
  if (error == 0 && IsInterrupted(self)) error = EINTR;  // INV-JO3
  if (error == 0 && g_watch != 0 && JoinClosesCircle(self, *thread)) {
    error = kDeadlock;
  }
  if (error != 0) {
    self.joining.store(nullptr, std::memory_order_seq_cst);
    bucket.lock.Unlock();
    return error;
  }
  self.joiner_next = nullptr;
  Thread** link = &thread->joiner;
  while (*link != nullptr) link = &(*link)->joiner_next;
  *link = &self;
  if (!self.daemon) g_census.BeginJoin();
  NoteFewerThreads();  // a joiner more
  error = AwaitDelivery(self, bucket.lock);
  return error == 0 && self.joined == nullptr ? ESRCH : error;
}

}  // namespace

int JoinThread(Thread& self, uint32_t id, uint32_t* departed, void** status) {
  if (id == self.id) return EDEADLK;
  const WaitNote wait{WaitKind::kJoin, "thr_join", nullptr, nullptr, id};
  if (g_watch != 0) BeginWait(self, wait);
  Critical critical(self);
  for (;;) {
    const int error = id == 0 ? JoinAny(self) : JoinById(self, id);
    if (id == 0) self.joining_any.store(false, std::memory_order_relaxed);
    if (error == 0) Collect(*self.joined, departed, status);
    if (error != EINTR && error != kDeadlock) {
      if (g_watch != 0) EndWait(self);
      return error;
    }
    LeaveCritical(self);  // handlers of signals run here
    TestCancel(self);
    if (g_watch != 0) {
      if (error == kDeadlock) ReportDeadlock(self);
      WaitAgain(self, wait);
    }
    EnterCritical(self);
  }
}

void WakeTimedJoiners(Thread& thread) {
  SleepBucket& bucket = BucketOf(&thread.timed_joiners);
  bucket.lock.Lock();
  WakeAll(bucket, &thread.timed_joiners);
}

int JoinThreadUntil(Thread& self, uint32_t id, Deadline deadline,
                    void** status) {
  if (id == self.id) return EDEADLK;
  for (;;) {
    Critical critical(self);
    RegistryBucket& registry = RegistryBucketOf(id);
    registry.lock.Lock();
    Thread* thread = registry.Find(id);
    int error = 0;
    if (thread == nullptr || thread->detached) {
      error = ESRCH;
    } else if (thread->state.load(std::memory_order_relaxed) ==
               State::kZombie) {
      registry.lock.Unlock();
      return JoinThread(self, id, nullptr, status);  // does not wait any more
    } else if (deadline.Passed()) {
      error = ETIMEDOUT;
    } else if (CancelDue(self)) {
      error = EINTR;
    }
    if (error != 0) {
      registry.lock.Unlock();
      return error;
    }
    thread->timed_joiners = true;
    SleepBucket& bucket = AnnounceSleep(self, &thread->timed_joiners);
    bucket.lock.Lock();
    registry.lock.Unlock();
    // Whatever ends the wait, the thread's state is looked at again.
    static_cast<void>(
        SleepOn(self, bucket, &thread->timed_joiners, WaitKey(self), deadline));
  }
}

int DetachThread(Thread& self, uint32_t id) {
  Critical critical(self);
  RegistryBucket& bucket = RegistryBucketOf(id);
  bucket.lock.Lock();
  Thread* thread = bucket.Find(id);
  if (thread == nullptr || thread->detached) {
    bucket.lock.Unlock();
    return thread == nullptr ? ESRCH : EINVAL;
  }
  if (thread->state.load(std::memory_order_relaxed) == State::kZombie) {
    const bool taken = TakeZombie(*thread, bucket);
    bucket.lock.Unlock();
    if (taken) Collect(*thread, nullptr, nullptr);
    return taken ? 0 : ESRCH;
  }
  thread->detached = true;
  Thread* first = thread->joiner;
  thread->joiner = nullptr;  // from now on nobody withdraws
  if (thread->timed_joiners) WakeTimedJoiners(*thread);
  bucket.lock.Unlock();
  g_census.EndJoin(CountedJoiners(first));
  DeliverToAll(first, nullptr);
  return 0;
}

}  // namespace lt
