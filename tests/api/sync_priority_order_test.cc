// SPDX-License-Identifier: MIT
//
// Priority inversion, in mutex_init(3): who runs first while a thread of low
// priority holds what one of high priority wants.  Where there is one LWP
// (many-to-one) the order is exact; elsewhere nobody is in anybody's way, and
// all get through.

#include <errno.h>

#include <string>
#include <vector>

#include "support/fixture.h"
#include "support/priorities.h"
#include "support/sync_objects.h"

namespace lt {
namespace {

bool OneLwp() {
  return ModelName() == "many-to-one";
}

// The body of a test has the highest priority: the others run while it sleeps.
class PriorityOrderTest : public ModelTest {
 protected:
  // Computes without a pause until `done`, or for so long that something keeps
  // the others from getting on.
  static constexpr long kLongMs = 30'000;
  void Compute(const std::atomic<bool>& done, long limit_ms = kLongMs) {
    const timespec_t end = TimeOfDayIn(limit_ms);
    while (!done && !TimeOfDayReached(end)) {
    }
  }

  void Note(const std::string& what) {
    while (noting_.exchange(true)) {
    }
    notes_.push_back(what);
    noting_ = false;
  }

  void ExpectNotes(const std::vector<std::string>& order) const {
    EXPECT_EQ(notes_.size(), order.size());
    if (OneLwp()) {
      EXPECT_EQ(notes_, order);
    }
  }

  void Wait(sema_t& s) { EXPECT_EQ(sema_wait(&s), 0); }
  void Post(sema_t& s) { EXPECT_EQ(sema_post(&s), 0); }

