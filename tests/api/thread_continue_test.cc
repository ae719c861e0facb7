// SPDX-License-Identifier: MIT
//
// thr_continue(3) of threads made with THR_SUSPENDED.

#include <errno.h>

#include <vector>

#include "support/fixture.h"

namespace lt {
namespace {

using ThreadContinueTest = ApiTest;
LT_OVER_KINDS(ThreadContinueTest);

constexpr thread_t kNobody = 2'000'000'000;

TEST_P(ThreadContinueTest, StartsASuspendedThread) {
  std::atomic<bool> ran{false};
  const thread_t id = Spawn([&] { ran = true; }, THR_SUSPENDED);
  EXPECT_TRUE(Quiesce());
  EXPECT_FALSE(ran);
  EXPECT_EQ(thr_continue(id), 0);
  EXPECT_TRUE(Eventually([&] { return ran.load(); }));
  Join(id);
}

TEST_P(ThreadContinueTest, OfARunningThreadHasNoEffect) {
  Gate leave;
  const thread_t id = Spawn([&] { leave.Wait(); });
  for (int i = 0; i < 10; ++i) EXPECT_EQ(thr_continue(id), 0);
  leave.Open();
  Join(id);
}

TEST_P(ThreadContinueTest, OfTheCallerHasNoEffect) {
  EXPECT_EQ(thr_continue(thr_self()), 0);
  Join(Spawn([] { EXPECT_EQ(thr_continue(thr_self()), 0); }));
}

TEST_P(ThreadContinueTest, OfAThreadThatSleepsDoesNotWakeIt) {
  sema_t sema = DEFAULTSEMA;
  std::atomic<bool> woke{false};
  const thread_t id = Spawn([&] {
    EXPECT_EQ(sema_wait(&sema), 0);
    woke = true;
  });
  EXPECT_TRUE(Quiesce());
  EXPECT_EQ(thr_continue(id), 0);
  EXPECT_TRUE(Quiesce());
  EXPECT_FALSE(woke);
  EXPECT_EQ(sema_post(&sema), 0);
  Join(id);
  EXPECT_TRUE(woke);
}

TEST_P(ThreadContinueTest, UnknownThreadsAreNotFound) {
  EXPECT_EQ(thr_continue(kNobody), ESRCH);
  const thread_t id = Spawn([] {});
  Join(id);
  EXPECT_EQ(thr_continue(id), ESRCH);
}

TEST_P(ThreadContinueTest, AThreadThatHasExitedIsNotFound) {
  const thread_t id = Spawn([] {});
  EXPECT_TRUE(Eventually([&] { return thr_continue(id) == ESRCH; }));
  Join(id);
}

TEST_P(ThreadContinueTest, OneOfManyCallersStartsIt) {
  for (int round = 0; round < 20; ++round) {
    std::atomic<int> runs{0};
    const thread_t id = Spawn([&] { ++runs; }, THR_SUSPENDED);
    // Those that come after its end find nobody.
    RunThreads(4, [&](int) {
      const int error = thr_continue(id);
      EXPECT_TRUE(error == 0 || error == ESRCH) << error;
    });
    Join(id);
    EXPECT_EQ(runs, 1);
  }
}

TEST_P(ThreadContinueTest, AForeignThreadMayCallIt) {
  std::atomic<bool> ran{false};
  const thread_t id = Spawn([&] { ran = true; }, THR_SUSPENDED);
  ForeignThread([&] { EXPECT_EQ(thr_continue(id), 0); }).Join();
  Join(id);
  EXPECT_TRUE(ran);
}

TEST_P(ThreadContinueTest, ThreadsRunInWhateverOrderTheyAreContinued) {
  std::vector<thread_t> ids;
  std::vector<int> ran(20);
  for (int& mine : ran) ids.push_back(Spawn([&] { mine = 1; }, THR_SUSPENDED));
  for (size_t i = ids.size(); i-- > 0;) {
    EXPECT_EQ(ran[i], 0);
    EXPECT_EQ(thr_continue(ids[i]), 0);
    Join(ids[i]);
    EXPECT_EQ(ran[i], 1);
  }
}

}  // namespace
}  // namespace lt
