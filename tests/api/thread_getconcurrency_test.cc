// SPDX-License-Identifier: MIT
//
// thr_getconcurrency(3) and thr_setconcurrency(3).  The level belongs to the
// process and never falls, so that these cases compare with what they found;
// its first value, its limit and what it does are in tests/programs.
// THR_NEW_LWP is in thread_create_flags_test.cc.

#include <errno.h>

#include <climits>

#include "support/fixture.h"

namespace lt {
namespace {

using ThreadGetconcurrencyTest = ApiTest;
LT_OVER_KINDS(ThreadGetconcurrencyTest);

TEST_P(ThreadGetconcurrencyTest, TheLevelIsOneOrMore) {
  EXPECT_GE(thr_getconcurrency(), 1);
}

TEST_P(ThreadGetconcurrencyTest, AGreaterLevelIsKept) {
  const int before = thr_getconcurrency();
  EXPECT_EQ(thr_setconcurrency(before + 2), 0);
  EXPECT_EQ(thr_getconcurrency(), before + 2);
}

TEST_P(ThreadGetconcurrencyTest, ASmallerLevelChangesNothing) {
  ASSERT_EQ(thr_setconcurrency(thr_getconcurrency() + 2), 0);
  const int before = thr_getconcurrency();
  EXPECT_EQ(thr_setconcurrency(before - 1), 0);
  EXPECT_EQ(thr_getconcurrency(), before);
  EXPECT_EQ(thr_setconcurrency(1), 0);
  EXPECT_EQ(thr_getconcurrency(), before);
  EXPECT_EQ(thr_setconcurrency(before), 0);
  EXPECT_EQ(thr_getconcurrency(), before);
}

TEST_P(ThreadGetconcurrencyTest, ZeroLeavesItToTheLibrary) {
  const int before = thr_getconcurrency();
  EXPECT_EQ(thr_setconcurrency(0), 0);
  EXPECT_EQ(thr_getconcurrency(), before);
}

TEST_P(ThreadGetconcurrencyTest, NegativeLevelsAreInvalid) {
  const int before = thr_getconcurrency();
  for (const int level : {-1, -65536, INT_MIN}) {
    EXPECT_EQ(thr_setconcurrency(level), EINVAL) << level;
  }
  EXPECT_EQ(thr_getconcurrency(), before);
}

TEST_P(ThreadGetconcurrencyTest, LevelsPastTheLimitAreRefused) {
  const int before = thr_getconcurrency();
  for (const int level : {65537, 1'000'000, INT_MAX}) {
    EXPECT_EQ(thr_setconcurrency(level), EAGAIN) << level;
  }
  EXPECT_EQ(thr_getconcurrency(), before);
}

TEST_P(ThreadGetconcurrencyTest, EveryThreadSeesTheSameLevel) {
  int seen = 0;
  Join(Spawn([&] {
    EXPECT_EQ(thr_setconcurrency(thr_getconcurrency() + 1), 0);
    seen = thr_getconcurrency();
  }));
  EXPECT_EQ(thr_getconcurrency(), seen);
  ForeignThread([&] { EXPECT_EQ(thr_getconcurrency(), seen); }).Join();
}

TEST_P(ThreadGetconcurrencyTest, ThreadsWithoutNewLwpLeaveItAlone) {
  const int before = thr_getconcurrency();
  RunThreads(20, [&](int) { EXPECT_EQ(thr_getconcurrency(), before); });
  EXPECT_EQ(thr_getconcurrency(), before);
}

}  // namespace
}  // namespace lt
