// SPDX-License-Identifier: MIT
//
// thr_suspend(3) and thr_continue(3): the target is stopped when the call
// returns, suspensions are not counted, and only thr_continue() ends one.

#include <errno.h>

#include <array>
#include <vector>

#include "support/fixture.h"
#include "support/signals.h"
#include "support/sync_objects.h"

namespace lt {
namespace {

// Counts for as long as the test wants.
class Counter {
 public:
  void Run() {
    while (!stop_) count_ = count_ + 1;
  }
  void RunYielding() {
    while (!stop_) {
      count_ = count_ + 1;
      thr_yield();
    }
  }
  void Stop() { stop_ = true; }
  uint64_t count() const { return count_; }
  ::testing::AssertionResult Advances() const {
    const uint64_t before = count_;
    return Eventually([&] { return count_ != before; });
  }
  // Not while others had every opportunity to run.
  ::testing::AssertionResult StandsStill() const {
    const uint64_t before = count_;
    const ::testing::AssertionResult quiet = Quiesce();
    if (!quiet) return quiet;
    if (count_ == before) return ::testing::AssertionSuccess();
    return ::testing::AssertionFailure() << "the thread still runs";
  }

 private:
  std::atomic<bool> stop_{false};
  std::atomic<uint64_t> count_{0};
};

using SuspendTest = SignalTest;
LT_OVER_KINDS(SuspendTest);

TEST_P(SuspendTest, TheTargetIsStoppedOnReturn) {
  Counter counter;
  const thread_t id = Spawn([&] { counter.Run(); });
  for (int i = 0; i < 20; ++i) {
    EXPECT_TRUE(counter.Advances());
    EXPECT_EQ(thr_suspend(id), 0);
    const uint64_t at_return = counter.count();
    EXPECT_TRUE(counter.StandsStill());
    EXPECT_EQ(counter.count(), at_return);
    EXPECT_EQ(thr_continue(id), 0);
  }
  EXPECT_TRUE(counter.Advances());
  counter.Stop();
  Join(id);
}

TEST_P(SuspendTest, OfAThreadThatYieldsAllTheTime) {
  Counter counter;
  const thread_t id = Spawn([&] { counter.RunYielding(); });
  for (int i = 0; i < 20; ++i) {
    EXPECT_TRUE(counter.Advances());
    EXPECT_EQ(thr_suspend(id), 0);
    EXPECT_TRUE(counter.StandsStill());
    EXPECT_EQ(thr_continue(id), 0);
  }
  counter.Stop();
  Join(id);
}

TEST_P(SuspendTest, IsNotCounted) {
  Counter counter;
  const thread_t id = Spawn([&] { counter.Run(); });
  EXPECT_TRUE(counter.Advances());
  for (int i = 0; i < 3; ++i) EXPECT_EQ(thr_suspend(id), 0);
  EXPECT_TRUE(counter.StandsStill());
  EXPECT_EQ(thr_continue(id), 0);
  EXPECT_TRUE(counter.Advances());
  counter.Stop();
  Join(id);
}

TEST_P(SuspendTest, AnEarlierContinueIsNotRemembered) {
  Counter counter;
  const thread_t id = Spawn([&] { counter.Run(); });
  EXPECT_TRUE(counter.Advances());
  for (int i = 0; i < 3; ++i) EXPECT_EQ(thr_continue(id), 0);
  EXPECT_EQ(thr_suspend(id), 0);
  EXPECT_TRUE(counter.StandsStill());
  EXPECT_EQ(thr_continue(id), 0);
  counter.Stop();
  Join(id);
}

TEST_P(SuspendTest, OfAThreadThatNeverStarted) {
  std::atomic<bool> ran{false};
  const thread_t id = Spawn([&] { ran = true; }, THR_SUSPENDED);
  EXPECT_EQ(thr_suspend(id), 0);
  EXPECT_EQ(thr_suspend(id), 0);
  EXPECT_TRUE(Quiesce());
  EXPECT_FALSE(ran);
  EXPECT_EQ(thr_continue(id), 0);
  Join(id);
  EXPECT_TRUE(ran);
}

TEST_P(SuspendTest, OfTheCallerReturnsWhenItIsContinued) {
  std::atomic<int> passed{0};
  const thread_t id = Spawn([&] {
    for (int i = 1; i <= 3; ++i) {
      EXPECT_EQ(thr_suspend(thr_self()), 0);
      passed = i;
    }
  });
  for (int i = 1; i <= 3; ++i) {
    EXPECT_TRUE(Quiesce());
    EXPECT_EQ(passed, i - 1);
    EXPECT_EQ(thr_continue(id), 0);
    EXPECT_TRUE(Eventually([&] { return passed == i; }));
  }
  Join(id);
}

TEST_P(SuspendTest, OfMain) {
  const thread_t main = thr_self();
  std::atomic<bool> continued{false};
  const thread_t id = Spawn([&] {
    EXPECT_EQ(thr_suspend(main), 0);
    for (int i = 0; i < 100; ++i) thr_yield();
    continued = true;
    EXPECT_EQ(thr_continue(main), 0);
  });
  EXPECT_TRUE(Eventually([&] { return continued.load(); }));
  Join(id);
}

TEST_P(SuspendTest, MainSuspendsItself) {
  const thread_t main = thr_self();
  std::atomic<bool> continued{false};
  const thread_t id = Spawn([&] {
    EXPECT_TRUE(Quiesce());
    continued = true;
    EXPECT_EQ(thr_continue(main), 0);
  });
  EXPECT_EQ(thr_suspend(main), 0);
  EXPECT_TRUE(continued);
  Join(id);
}

TEST_P(SuspendTest, UnknownThreadsAreNotFound) {
  errno = 4711;
  EXPECT_EQ(thr_suspend(kNobody), ESRCH);
  EXPECT_EQ(thr_suspend(0), ESRCH);
  const thread_t id = Spawn([] {});
  Join(id);
  EXPECT_EQ(thr_suspend(id), ESRCH);
  EXPECT_EQ(errno, 4711);
}

TEST_P(SuspendTest, AThreadThatHasExitedIsNotFound) {
  Counter counter;
  const thread_t id = Spawn([&] { counter.Run(); });
  EXPECT_TRUE(counter.Advances());
  counter.Stop();
  // Stopped on its way out it must be continued to get there.
  EXPECT_TRUE(Eventually([&] {
    const int error = thr_suspend(id);
    if (error == 0) {
      EXPECT_EQ(thr_continue(id), 0);
    }
    return error == ESRCH;
  }));
  EXPECT_EQ(thr_continue(id), ESRCH);
  Join(id);
}

TEST_P(SuspendTest, LeavesErrnoAlone) {
  Counter counter;
  std::atomic<bool> same{false};
  const thread_t id = Spawn([&] {
    errno = 815;
    counter.Run();
    same = errno == 815;
  });
  InThread([&] {
    EXPECT_TRUE(counter.Advances());
    errno = 4711;
    EXPECT_EQ(thr_suspend(id), 0);
    EXPECT_EQ(thr_continue(id), 0);
    EXPECT_EQ(errno, 4711);
  });
  counter.Stop();
  Join(id);
  EXPECT_TRUE(same);
}

TEST_P(SuspendTest, JoinWaitsForASuspendedThread) {
  Counter counter;
  const thread_t id = Spawn([&] { counter.Run(); });
  EXPECT_TRUE(counter.Advances());
  EXPECT_EQ(thr_suspend(id), 0);
  counter.Stop();
  std::atomic<bool> joined{false};
  const thread_t joiner = Spawn([&] {
    Join(id);
    joined = true;
  });
  EXPECT_TRUE(Quiesce());
  EXPECT_FALSE(joined);
  EXPECT_EQ(LiveThreads(), 3);
  EXPECT_EQ(thr_continue(id), 0);
  Join(joiner);
  EXPECT_TRUE(joined);
}

// Only thr_continue() ends it, and a signal waits until then.
TEST_P(SuspendTest, SignalsDoNotContinue) {
  const ScopedAction action(SIGUSR1);
  const ScopedAction cont(SIGCONT);
  Counter counter;
  const thread_t id = Spawn([&] { counter.Run(); });
  EXPECT_TRUE(counter.Advances());
  EXPECT_EQ(thr_suspend(id), 0);
  EXPECT_EQ(thr_kill(id, SIGUSR1), 0);
  EXPECT_EQ(thr_kill(id, SIGCONT), 0);
  EXPECT_TRUE(counter.StandsStill());
  EXPECT_EQ(seen.runs, 0);
  EXPECT_EQ(thr_continue(id), 0);
  EXPECT_TRUE(Eventually([] { return seen.runs == 2; }));
  EXPECT_EQ(seen.thread, id);
  counter.Stop();
  Join(id);
}

TEST_P(SuspendTest, AThreadThatBlocksAllSignalsIsStopped) {
  Counter counter;
  const thread_t id = Spawn([&] {
    sigset_t full;
    sigfillset(&full);
    EXPECT_EQ(thr_sigsetmask(SIG_SETMASK, &full, nullptr), 0);
    counter.Run();
  });
  EXPECT_TRUE(counter.Advances());
  EXPECT_EQ(thr_suspend(id), 0);
  EXPECT_TRUE(counter.StandsStill());
  EXPECT_EQ(thr_continue(id), 0);
  EXPECT_TRUE(counter.Advances());
  counter.Stop();
  Join(id);
}

TEST_P(SuspendTest, AThreadInAHandlerIsStopped) {
  static Counter* counter;
  Counter in_handler;
  counter = &in_handler;
  const ScopedAction action(
      SIGUSR1, +[](int) { counter->Run(); });
  const thread_t id =
      Spawn([] { EXPECT_EQ(thr_kill(thr_self(), SIGUSR1), 0); });
  EXPECT_TRUE(in_handler.Advances());
  EXPECT_EQ(thr_suspend(id), 0);
  EXPECT_TRUE(in_handler.StandsStill());
  EXPECT_EQ(thr_continue(id), 0);
  EXPECT_TRUE(in_handler.Advances());
  in_handler.Stop();
  Join(id);
}

TEST_P(SuspendTest, ForeignThreadsSuspendAndAreSuspended) {
  Counter counter;
  const thread_t id = Spawn([&] { counter.Run(); });
  EXPECT_TRUE(counter.Advances());
  ForeignThread([&] { EXPECT_EQ(thr_suspend(id), 0); }).Join();
  EXPECT_TRUE(counter.StandsStill());
  ForeignThread([&] { EXPECT_EQ(thr_continue(id), 0); }).Join();
  EXPECT_TRUE(counter.Advances());
  counter.Stop();
  Join(id);

  Counter of_foreign;
  std::atomic<thread_t> foreign_id{0};
  ForeignThread foreign([&] {
    foreign_id = thr_self();
    of_foreign.Run();
  });
  EXPECT_TRUE(of_foreign.Advances());
  InThread([&] { EXPECT_EQ(thr_suspend(foreign_id), 0); });
  EXPECT_TRUE(of_foreign.StandsStill());
  EXPECT_EQ(thr_continue(foreign_id), 0);
  EXPECT_TRUE(of_foreign.Advances());
  of_foreign.Stop();
  foreign.Join();
}

// The library serialises the two: one wins, the other is stopped while it waits
// for its turn, until the winner continues it.
TEST_P(SuspendTest, TwoThreadsSuspendEachOther) {
  constexpr int kRounds = 1000;
  std::array<std::atomic<thread_t>, 2> ids{};
  std::array<int, 2> successes{};
  RunThreads(2, [&](int index) {
    const auto self = static_cast<size_t>(index);
    ids[self] = thr_self();
    EXPECT_TRUE(Eventually([&] { return ids[1 - self] != 0; }));
    for (int i = 0; i < kRounds; ++i) {
      const int error = thr_suspend(ids[1 - self]);
      if (error == ESRCH) return;  // it is through
      ASSERT_EQ(error, 0);
      ++successes[self];
      ASSERT_EQ(thr_continue(ids[1 - self]), 0);
    }
  });
  // Who came to the end first made all of its rounds.
  EXPECT_EQ(std::max(successes[0], successes[1]), kRounds);
}

TEST_P(SuspendTest, ManySuspendersOfOneThread) {
  Counter counter;
  const thread_t id = Spawn([&] { counter.Run(); });
  RunThreads(4, [&](int) {
    for (int i = 0; i < 50; ++i) {
      EXPECT_EQ(thr_suspend(id), 0);
      EXPECT_EQ(thr_continue(id), 0);
    }
  });
  // Every suspension was followed by a continuation.
  EXPECT_TRUE(counter.Advances());
  counter.Stop();
  Join(id);
}

TEST_P(SuspendTest, ManyThreadsAtOnce) {
  constexpr int kThreads = 12;
  std::vector<Counter> counters(kThreads);
  std::vector<thread_t> ids;
  for (Counter& counter : counters) {
    ids.push_back(Spawn([&] { counter.Run(); }));
  }
  for (const Counter& counter : counters) {
    EXPECT_TRUE(Eventually([&] { return counter.count() != 0; }));
  }
  for (int round = 0; round < 3; ++round) {
    std::vector<uint64_t> counts;
    for (const thread_t id : ids) EXPECT_EQ(thr_suspend(id), 0);
    for (Counter& counter : counters) counts.push_back(counter.count());
    EXPECT_TRUE(Quiesce());
    for (size_t i = 0; i < kThreads; ++i) {
      EXPECT_EQ(counters[i].count(), counts[i]);
    }
    for (const thread_t id : ids) EXPECT_EQ(thr_continue(id), 0);
  }
  for (Counter& counter : counters) counter.Stop();
  for (const thread_t id : ids) Join(id);
}

}  // namespace
}  // namespace lt
