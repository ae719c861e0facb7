// SPDX-License-Identifier: MIT

#include <gtest/gtest.h>

#include <algorithm>
#include <memory>
#include <random>
#include <set>
#include <thread>
#include <utility>
#include <vector>

#include "sched/thread.h"
#include "sched/timer.h"

namespace lt {
namespace {

constexpr int64_t kPast = INT64_MIN;  // nothing is due then

// The heap is one for the process: each case leaves it empty.
class TimerTest : public testing::Test {
 protected:
  ~TimerTest() override { EXPECT_TRUE(NextDue().never()); }

  static Deadline NextDue() {
    uint32_t wait_count = 0;
    Deadline next = Deadline::Never();
    EXPECT_EQ(TakeDueTimer(kPast, wait_count, next), nullptr);
    return next;
  }
  static Thread* TakeDue(int64_t now) {
    uint32_t wait_count = 0;
    Deadline next = Deadline::Never();
    return TakeDueTimer(now, wait_count, next);
  }
};

TEST_F(TimerTest, TellsWhichIsTheEarliest) {
  Thread a, b, c;
  EXPECT_TRUE(ArmTimer(a, Deadline::AtNs(20)));
  EXPECT_FALSE(ArmTimer(b, Deadline::AtNs(30)));
  EXPECT_TRUE(ArmTimer(c, Deadline::AtNs(10)));
  EXPECT_EQ(NextDue().ns(), 10);
  EXPECT_EQ(TakeDue(9), nullptr);
  EXPECT_EQ(TakeDue(25), &c);
  EXPECT_EQ(TakeDue(25), &a);
  EXPECT_EQ(TakeDue(25), nullptr);
  EXPECT_EQ(NextDue().ns(), 30);
  EXPECT_EQ(TakeDue(30), &b);
}

TEST_F(TimerTest, SaysWhichWaitItWasFor) {
  Thread thread;
  thread.wait_count = 7;
  ArmTimer(thread, Deadline::AtNs(5));
  thread.wait_count = 8;
  uint32_t wait_count = 0;
  Deadline next = Deadline::Never();
  EXPECT_EQ(TakeDueTimer(5, wait_count, next), &thread);
  EXPECT_EQ(wait_count, 7u);
}

TEST_F(TimerTest, CancelOfAFiredOneIsNothing) {
  Thread thread;
  ArmTimer(thread, Deadline::AtNs(5));
  EXPECT_EQ(TakeDue(5), &thread);
  CancelTimer(thread);
  CancelTimer(thread);
  EXPECT_EQ(TakeDue(INT64_MAX), nullptr);
}

// Random arming, cancelling and firing, compared with an ordered set.
TEST_F(TimerTest, AgreesWithAnOrderedSet) {
  constexpr int kThreads = 300;
  std::unique_ptr<Thread[]> threads(new Thread[kThreads]);
  std::set<std::pair<int64_t, Thread*>> model;
  const auto due = [&](int i) {
    return std::make_pair(threads[i].timer.due_ns, &threads[i]);
  };
  std::mt19937 random(20'251'101);
  for (int step = 0; step < 200'000; ++step) {
    const int i = static_cast<int>(random() % kThreads);
    const int64_t time = random() % 1000;
    if (model.count(due(i)) != 0) {
      model.erase(due(i));
      CancelTimer(threads[i]);
    } else {
      const bool first = model.empty() || time < model.begin()->first;
      const bool told = ArmTimer(threads[i], Deadline::AtNs(time));
      // Of two that are due at once either may be the root.
      ASSERT_TRUE(told == first || time == model.begin()->first) << step;
      model.emplace(time, &threads[i]);
    }
    ASSERT_EQ(NextDue().never(), model.empty());
    if (!model.empty()) {
      ASSERT_EQ(NextDue().ns(), model.begin()->first);
    }
    if (step % 97 == 0) {
      const int64_t now = random() % 500;
      while (Thread* fired = TakeDue(now)) {
        ASSERT_EQ(model.erase({fired->timer.due_ns, fired}), 1u) << step;
        ASSERT_LE(fired->timer.due_ns, now);
      }
      ASSERT_TRUE(model.empty() || model.begin()->first > now);
    }
  }
  for (int i = 0; i < kThreads; ++i) CancelTimer(threads[i]);
}

// Each arming fires once or is cancelled, whoever is faster.
TEST_F(TimerTest, FiresAtMostOnceBesideCancel) {
  constexpr int kArmers = 3;
  constexpr int kRounds = 50'000;
  std::atomic<bool> done{false};
  std::unique_ptr<Thread[]> threads(new Thread[kArmers]);
  std::atomic<int64_t> last[kArmers] = {};  // wait that fired last
  std::atomic<int> wrong{0};
  std::atomic<int64_t> fired{0};
  std::thread firer([&] {
    for (;;) {
      const bool stop = done;
      uint32_t wait_count = 0;
      Deadline next = Deadline::Never();
      while (Thread* thread = TakeDueTimer(INT64_MAX - 1, wait_count, next)) {
        const auto i = static_cast<size_t>(thread - threads.get());
        if (last[i].exchange(wait_count) >= wait_count) ++wrong;
        ++fired;
      }
      if (stop) return;
    }
  });
  std::vector<std::thread> armers;
  for (int t = 0; t < kArmers; ++t) {
    armers.emplace_back([&, t] {
      Thread& thread = threads[t];
      for (int i = 1; i <= kRounds; ++i) {
        thread.wait_count = i;
        ArmTimer(thread, Deadline::AtNs(i % 100));
        if (i % 16 == 0) std::this_thread::yield();
        CancelTimer(thread);
      }
    });
  }
  for (std::thread& armer : armers) armer.join();
  done = true;
  firer.join();
  EXPECT_EQ(wrong, 0);
  EXPECT_LE(fired, int64_t{kArmers} * kRounds);
}

}  // namespace
}  // namespace lt