 private:
  std::atomic<bool> noting_{false};
  std::vector<std::string> notes_;
};

// Low holds the mutex and is woken together with medium; high waits.  Whether
// high got the mutex before medium was done.
class InversionTest : public PriorityOrderTest {
 protected:
  bool HighIsFirst(int type, int low_priority, long limit_ms = kLongMs) {
    const OwnPriority main_priority(kHighest);
    ProtocolMutex m(type);
    sema_t held = DEFAULTSEMA;
    sema_t go = DEFAULTSEMA;
    std::atomic<bool> high_done{false};
    bool high_was_first = false;
    const thread_t low = SpawnAt(low_priority, [&] {
      EXPECT_EQ(mutex_lock(&m), 0);
      Post(held);
      Wait(go);
      EXPECT_EQ(mutex_unlock(&m), 0);
    });
    Wait(held);
    const thread_t high = SpawnAt(30, [&] {
      EXPECT_EQ(mutex_lock(&m), 0);
      high_done = true;
      EXPECT_EQ(mutex_unlock(&m), 0);
    });
    EXPECT_TRUE(Quiesce());
    Post(go);
    const thread_t medium = SpawnAt(20, [&] {
      Compute(high_done, limit_ms);
      high_was_first = high_done;
    });
    for (const thread_t id : {low, medium, high}) Join(id);
    return high_was_first;
  }
};

TEST_F(InversionTest, AnOrdinaryMutexLetsMediumInBetween) {
  constexpr long kShortMs = 200;
  const bool first = HighIsFirst(LOCK_NORMAL, 10, kShortMs);
  if (OneLwp()) {
    EXPECT_FALSE(first);
  }
}

TEST_F(InversionTest, InheritanceDoesNot) {
  EXPECT_TRUE(HighIsFirst(LOCK_PRIO_INHERIT, 0));
  for (const LockType& lock : kLockTypes) {
    SCOPED_TRACE(lock.name);
    EXPECT_TRUE(HighIsFirst(lock.type | LOCK_PRIO_INHERIT, 10));
  }
}

// Low is in the LWP's own queue when high begins to wait.
TEST_F(PriorityOrderTest, ARunnableOwnerOfPriorityZeroIsFound) {
  const OwnPriority main_priority(kHighest);
  // More than one, so that some lie behind others in the LWP's queue.
  constexpr int kLows = 5;
  ProtocolMutex m[kLows];
  sema_t held = DEFAULTSEMA;
  sema_t go = DEFAULTSEMA;
  std::atomic<int> high_done{0};
  std::atomic<bool> all_done{false};
  bool first = false;
  std::vector<thread_t> ids;
  for (mutex_t& mutex : m) {
    ids.push_back(SpawnAt(0, [&] {
      EXPECT_EQ(mutex_lock(&mutex), 0);
      Post(held);
      Wait(go);
      EXPECT_EQ(mutex_unlock(&mutex), 0);
    }));
    Wait(held);
  }
  EXPECT_TRUE(Quiesce());
  for (int i = 0; i < kLows; ++i) Post(go);
  for (mutex_t& mutex : m) {
    ids.push_back(SpawnAt(30, [&] {
      EXPECT_EQ(mutex_lock(&mutex), 0);
      if (++high_done == kLows) all_done = true;
      EXPECT_EQ(mutex_unlock(&mutex), 0);
    }));
  }
  ids.push_back(SpawnAt(20, [&] {
    Compute(all_done);
    first = all_done;
  }));
  for (const thread_t id : ids) Join(id);
  EXPECT_TRUE(first);
}

// Low was overtaken while it computed.
TEST_F(PriorityOrderTest, AnOwnerThatWasPreemptedIsFound) {
  const OwnPriority main_priority(kHighest);
  ProtocolMutex m;
  sema_t held = DEFAULTSEMA;
  std::atomic<bool> high_waits{false};
  std::atomic<bool> high_done{false};
  bool first = false;
  const thread_t low = SpawnAt(10, [&] {
    EXPECT_EQ(mutex_lock(&m), 0);
    Post(held);
    while (!high_waits) {
    }
    EXPECT_EQ(mutex_unlock(&m), 0);
  });
  Wait(held);
  const thread_t high = SpawnAt(30, [&] {
    high_waits = true;
    EXPECT_EQ(mutex_lock(&m), 0);
    high_done = true;
    EXPECT_EQ(mutex_unlock(&m), 0);
  });
  const thread_t medium = SpawnAt(20, [&] {
    Compute(high_done);
    first = high_done;
  });
  for (const thread_t id : {low, medium, high}) Join(id);
  EXPECT_TRUE(first);
}

TEST_F(PriorityOrderTest, ThroughAChainOfOwners) {
  const OwnPriority main_priority(kHighest);
  constexpr int kLinks = 3;
  ProtocolMutex m[kLinks];
  sema_t held = DEFAULTSEMA;
  sema_t go = DEFAULTSEMA;
  std::atomic<bool> high_done{false};
  bool first = false;
  std::vector<thread_t> ids;
  for (int link = 0; link < kLinks; ++link) {
    ids.push_back(SpawnAt(10 - link, [&, link] {
      EXPECT_EQ(mutex_lock(&m[link]), 0);
      Post(held);
      if (link == 0) {
        Wait(go);
      } else {
        EXPECT_EQ(mutex_lock(&m[link - 1]), 0);
        EXPECT_EQ(mutex_unlock(&m[link - 1]), 0);
      }
      EXPECT_EQ(mutex_unlock(&m[link]), 0);
    }));
    Wait(held);
  }
  ids.push_back(SpawnAt(30, [&] {
    EXPECT_EQ(mutex_lock(&m[kLinks - 1]), 0);
    high_done = true;
    EXPECT_EQ(mutex_unlock(&m[kLinks - 1]), 0);
  }));
  EXPECT_TRUE(Quiesce());
  Post(go);
  ids.push_back(SpawnAt(20, [&] {
    Compute(high_done);
    first = high_done;
  }));
  for (const thread_t id : ids) Join(id);
  EXPECT_TRUE(first);
}

// Two mutexes, wanted by threads of 30 and 40; then one of 20 is due.
class TwoMutexesTest : public PriorityOrderTest {
 protected:
  void Run(bool best_first) {
    const OwnPriority main_priority(kHighest);
    ProtocolMutex thirty;
    ProtocolMutex forty;
    sema_t held = DEFAULTSEMA;
    sema_t go = DEFAULTSEMA;
    std::vector<thread_t> ids;
    ids.push_back(SpawnAt(10, [&] {
      EXPECT_EQ(mutex_lock(&thirty), 0);
      EXPECT_EQ(mutex_lock(&forty), 0);
      Post(held);
      Wait(go);
      EXPECT_EQ(mutex_unlock(best_first ? &forty : &thirty), 0);
      Note("between");
      EXPECT_EQ(mutex_unlock(best_first ? &thirty : &forty), 0);
      Note("end");
    }));
    Wait(held);
    const auto want = [&](int priority, mutex_t& m) {
      ids.push_back(SpawnAt(priority, [&, priority] {
        EXPECT_EQ(mutex_lock(&m), 0);
        Note(std::to_string(priority));
        EXPECT_EQ(mutex_unlock(&m), 0);
      }));
    };
    want(30, thirty);
    want(40, forty);
    EXPECT_TRUE(Quiesce());
    Post(go);
    ids.push_back(SpawnAt(20, [&] { Note("20"); }));
    for (const thread_t id : ids) Join(id);
  }
};

TEST_F(TwoMutexesTest, WhatIsHeldStillCounts) {
  Run(true);
  ExpectNotes({"40", "between", "30", "20", "end"});
}

TEST_F(TwoMutexesTest, InTheOtherOrder) {
  Run(false);
  ExpectNotes({"between", "40", "30", "20", "end"});
}

// The waiter of the highest priority gets the mutex, with either protocol; and
// nobody comes in between who has not waited.
TEST_F(PriorityOrderTest, WaitersAreServedByPriority) {
  for (const int type : {LOCK_PRIO_INHERIT, LOCK_PRIO_PROTECT}) {
    const OwnPriority main_priority(kHighest);
    ProtocolMutex m(type, kHighest);
    std::vector<int> order;
    std::vector<thread_t> ids;
    ASSERT_EQ(mutex_lock(&m), 0);
    for (const int priority : {5, 50, 0, 30, 30, 126}) {
      ids.push_back(SpawnAt(priority, [&, priority] {
        EXPECT_EQ(mutex_lock(&m), 0);
        order.push_back(priority);
        EXPECT_EQ(mutex_unlock(&m), 0);
      }));
    }
    EXPECT_TRUE(Quiesce());
    ASSERT_EQ(mutex_unlock(&m), 0);
    for (const thread_t id : ids) Join(id);
    EXPECT_EQ(order, (std::vector<int>{126, 50, 30, 30, 5, 0})) << type;
  }
}

// A priority set while the thread waits reorders the waiters.
TEST_F(PriorityOrderTest, ANewPriorityOfAWaiterCounts) {
  for (const int type : {LOCK_PRIO_INHERIT, LOCK_PRIO_PROTECT}) {
    const OwnPriority main_priority(kHighest);
    ProtocolMutex m(type, kHighest);
    std::vector<int> order;
    std::vector<thread_t> ids;
    ASSERT_EQ(mutex_lock(&m), 0);
    for (int i = 0; i < 3; ++i) {
      ids.push_back(SpawnAt(10 + i, [&, i] {
        EXPECT_EQ(mutex_lock(&m), 0);
        order.push_back(i);
        EXPECT_EQ(mutex_unlock(&m), 0);
      }));
    }
    EXPECT_TRUE(Quiesce());
    EXPECT_EQ(thr_setprio(ids[0], 50), 0);
    EXPECT_EQ(thr_setprio(ids[2], 1), 0);
    ASSERT_EQ(mutex_unlock(&m), 0);
    for (const thread_t id : ids) Join(id);
    EXPECT_EQ(order, (std::vector<int>{0, 1, 2})) << type;
  }
}

// Waiters on a condition variable have their own priorities there, not those
// that the mutex gave them.
TEST_F(PriorityOrderTest, ConditionVariablesServeByAssignedPriority) {
  for (const int type : {LOCK_PRIO_INHERIT, LOCK_PRIO_PROTECT}) {
    const OwnPriority main_priority(kHighest);
    ProtocolMutex m(type, kHighest);
    cond_t c = DEFAULTCV;
    std::vector<int> order;
    std::vector<thread_t> ids;
    for (const int priority : {20, 60, 40}) {
      ids.push_back(SpawnAt(priority, [&, priority] {
        EXPECT_EQ(mutex_lock(&m), 0);
        EXPECT_EQ(cond_wait(&c, &m), 0);
        order.push_back(priority);
        EXPECT_EQ(mutex_unlock(&m), 0);
      }));
      EXPECT_TRUE(Quiesce());
    }
    for (size_t served = 1; served <= ids.size(); ++served) {
      ASSERT_EQ(mutex_lock(&m), 0);
      EXPECT_EQ(cond_signal(&c), 0);
      ASSERT_EQ(mutex_unlock(&m), 0);
      EXPECT_TRUE(Eventually([&] {
        EXPECT_EQ(mutex_lock(&m), 0);
        const bool done = order.size() == served;
        EXPECT_EQ(mutex_unlock(&m), 0);
        const timespec_t moment = Interval(1);
        nanosleep(&moment, nullptr);
        return done;
      }));
    }
    for (const thread_t id : ids) Join(id);
    EXPECT_EQ(order, (std::vector<int>{60, 40, 20})) << type;
  }
}

// A ceiling keeps those between the owner and the ceiling away.
TEST_F(PriorityOrderTest, ACeilingHoldsFromLockToUnlock) {
  const OwnPriority main_priority(kHighest);
  ProtocolMutex m(LOCK_PRIO_PROTECT, 30);
  sema_t held = DEFAULTSEMA;
  sema_t go = DEFAULTSEMA;
  const thread_t low = SpawnAt(10, [&] {
    EXPECT_EQ(mutex_lock(&m), 0);
    Post(held);
    Wait(go);
    Note("held");
    EXPECT_EQ(mutex_unlock(&m), 0);
    Note("unlocked");
  });
  Wait(held);
  Post(go);
  const thread_t higher = SpawnAt(40, [&] { Note("40"); });
  const thread_t medium = SpawnAt(20, [&] { Note("20"); });
  for (const thread_t id : {low, medium, higher}) Join(id);
  ExpectNotes({"40", "held", "20", "unlocked"});
}

}  // namespace
}  // namespace lt
