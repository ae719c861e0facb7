// SPDX-License-Identifier: MIT
//
// Effective priorities, which no call shows: what mutexes of the priority
// protocols do to those of threads of every kind.

#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <memory>
#include <vector>

#include "sched/dispatch.h"
#include "sched/inherit.h"
#include "sched/sleepq.h"
#include "sync/objects.h"
#include "unit/actors.h"

namespace lt {
namespace {

// The kinds of owner and of waiter.
class InheritTest : public testing::TestWithParam<std::tuple<Make, Make>> {
 protected:
  Actor Owner(int priority) { return {std::get<0>(GetParam()), priority}; }
  Actor Waiter(int priority) { return {std::get<1>(GetParam()), priority}; }
};

constexpr Make kMakes[] = {Make::kUnbound, Make::kBound, Make::kForeign};
INSTANTIATE_TEST_SUITE_P(Kinds, InheritTest,
                         testing::Combine(testing::ValuesIn(kMakes),
                                          testing::ValuesIn(kMakes)));

TEST_P(InheritTest, TheOwnerHasItsWaitersPriority) {
  TestMutex m;
  Actor owner = Owner(10);
  Actor better = Waiter(40);
  Actor best = Waiter(50);
  Actor worse = Waiter(5);
  owner.Lock(m);
  EXPECT_EQ(owner.effective(), 10);
  worse.WaitFor(m);
  EXPECT_EQ(owner.effective(), 10);
  better.WaitFor(m);
  EXPECT_EQ(owner.effective(), 40);
  best.WaitFor(m);
  EXPECT_EQ(owner.effective(), 50);
  int priority = -1;
  EXPECT_EQ(thr_getprio(owner.id(), &priority), 0);
  EXPECT_EQ(priority, 10);
  // Each owner in turn has what those behind it need.
  owner.Unlock(m);
  best.Finish();
  EXPECT_EQ(owner.effective(), 10);
  EXPECT_EQ(best.effective(), 50);
  best.Unlock(m);
  better.Finish();
  EXPECT_EQ(thr_setprio(better.id(), 1), 0);
  EXPECT_EQ(better.effective(), 5);
  better.Unlock(m);
  worse.Finish();
  EXPECT_EQ(better.effective(), 1);
  worse.Unlock(m);
  EXPECT_EQ(worse.effective(), 5);
}

TEST_P(InheritTest, ThroughAChain) {
  TestMutex m[3];
  Actor first = Owner(1);
  Actor second = Waiter(2);
  Actor third = Owner(3);
  Actor last = Waiter(60);
  first.Lock(m[0]);
  second.Lock(m[1]);
  third.Lock(m[2]);
  second.WaitFor(m[0]);
  EXPECT_EQ(first.effective(), 2);
  third.WaitFor(m[1]);
  EXPECT_EQ(first.effective(), 3);
  last.WaitFor(m[2]);
  for (const Actor* each : {&first, &second, &third}) {
    EXPECT_EQ(each->effective(), 60);
  }
  // Down the chain and up again with the priority of who waits at its end.
  EXPECT_EQ(thr_setprio(last.id(), 20), 0);
  EXPECT_EQ(first.effective(), 20);
  EXPECT_EQ(thr_setprio(last.id(), 0), 0);
  EXPECT_EQ(first.effective(), 3);
  EXPECT_EQ(thr_setprio(last.id(), 70), 0);
  EXPECT_EQ(first.effective(), 70);
  // The owner's own counts when it is more.
  EXPECT_EQ(thr_setprio(first.id(), 80), 0);
  EXPECT_EQ(first.effective(), 80);
  EXPECT_EQ(thr_setprio(first.id(), 4), 0);
  EXPECT_EQ(first.effective(), 70);
  first.Unlock(m[0]);
  second.Finish();
  EXPECT_EQ(first.effective(), 4);
  EXPECT_EQ(second.effective(), 70);
  second.Unlock(m[1]);
  third.Finish();
  EXPECT_EQ(second.effective(), 2);
  EXPECT_EQ(third.effective(), 70);
  third.Unlock(m[2]);
  last.Finish();
  EXPECT_EQ(third.effective(), 3);
  second.Unlock(m[0]);
  third.Unlock(m[1]);
  last.Unlock(m[2]);
}

TEST_P(InheritTest, WhatIsStillHeldCounts) {
  for (const bool best_first : {true, false}) {
    TestMutex thirty;
    TestMutex forty;
    TestMutex ceiling(LOCK_PRIO_PROTECT, 25);
    Actor owner = Owner(10);
    Actor waiter30 = Waiter(30);
    Actor waiter40 = Waiter(40);
    owner.Lock(thirty);
    owner.Lock(ceiling);
    EXPECT_EQ(owner.effective(), 25);
    owner.Lock(forty);
    waiter30.WaitFor(thirty);
    waiter40.WaitFor(forty);
    EXPECT_EQ(owner.effective(), 40);
    owner.Unlock(best_first ? forty : thirty);
    EXPECT_EQ(owner.effective(), best_first ? 30 : 40);
    owner.Unlock(best_first ? thirty : forty);
    EXPECT_EQ(owner.effective(), 25);
    owner.Unlock(ceiling);
    EXPECT_EQ(owner.effective(), 10);
    waiter30.Unlock(thirty);
    waiter40.Unlock(forty);
  }
}

TEST_P(InheritTest, CeilingsOfAllThatIsHeld) {
  TestMutex low(LOCK_PRIO_PROTECT | LOCK_RECURSIVE, 30);
  TestMutex high(LOCK_PRIO_PROTECT, kHighest);
  TestMutex again(LOCK_PRIO_PROTECT, 30);
  Actor owner = Owner(10);
  Actor waiter = Waiter(20);
  owner.Lock(low);
  owner.Lock(low);
  EXPECT_EQ(owner.effective(), 30);
  owner.Lock(high);
  EXPECT_EQ(owner.effective(), kHighest);
  owner.Lock(again);
  owner.Unlock(low);
  owner.Unlock(high);
  EXPECT_EQ(owner.effective(), 30);
  // Who waits for one has its own priority until it gets it.
  waiter.WaitFor(low);
  EXPECT_EQ(waiter.effective(), 20);
  EXPECT_EQ(thr_setprio(waiter.id(), 21), 0);
  EXPECT_EQ(waiter.effective(), 21);
  owner.Unlock(low);
  waiter.Finish();
  EXPECT_EQ(waiter.effective(), 30);
  EXPECT_EQ(owner.effective(), 30);
  owner.Unlock(again);
  EXPECT_EQ(owner.effective(), 10);
  // A refusal, and a mutex that is not to be had, leave nothing behind.
  EXPECT_EQ(thr_setprio(owner.id(), 50), 0);
  owner.Do([&] { EXPECT_EQ(mutex_lock(&again), EINVAL); });
  EXPECT_EQ(owner.effective(), 50);
  EXPECT_EQ(thr_setprio(owner.id(), 10), 0);
  owner.Do([&] { EXPECT_EQ(mutex_trylock(&low), EBUSY); });
  EXPECT_EQ(owner.effective(), 10);
  waiter.Unlock(low);
  EXPECT_EQ(waiter.effective(), 21);
}

TEST_P(InheritTest, AWaitOnAConditionVariableGivesItBack) {
  for (const int type : {LOCK_PRIO_INHERIT, LOCK_PRIO_PROTECT}) {
    TestMutex m(type, 40);
    cond_t c = DEFAULTCV;
    Actor owner = Owner(10);
    Actor waiter = Waiter(40);
    owner.Lock(m);
    waiter.WaitFor(m);
    EXPECT_EQ(owner.effective(), 40);
    owner.Begin([&] { EXPECT_EQ(cond_wait(&c, &m), 0); });
    waiter.Finish();
    EXPECT_TRUE(Becomes(owner.id(), 10));
    EXPECT_EQ(cond_signal(&c), 0);
    EXPECT_TRUE(Waits(owner.id()));
    EXPECT_EQ(owner.effective(), 10);
    waiter.Unlock(m);
    owner.Finish();
    EXPECT_EQ(owner.effective(), type == LOCK_PRIO_INHERIT ? 10 : 40);
    owner.Unlock(m);
    EXPECT_EQ(owner.effective(), 10);
    EXPECT_EQ(waiter.effective(), 40);
  }
}

TEST_P(InheritTest, UnlockedBySomebodyElse) {
  for (const int type : {LOCK_PRIO_INHERIT, LOCK_PRIO_PROTECT}) {
    TestMutex m(type, 40);
    Actor owner = Owner(10);
    Actor waiter = Waiter(40);
    owner.Lock(m);
    waiter.WaitFor(m);
    EXPECT_EQ(owner.effective(), 40);
    EXPECT_EQ(mutex_unlock(&m), 0);
    waiter.Finish();
    EXPECT_EQ(owner.effective(), 10);
    waiter.Unlock(m);
    EXPECT_EQ(waiter.effective(), 40);
  }
}

// Nothing is left for the next thread on the object, and the dead owner's
// mutex gives that one nothing.
TEST_P(InheritTest, AnOwnerThatEndsLosesIt) {
  TestMutex m;
  TestMutex ceiling(LOCK_PRIO_PROTECT, 70);
  Actor waiter = Waiter(40);
  Actor later = Waiter(50);
  Thread* object;
  {
    Actor owner = Owner(10);
    owner.Lock(m);
    owner.Lock(ceiling);
    waiter.WaitFor(m);
    EXPECT_EQ(owner.effective(), 70);
    object = &Object(owner.id());
  }
  {
    const Thread& orphan = Object(waiter.id());
    Critical critical(Self());
    SpinLockHolder hold(g_priority_lock);
    EXPECT_EQ(object->donors, nullptr);
    EXPECT_EQ(object->ceilings, nullptr);
    EXPECT_EQ(orphan.donee, nullptr);
  }
  later.WaitFor(m);
  EXPECT_EQ(thr_setprio(waiter.id(), 60), 0);
  // Threads that it may serve now.
  std::vector<std::unique_ptr<Actor>> next;
  for (int i = 0; i < 4; ++i) {
    next.push_back(std::make_unique<Actor>(std::get<0>(GetParam()), 3));
    EXPECT_EQ(next.back()->effective(), 3);
  }
  EXPECT_EQ(mutex_unlock(&m), 0);
  waiter.Finish();
  EXPECT_EQ(waiter.effective(), 60);
  waiter.Unlock(m);
  later.Finish();
  later.Unlock(m);
  for (const auto& each : next) EXPECT_EQ(each->effective(), 3);
}

// While a handler of the waiter runs, the owner need not hurry for it.
TEST_P(InheritTest, AnInterruptedWaiterGivesNothing) {
  static thread_t owner_id;
  static std::atomic<int> seen;
  seen = -1;
  TestMutex m;
  Actor owner = Owner(10);
  Actor waiter = Waiter(40);
  Actor other = Waiter(20);
  owner_id = owner.id();
  owner.Lock(m);
  waiter.WaitFor(m);
  other.WaitFor(m);
  struct sigaction action = {};
  struct sigaction before = {};
  action.sa_handler = [](int) { seen = Effective(owner_id); };
  ASSERT_EQ(sigaction(SIGUSR1, &action, &before), 0);
  EXPECT_EQ(thr_kill(waiter.id(), SIGUSR1), 0);
  EXPECT_TRUE(Eventually([] { return seen != -1; }));
  EXPECT_EQ(seen, 20);
  EXPECT_TRUE(Becomes(owner.id(), 40));
  owner.Unlock(m);
  waiter.Finish();
  waiter.Unlock(m);
  other.Finish();
  other.Unlock(m);
  ASSERT_EQ(sigaction(SIGUSR1, &before, nullptr), 0);
}

// A wakeup that was meant for a mutex at the same address before.
TEST_P(InheritTest, AStrayWakeupIsNoHandOver) {
  TestMutex m;
  Actor owner = Owner(10);
  Actor waiter = Waiter(40);
  owner.Lock(m);
  waiter.WaitFor(m);
  for (int i = 0; i < 10; ++i) {
    const void* word = &reinterpret_cast<Mutex*>(&m)->word;
    Thread* sleeper = nullptr;
    EXPECT_TRUE(Eventually([&] {
      Critical critical(Self());
      SleepBucket& bucket = BucketOf(word);
      SpinLockHolder hold(bucket.lock);
      sleeper = bucket.TakeFirst(word);
      return sleeper != nullptr;
    }));
    Critical critical(Self());
    Ready(*sleeper);
  }
  EXPECT_TRUE(Becomes(owner.id(), 40));
  owner.Unlock(m);
  waiter.Finish();
  waiter.Do([&] { EXPECT_TRUE(_mutex_held(&m)); });
  waiter.Unlock(m);
}

// A cycle of owners: nobody gets on, but setting priorities does not hang.
TEST_P(InheritTest, ACycleEnds) {
  TestMutex a;
  TestMutex b;
  Actor one = Owner(10);
  Actor two = Waiter(20);
  one.Lock(a);
  two.Lock(b);
  one.WaitFor(b);
  two.WaitFor(a);
  EXPECT_EQ(one.effective(), 20);
  EXPECT_EQ(thr_setprio(one.id(), 50), 0);
  EXPECT_EQ(two.effective(), 50);
  EXPECT_EQ(thr_setprio(one.id(), 0), 0);
  EXPECT_EQ(mutex_unlock(&a), 0);
  two.Finish();
  two.Unlock(b);
  one.Finish();
  one.Unlock(b);
  two.Unlock(a);
  EXPECT_EQ(one.effective(), 0);
  EXPECT_EQ(two.effective(), 20);
}

TEST_P(InheritTest, TheChildOfAForkHasOnlyItsOwn) {
  TestMutex m;
  TestMutex ceiling(LOCK_PRIO_PROTECT, 30);
  Actor owner = Owner(10);
  Actor waiter = Waiter(40);
  owner.Lock(m);
  owner.Lock(ceiling);
  waiter.WaitFor(m);
  owner.Do([&] {
    EXPECT_EQ(Effective(thr_self()), 40);
    const pid_t child = fork();
    if (child == 0) {
      bool good = Effective(thr_self()) == 30;
      good = mutex_unlock(&m) == 0 && good;
      good = mutex_unlock(&ceiling) == 0 && good;
      _exit(good && Effective(thr_self()) == 10 ? 0 : 1);
    }
    int status = -1;
    EXPECT_EQ(waitpid(child, &status, 0), child);
    EXPECT_EQ(status, 0);
  });
  owner.Unlock(m);
  waiter.Finish();
  waiter.Unlock(m);
  owner.Unlock(ceiling);
}

}  // namespace
}  // namespace lt
