// SPDX-License-Identifier: MIT
//
// thr_self(3) and thr_main(3), and the private spellings of both.

#include <cstdio>
#include <set>
#include <string>
#include <vector>

#include "support/fixture.h"

// Exported for other libraries, in no header.  NOLINTBEGIN
extern "C" thread_t _thr_self(void);
extern "C" thread_t _ti_thr_self(void);
extern "C" int _thr_main(void);
extern "C" int lwp_self(void);
// NOLINTEND

namespace lt {
namespace {

using ThreadSelfTest = ApiTest;
LT_OVER_KINDS(ThreadSelfTest);

TEST_P(ThreadSelfTest, MainIsThreadOne) {
  EXPECT_EQ(thr_self(), 1U);
  EXPECT_EQ(thr_main(), 1);
}

TEST_P(ThreadSelfTest, OthersAreNotMain) {
  int answer = -1;
  thread_t self = 0;
  const thread_t id = Spawn([&] {
    self = thr_self();
    answer = thr_main();
  });
  Join(id);
  EXPECT_EQ(self, id);
  EXPECT_EQ(answer, 0);
}

TEST_P(ThreadSelfTest, TheIdStaysTheSameWhereverTheThreadRuns) {
  std::atomic<int> wrong{0};
  RunThreads(20, [&](int) {
    const thread_t self = thr_self();
    for (int i = 0; i < 200; ++i) {
      thr_yield();
      if (thr_self() != self || thr_main() != 0) ++wrong;
    }
  });
  EXPECT_EQ(wrong, 0);
  EXPECT_EQ(thr_self(), 1U);
}

TEST_P(ThreadSelfTest, IdsAreSmallAndPrintLikeIntegers) {
  char text[32];
  const thread_t id = Spawn(
      [&] { snprintf(text, sizeof text, "%d", static_cast<int>(thr_self())); });
  Join(id);
  EXPECT_EQ(std::to_string(id), text);
  EXPECT_LT(id, 100'000U);
  EXPECT_EQ(sizeof(thread_t), 4U);
}

TEST_P(ThreadSelfTest, LiveThreadsHaveDistinctIds) {
  constexpr size_t kThreads = 100;
  std::vector<thread_t> ids(kThreads);
  std::atomic<size_t> arrived{0};
  RunThreads(kThreads, [&](int i) {
    ids[static_cast<size_t>(i)] = thr_self();
    ++arrived;
    EXPECT_TRUE(Eventually([&] { return arrived == kThreads; }));
  });
  EXPECT_EQ(std::set<thread_t>(ids.begin(), ids.end()).size(), kThreads);
}

TEST_P(ThreadSelfTest, AForeignThreadGetsAnIdAtItsFirstCall) {
  thread_t first = 0;
  thread_t again = 0;
  int main_answer = -1;
  ForeignThread([&] {
    first = thr_self();
    again = thr_self();
    main_answer = thr_main();
  }).Join();
  EXPECT_GT(first, 1U);
  EXPECT_EQ(again, first);
  EXPECT_EQ(main_answer, 0);
  const thread_t ours = Spawn([] {});
  EXPECT_NE(ours, first);
  Join(ours);
}

TEST_P(ThreadSelfTest, ThePrivateSpellingsAgree) {
  EXPECT_EQ(_thr_self(), 1U);
  EXPECT_EQ(_ti_thr_self(), 1U);
  EXPECT_EQ(_thr_main(), 1);
  const thread_t id = Spawn([] {
    EXPECT_EQ(_thr_self(), thr_self());
    EXPECT_EQ(_ti_thr_self(), thr_self());
    EXPECT_EQ(_thr_main(), 0);
  });
  Join(id);
}

TEST_P(ThreadSelfTest, LwpsAreNumberedFromOne) {
  EXPECT_GE(lwp_self(), 1);
  Join(Spawn([&] {
    const int first = lwp_self();
    EXPECT_GE(first, 1);
    thr_yield();
    if (GetParam() == Kind::kBound) {
      EXPECT_EQ(lwp_self(), first);
    }
  }));
}

}  // namespace
}  // namespace lt
