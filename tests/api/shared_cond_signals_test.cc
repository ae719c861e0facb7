// SPDX-License-Identifier: MIT
//
// cond_init(3) with USYNC_PROCESS, between the threads of one process: no
// signal is lost, whatever ends the waits of others.

#include <errno.h>

#include <atomic>
#include <deque>
#include <vector>

#include "support/fixture.h"
#include "support/shared_memory.h"
#include "support/signals.h"
#include "support/sync_objects.h"

namespace lt {
namespace {

class SharedCondSignalsTest : public SignalTest {
 protected:
  void SetUp() override {
    SignalTest::SetUp();
    ASSERT_EQ(mutex_init(&mutex_, USYNC_PROCESS, nullptr), 0);
    ASSERT_EQ(cond_init(&cond_, USYNC_PROCESS, nullptr), 0);
  }

  mutex_t mutex_{};
  cond_t cond_{};
};

LT_OVER_KINDS(SharedCondSignalsTest);

TEST_P(SharedCondSignalsTest, SignalsInARowAreNotMerged) {
  constexpr int kWaiters = 20;
  int waiting = 0;
  int tokens = 0;
  std::vector<thread_t> ids;
  for (int i = 0; i < kWaiters; ++i) {
    ids.push_back(Spawn([&] {
      EXPECT_EQ(mutex_lock(&mutex_), 0);
      ++waiting;
      while (tokens == 0) EXPECT_EQ(cond_wait(&cond_, &mutex_), 0);
      --tokens;
      EXPECT_EQ(mutex_unlock(&mutex_), 0);
    }));
  }
  EXPECT_TRUE(EventuallyLocked(&mutex_, [&] { return waiting == kWaiters; }));
  EXPECT_EQ(mutex_lock(&mutex_), 0);
  for (int i = 0; i < kWaiters; ++i) {
    ++tokens;
    EXPECT_EQ(cond_signal(&cond_), 0);
  }
  EXPECT_EQ(mutex_unlock(&mutex_), 0);
  for (const thread_t id : ids) Join(id);
  EXPECT_EQ(tokens, 0);
}

TEST_P(SharedCondSignalsTest, TimeoutSwallowsNoSignal) {
  ExpectTimeoutsSwallowNoSignal(cond_, mutex_, 3, 200);
}

// In each round two threads wait, one is interrupted and leaves, and one thing
// is given.  If the wakeup went to the interrupted one, nobody would come for
// what there is.
TEST_P(SharedCondSignalsTest, AnInterruptionSwallowsNoSignal) {
  const ScopedAction action(SIGUSR1);
  constexpr int kRounds = 150;
  std::atomic<thread_t> victim{0};
  std::atomic<bool> stop{false};
  ForeignThread interrupter([&] {
    while (!stop) {
      const thread_t id = victim;
      if (id == 0) {
        sched_yield();
        continue;
      }
      const int error = thr_kill(id, SIGUSR1);
      EXPECT_TRUE(error == 0 || error == ESRCH) << error;
    }
  });
  int waiters = 0;
  int things = 0;
  const auto wait = [&] {
    EXPECT_EQ(mutex_lock(&mutex_), 0);
    ++waiters;
    int error = 0;
    while (things == 0 && error == 0) error = cond_wait(&cond_, &mutex_);
    if (error == 0) --things;
    --waiters;
    EXPECT_EQ(mutex_unlock(&mutex_), 0);
    return error;
  };
  const auto give = [&] {
    EXPECT_EQ(mutex_lock(&mutex_), 0);
    ++things;
    EXPECT_EQ(cond_signal(&cond_), 0);
    EXPECT_EQ(mutex_unlock(&mutex_), 0);
  };
  for (int round = 0; round < kRounds; ++round) {
    std::atomic<int> first_result{-1};
    std::atomic<int> second_result{-1};
    const thread_t first = Spawn([&] { first_result = wait(); });
    const thread_t second = Spawn([&] { second_result = wait(); });
    EXPECT_TRUE(EventuallyLocked(&mutex_, [&] { return waiters == 2; }));
    victim = first;
    for (int i = round % 50; i > 0; --i) smt_pause();
    give();
    Join(first);
    victim = 0;
    if (first_result == 0) {
      give();  // the other one is owed something
    } else {
      EXPECT_EQ(first_result, EINTR);
    }
    Join(second);
    EXPECT_EQ(second_result, 0);
  }
  stop = true;
  interrupter.Join();
  EXPECT_EQ(things, 0);
}

TEST_P(SharedCondSignalsTest, ProducersAndConsumers) {
  constexpr int kPairs = 3;
  constexpr long kItems = 1000;
  constexpr size_t kCapacity = 4;
  cond_t not_full;
  ASSERT_EQ(cond_init(&not_full, USYNC_PROCESS, nullptr), 0);
  cond_t* const not_empty = &cond_;
  std::deque<long> buffer;
  std::atomic<long> sum{0};
  RunThreads(2 * kPairs, [&](int index) {
    for (long i = 1; i <= kItems; ++i) {
      EXPECT_EQ(mutex_lock(&mutex_), 0);
      if (index % 2 == 0) {
        while (buffer.size() == kCapacity) {
          EXPECT_EQ(cond_wait(&not_full, &mutex_), 0);
        }
        buffer.push_back(i);
        EXPECT_EQ(cond_signal(not_empty), 0);
      } else {
        while (buffer.empty()) EXPECT_EQ(cond_wait(not_empty, &mutex_), 0);
        sum += buffer.front();
        buffer.pop_front();
        EXPECT_EQ(cond_signal(&not_full), 0);
      }
      EXPECT_LE(buffer.size(), kCapacity);
      EXPECT_EQ(mutex_unlock(&mutex_), 0);
    }
  });
  EXPECT_EQ(sum, kPairs * kItems * (kItems + 1) / 2);
  EXPECT_TRUE(buffer.empty());
}

// Far more waiters than LWPs, and the one that is to wake them is unbound too.
TEST_P(SharedCondSignalsTest, ManyWaitersOfOneProcess) {
  constexpr int kWaiters = 60;
  int waiting = 0;
  bool told = false;
  std::vector<thread_t> ids;
  for (int i = 0; i < kWaiters; ++i) {
    ids.push_back(Spawn([&] {
      EXPECT_EQ(mutex_lock(&mutex_), 0);
      ++waiting;
      while (!told) EXPECT_EQ(cond_wait(&cond_, &mutex_), 0);
      EXPECT_EQ(mutex_unlock(&mutex_), 0);
    }));
  }
  InThread([&] {
    EXPECT_TRUE(EventuallyLocked(&mutex_, [&] { return waiting == kWaiters; }));
    EXPECT_EQ(mutex_lock(&mutex_), 0);
    told = true;
    EXPECT_EQ(cond_broadcast(&cond_), 0);
    EXPECT_EQ(mutex_unlock(&mutex_), 0);
  });
  for (const thread_t id : ids) Join(id);
}

}  // namespace
}  // namespace lt
