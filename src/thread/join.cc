// SPDX-License-Identifier: MIT
//
// Joining by id is a matter between the two threads, under the lock of the
// target's registry bucket.  Joining any is in join_any.cc.
//
// INV-JO3: a joiner with a request that ends waits does not begin to wait.  It
//   announces its wait (`joining`, `joining_any`), then looks at its requests;
//   who makes a request looks afterwards whether a wait is announced.
//
// _lwp_wait(2) is a join that only takes LWPs of _lwp_create(2), whose ids are
// their numbers (Thread::joins_lwps).  It differs in two errors: EINVAL for
// what cannot be waited for, and EINTR when a handler has run.

#include "thread/join.h"

#include <pthread.h>

#include <cerrno>
#include <new>

#include "base/own_call.h"
#include "sched/critical.h"
#include "sched/dispatch.h"
#include "sched/sleepq.h"
#include "thread/cache.h"
#include "thread/cancel.h"
#include "thread/census.h"
#include "thread/fork.h"
#include "thread/join_any.h"
#include "thread/life.h"
#include "thread/lwps.h"
#include "thread/wait_graph.h"
#include "thread/wait_report.h"

namespace lt {
namespace {

constexpr uint32_t kMainId = 1;
constexpr int kDeadlock = -1;  // not an error: to be reported before the wait

// Serialises threads that believe to have found a circle of joins.
SpinLock g_circle_lock;

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

// The bucket is locked, the thread is a zombie: true when it is ours now.
bool TakeZombie(Thread& thread, RegistryBucket& bucket)
    ABSL_EXCLUSIVE_LOCKS_REQUIRED(bucket.lock) {
  if (!TakeDeparted(thread)) return false;  // an any-joiner has it
  bucket.Remove(thread);
  return true;
}

// A thread that can be waited for as a LWP can not be any more.
void NoteTaken(bool waitable) {
  if (waitable) CountWaitable(-1);
}

}  // namespace

void HandToJoiner(Thread& thread, RegistryBucket& bucket) {
  const bool daemon = thread.daemon;
  const bool waitable = IsWaitable(thread);
  Thread* first = thread.joiner;
  if (first == nullptr) {
    HandToAnyJoiner(thread, bucket);
    return;
  }
  thread.joiner = nullptr;  // from now on nobody withdraws
  bucket.Remove(thread);
  bucket.lock.Unlock();
  // Before any of them runs and, perhaps, waits again: INV-CE1.
  g_census.End(daemon, CountedJoiners(first));
  DeliverToAll(first, &thread);
  NoteTaken(waitable);
}

void ForgetJoins(const Thread& self) {
  new (&g_circle_lock) SpinLock();
  ForgetAnyJoins(self);
}

bool WithdrawJoiner(Thread& joiner) {
  if (joiner.joining_any.load(std::memory_order_seq_cst)) {
    return WithdrawAnyJoiner(joiner);
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

// Why nobody can wait for the LWP `number`, which is none of _lwp_create(2) or
// a detached one.
int WhyNotWaited(uint32_t number) {
  LwpView view;
  return LookAtLwp(number, view) == 0 ? EINVAL : ESRCH;
}

int JoinById(Thread& self, uint32_t id) {
  RegistryBucket& bucket = RegistryBucketOf(id);
  bucket.lock.Lock();
  Thread* thread = bucket.Find(id);
  if (thread == nullptr || thread->detached ||
      (self.joins_lwps && !thread->raw_lwp)) {
    bucket.lock.Unlock();
    return self.joins_lwps ? WhyNotWaited(id) : ESRCH;
  }
  if (thread->state.load(std::memory_order_relaxed) == State::kZombie) {
    const bool taken = TakeZombie(*thread, bucket);
    bucket.lock.Unlock();
    NoteTaken(taken && thread->raw_lwp);
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

namespace {

int Join(Thread& self, uint32_t id, uint32_t* departed, void** status,
         const WaitNote& wait) {
  if (g_watch != 0) BeginWait(self, wait);
  Critical critical(self);
  for (;;) {
    const uint32_t handlers = HandlersRun(self);
    const int error = id == 0 ? JoinAny(self) : JoinById(self, id);
    if (id == 0) self.joining_any.store(false, std::memory_order_relaxed);
    if (error == 0) Collect(*self.joined, departed, status);
    if (error != EINTR && error != kDeadlock) {
      if (g_watch != 0) EndWait(self);
      return error;
    }
    LeaveCritical(self);  // handlers of signals run here
    if (!self.joins_lwps) TestCancel(self);
    const bool give_up = self.joins_lwps && HandlersRun(self) != handlers;
    if (g_watch != 0) {
      if (error == kDeadlock) ReportDeadlock(self);
      if (give_up) {
        EndWait(self);
      } else {
        WaitAgain(self, wait);
      }
    }
    EnterCritical(self);
    if (give_up) return EINTR;
  }
}

}  // namespace

int JoinThread(Thread& self, uint32_t id, uint32_t* departed, void** status) {
  if (id == self.id) return EDEADLK;
  self.joins_lwps = false;
  const WaitNote wait{WaitKind::kJoin, "thr_join", nullptr, nullptr, id};
  return Join(self, id, departed, status, wait);
}

int WaitForLwp(Thread& self, uint32_t id, uint32_t* departed) {
  if (id == OwnLwp()) return EDEADLK;
  self.joins_lwps = true;
  const WaitNote wait{WaitKind::kJoin, "_lwp_wait", nullptr, nullptr, id};
  const int error = Join(self, id, departed, nullptr, wait);
  self.joins_lwps = false;
  return error;
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
    NoteTaken(taken && thread->raw_lwp);
    if (taken) Collect(*thread, nullptr, nullptr);
    return taken ? 0 : ESRCH;
  }
  const bool waitable = IsWaitable(*thread);
  thread->detached = true;
  Thread* first = thread->joiner;
  thread->joiner = nullptr;  // from now on nobody withdraws
  if (thread->timed_joiners) WakeTimedJoiners(*thread);
  bucket.lock.Unlock();
  g_census.EndJoin(CountedJoiners(first));
  DeliverToAll(first, nullptr);
  NoteTaken(waitable);
  return 0;
}

}  // namespace lt
