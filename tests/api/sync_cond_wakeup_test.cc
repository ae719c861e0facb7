// SPDX-License-Identifier: MIT
//
// cond_init(3): who is woken, and that no signal is lost.

#include <errno.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <deque>
#include <vector>

#include "support/fixture.h"
#include "support/sync_objects.h"

namespace lt {
namespace {

class CondWakeupTest : public SyncTest {};

LT_OVER_KINDS(CondWakeupTest);

// One unit of work a signal; each waiter takes one and leaves.
TEST_P(CondWakeupTest, EachSignalWakesSomebody) {
  for (const bool holding_the_mutex : {true, false}) {
    SCOPED_TRACE(holding_the_mutex);
    constexpr int kWaiters = 20;
    cond_t c = DEFAULTCV;
    mutex_t m = DEFAULTMUTEX;
    int waiting = 0;
    int tokens = 0;
    int done = 0;
    std::vector<thread_t> ids;
    for (int i = 0; i < kWaiters; ++i) {
      ids.push_back(Spawn([&] {
        EXPECT_EQ(mutex_lock(&m), 0);
        ++waiting;
        while (tokens == 0) EXPECT_EQ(cond_wait(&c, &m), 0);
        --tokens;
        ++done;
        EXPECT_EQ(mutex_unlock(&m), 0);
      }));
    }
    EXPECT_TRUE(EventuallyLocked(&m, [&] { return waiting == kWaiters; }));
    for (int i = 1; i <= kWaiters; ++i) {
      EXPECT_EQ(mutex_lock(&m), 0);
      ++tokens;
      if (holding_the_mutex) {
        EXPECT_EQ(cond_signal(&c), 0);
      }
      EXPECT_EQ(mutex_unlock(&m), 0);
      if (!holding_the_mutex) {
        EXPECT_EQ(cond_signal(&c), 0);
      }
      EXPECT_TRUE(EventuallyLocked(&m, [&] { return done == i; }));
    }
    for (const thread_t id : ids) Join(id);
    EXPECT_EQ(tokens, 0);
  }
}

// All the signals at once, before any waiter can run with the mutex.
TEST_P(CondWakeupTest, SignalsInARowAreNotMerged) {
  constexpr int kWaiters = 20;
  cond_t c = DEFAULTCV;
  mutex_t m = DEFAULTMUTEX;
  int waiting = 0;
  int tokens = 0;
  std::vector<thread_t> ids;
  for (int i = 0; i < kWaiters; ++i) {
    ids.push_back(Spawn([&] {
      EXPECT_EQ(mutex_lock(&m), 0);
      ++waiting;
      while (tokens == 0) EXPECT_EQ(cond_wait(&c, &m), 0);
      --tokens;
      EXPECT_EQ(mutex_unlock(&m), 0);
    }));
  }
  EXPECT_TRUE(EventuallyLocked(&m, [&] { return waiting == kWaiters; }));
  EXPECT_EQ(mutex_lock(&m), 0);
  for (int i = 0; i < kWaiters; ++i) {
    ++tokens;
    EXPECT_EQ(cond_signal(&c), 0);
  }
  EXPECT_EQ(mutex_unlock(&m), 0);
  for (const thread_t id : ids) Join(id);
  EXPECT_EQ(tokens, 0);
}

TEST_P(CondWakeupTest, BroadcastWakesAll) {
  for (const bool holding_the_mutex : {true, false}) {
    SCOPED_TRACE(holding_the_mutex);
    constexpr int kWaiters = 20;
    constexpr int kGenerations = 50;
    cond_t c = DEFAULTCV;
    mutex_t m = DEFAULTMUTEX;
    int waiting = 0;
    int generation = 0;
    std::vector<thread_t> ids;
    for (int i = 0; i < kWaiters; ++i) {
      ids.push_back(Spawn([&] {
        EXPECT_EQ(mutex_lock(&m), 0);
        for (int next = 1; next <= kGenerations; ++next) {
          ++waiting;
          while (generation < next) EXPECT_EQ(cond_wait(&c, &m), 0);
        }
        EXPECT_EQ(mutex_unlock(&m), 0);
      }));
    }
    for (int next = 1; next <= kGenerations; ++next) {
      EXPECT_TRUE(EventuallyLocked(&m, [&] { return waiting == kWaiters; }));
      EXPECT_EQ(mutex_lock(&m), 0);
      waiting = 0;
      generation = next;
      if (holding_the_mutex) {
        EXPECT_EQ(cond_broadcast(&c), 0);
      }
      EXPECT_EQ(mutex_unlock(&m), 0);
      if (!holding_the_mutex) {
        EXPECT_EQ(cond_broadcast(&c), 0);
      }
    }
    for (const thread_t id : ids) Join(id);
  }
}

// A signalled waiter returns with the mutex, so not before the signaller has
// let it go.
TEST_P(CondWakeupTest, WokenWaiterNeedsTheMutex) {
  cond_t c = DEFAULTCV;
  mutex_t m = DEFAULTMUTEX;
  int waiting = 0;
  bool told = false;
  std::atomic<int> returned{0};
  std::vector<thread_t> ids;
  for (int i = 0; i < 5; ++i) {
    ids.push_back(Spawn([&] {
      EXPECT_EQ(mutex_lock(&m), 0);
      ++waiting;
      while (!told) EXPECT_EQ(cond_wait(&c, &m), 0);
      EXPECT_TRUE(MUTEX_HELD(&m));
      ++returned;
      EXPECT_EQ(mutex_unlock(&m), 0);
    }));
  }
  EXPECT_TRUE(EventuallyLocked(&m, [&] { return waiting == 5; }));
  EXPECT_EQ(mutex_lock(&m), 0);
  told = true;
  EXPECT_EQ(cond_broadcast(&c), 0);
  EXPECT_TRUE(Quiesce());
  EXPECT_EQ(returned.load(), 0);
  EXPECT_TRUE(MUTEX_HELD(&m));
  EXPECT_EQ(mutex_unlock(&m), 0);
  for (const thread_t id : ids) Join(id);
  EXPECT_EQ(returned.load(), 5);
}

TEST_P(CondWakeupTest, HighestPriorityFirst) {
  constexpr std::array<int, 5> kPriorities = {10, 40, 20, 50, 30};
  cond_t c = DEFAULTCV;
  mutex_t m = DEFAULTMUTEX;
  int waiting = 0;
  int tokens = 0;
  std::vector<int> order;
  std::vector<thread_t> ids;
  for (const int priority : kPriorities) {
    ids.push_back(Spawn([&, priority] {
      EXPECT_EQ(thr_setprio(thr_self(), priority), 0);
      EXPECT_EQ(mutex_lock(&m), 0);
      ++waiting;
      while (tokens == 0) EXPECT_EQ(cond_wait(&c, &m), 0);
      --tokens;
      order.push_back(priority);
      EXPECT_EQ(mutex_unlock(&m), 0);
    }));
  }
  EXPECT_TRUE(EventuallyLocked(
      &m, [&] { return waiting == static_cast<int>(kPriorities.size()); }));
  for (size_t i = 1; i <= kPriorities.size(); ++i) {
    EXPECT_EQ(mutex_lock(&m), 0);
    ++tokens;
    EXPECT_EQ(cond_signal(&c), 0);
    EXPECT_EQ(mutex_unlock(&m), 0);
    EXPECT_TRUE(EventuallyLocked(&m, [&] { return order.size() == i; }));
  }
  for (const thread_t id : ids) Join(id);
  EXPECT_EQ(order, (std::vector<int>{50, 40, 30, 20, 10}));
}

TEST_P(CondWakeupTest, TwoConditionsWithOneMutex) {
  cond_t even = DEFAULTCV;
  cond_t odd = DEFAULTCV;
  mutex_t m = DEFAULTMUTEX;
  constexpr int kTurns = 4000;
  int turn = 0;
  RunThreads(2, [&](int me) {
    cond_t* const mine = me == 0 ? &even : &odd;
    cond_t* const other = me == 0 ? &odd : &even;
    EXPECT_EQ(mutex_lock(&m), 0);
    for (int i = 0; i < kTurns; ++i) {
      while (turn % 2 != me) EXPECT_EQ(cond_wait(mine, &m), 0);
      ++turn;
      EXPECT_EQ(cond_signal(other), 0);
    }
    EXPECT_EQ(mutex_unlock(&m), 0);
  });
  EXPECT_EQ(turn, 2 * kTurns);
}

// Each waiter comes back with the mutex that it gave, also the one whose mutex
// the caller of cond_broadcast() holds.
TEST_P(CondWakeupTest, OneConditionWithSeveralMutexes) {
  constexpr size_t kWaiters = 6;
  cond_t c = DEFAULTCV;
  std::array<mutex_t, kWaiters> mutexes{};
  std::array<bool, kWaiters> waiting{};
  std::array<bool, kWaiters> told{};
  std::vector<thread_t> ids;
  for (size_t i = 0; i < kWaiters; ++i) {
    ASSERT_EQ(mutex_init(&mutexes[i], LOCK_ERRORCHECK, nullptr), 0);
    ids.push_back(Spawn([&, i] {
      EXPECT_EQ(mutex_lock(&mutexes[i]), 0);
      waiting[i] = true;
      while (!told[i]) EXPECT_EQ(cond_wait(&c, &mutexes[i]), 0);
      for (size_t j = 0; j < kWaiters; ++j) {
        EXPECT_EQ(MUTEX_HELD(&mutexes[j]) != 0, i == j);
      }
      EXPECT_EQ(mutex_unlock(&mutexes[i]), 0);
    }));
  }
  for (size_t i = 0; i < kWaiters; ++i) {
    EXPECT_TRUE(EventuallyLocked(&mutexes[i], [&] { return waiting[i]; }));
  }
  for (size_t i = 0; i < kWaiters; ++i) {
    EXPECT_EQ(mutex_lock(&mutexes[i]), 0);
    told[i] = true;
    if (i != 0) {
      EXPECT_EQ(mutex_unlock(&mutexes[i]), 0);
    }
  }
  EXPECT_EQ(cond_broadcast(&c), 0);
  EXPECT_EQ(mutex_unlock(&mutexes[0]), 0);
  for (const thread_t id : ids) Join(id);
}

TEST_P(CondWakeupTest, TimeoutSwallowsNoSignal) {
  cond_t c = DEFAULTCV;
  mutex_t m = DEFAULTMUTEX;
  ExpectTimeoutsSwallowNoSignal(c, m, 4, 500);
}

TEST_P(CondWakeupTest, ProducersAndConsumers) {
  constexpr int kPairs = 4;
  constexpr long kItems = 3000;
  constexpr size_t kCapacity = 4;
  for (const LockType& lock : kLockTypes) {
    SCOPED_TRACE(lock.name);
    mutex_t m;
    ASSERT_EQ(mutex_init(&m, lock.type, nullptr), 0);
    cond_t not_empty = DEFAULTCV;
    cond_t not_full = DEFAULTCV;
    std::deque<long> buffer;
    std::atomic<long> sum{0};
    RunThreads(2 * kPairs, [&](int index) {
      for (long i = 1; i <= kItems; ++i) {
        EXPECT_EQ(mutex_lock(&m), 0);
        if (index % 2 == 0) {
          while (buffer.size() == kCapacity) {
            EXPECT_EQ(cond_wait(&not_full, &m), 0);
          }
          buffer.push_back(i);
          EXPECT_EQ(cond_signal(&not_empty), 0);
        } else {
          while (buffer.empty()) EXPECT_EQ(cond_wait(&not_empty, &m), 0);
          sum += buffer.front();
          buffer.pop_front();
          EXPECT_EQ(cond_signal(&not_full), 0);
        }
        EXPECT_LE(buffer.size(), kCapacity);
        EXPECT_EQ(mutex_unlock(&m), 0);
      }
    });
    EXPECT_EQ(sum.load(), kPairs * kItems * (kItems + 1) / 2);
    EXPECT_TRUE(buffer.empty());
    EXPECT_EQ(mutex_destroy(&m), 0);
  }
}

}  // namespace
}  // namespace lt
