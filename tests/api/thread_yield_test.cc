// SPDX-License-Identifier: MIT
//
// thr_yield(3).

#include <errno.h>

#include <algorithm>
#include <string>
#include <vector>

#include "support/fixture.h"

namespace lt {
namespace {

using ThreadYieldTest = ApiTest;
LT_OVER_KINDS(ThreadYieldTest);

TEST_P(ThreadYieldTest, ReturnsWhenNobodyElseRuns) {
  errno = EDOM;
  for (int i = 0; i < 1000; ++i) thr_yield();
  EXPECT_EQ(errno, EDOM);
}

TEST_P(ThreadYieldTest, LeavesErrnoAlone) {
  std::atomic<int> wrong{0};
  RunThreads(10, [&](int i) {
    errno = 100 + i;
    for (int turn = 0; turn < 200; ++turn) {
      thr_yield();
      if (errno != 100 + i) ++wrong;
    }
  });
  EXPECT_EQ(wrong, 0);
}

TEST_P(ThreadYieldTest, ASpinWithYieldsLetsTheOtherThreadRun) {
  std::atomic<bool> flag{false};
  const thread_t spinner =
      Spawn([&] { EXPECT_TRUE(Eventually([&] { return flag.load(); })); });
  const thread_t setter = Spawn([&] { flag = true; });
  Join(spinner);
  Join(setter);
  EXPECT_TRUE(flag);
}

TEST_P(ThreadYieldTest, ATokenGoesRound) {
  constexpr int kThreads = 10;
  constexpr int kRounds = 50;
  std::atomic<int> turn{0};
  RunThreads(kThreads, [&](int i) {
    for (int round = 0; round < kRounds; ++round) {
      EXPECT_TRUE(Eventually([&] { return turn == round * kThreads + i; }));
      ++turn;
    }
  });
  EXPECT_EQ(turn, kThreads * kRounds);
}

TEST_P(ThreadYieldTest, AForeignThreadMayYield) {
  int yields = 0;
  ForeignThread([&] {
    for (; yields < 100; ++yields) thr_yield();
  }).Join();
  EXPECT_EQ(yields, 100);
}

// With one LWP and one priority the order is first come, first served.  A
// thread that yields goes behind the others.
TEST(ThreadYieldOrderTest, UnboundThreadsOfOneLwpTakeTurns) {
  std::string order;
  mutex_t mutex = DEFAULTMUTEX;
  std::vector<thread_t> ids;
  const int threads = 3;
  for (int i = 0; i < threads; ++i) {
    ids.push_back(SpawnWithFlags(
        [&, i] {
          for (int turn = 0; turn < 4; ++turn) {
            EXPECT_EQ(mutex_lock(&mutex), 0);
            order += static_cast<char>('a' + i);
            EXPECT_EQ(mutex_unlock(&mutex), 0);
            thr_yield();
          }
        },
        0));
  }
  for (const thread_t id : ids) Join(id);
  ASSERT_EQ(order.size(), 12U);
  if (ModelName() == "many-to-one") {
    for (size_t i = 3; i < order.size(); ++i) {
      EXPECT_EQ(order[i], order[i - 3]) << order;
    }
  } else {
    EXPECT_EQ(std::count(order.begin(), order.end(), 'a'), 4) << order;
  }
}

}  // namespace
}  // namespace lt
