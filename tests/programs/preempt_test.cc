// SPDX-License-Identifier: MIT
//
// Time slices and priorities: who runs while a thread computes.

#include "programs/run_program.h"

namespace lt {
namespace {

using PreemptTest = ProgramTest;
LT_OVER_MODELS(PreemptTest);

TEST_P(PreemptTest, NobodyIsStoppedInsideLibc) {
  // In one-to-one it is the kernel that preempts.
  const int threads = GetParam() == "one-to-one" ? 100 : 500;
  const ProgramResult result =
      Run("preempt_libc", {std::to_string(threads), "1"},
          {{"LIBTHREAD_QUANTUM", "200us"}, {"LIBTHREAD_CONCURRENCY", "4"}});
  ASSERT_TRUE(EndedWith(0, result));
  EXPECT_GE(result.Value("rounds"), threads);
}

class PreemptOrderTest : public ProgramTest {
 protected:
  // Whether the other thread ran while main computed.
  static bool Ran(const std::string& name, const Environment& environment) {
    const ProgramResult result = Run("preempt_order", {name}, environment);
    EXPECT_TRUE(EndedWith(0, result)) << name;
    return result.Value("ran") == 1;
  }
  static bool OneLwp() { return GetParam() == "many-to-one"; }
};

LT_OVER_MODELS(PreemptOrderTest);

const Environment kNoSlices = {{"LIBTHREAD_QUANTUM", "0"}};

// Slices or not.
TEST_P(PreemptOrderTest, HigherPrioritiesTakeTheLwp) {
  for (const Environment& environment : {Environment{}, kNoSlices}) {
    EXPECT_TRUE(Ran("readies_higher", environment));
    EXPECT_TRUE(Ran("higher_is_readied", environment));
    EXPECT_TRUE(Ran("higher_wait_ends", environment));
  }
}

TEST_P(PreemptOrderTest, EqualPrioritiesTakeTurns) {
  EXPECT_TRUE(Ran("equal_waits", {}));
  EXPECT_TRUE(Ran("equal_waits", {{"LIBTHREAD_QUANTUM", "1"}}));
}

// Where there are other LWPs, those run it.
TEST_P(PreemptOrderTest, WithoutSlicesNobodyTakesTurns) {
  const bool ran = Ran("equal_waits_shortly", kNoSlices);
  if (OneLwp()) {
    EXPECT_FALSE(ran);
  }
}

TEST_P(PreemptOrderTest, LowerPrioritiesWait) {
  const bool ran = Ran("lower_waits_shortly", {});
  if (OneLwp()) {
    EXPECT_FALSE(ran);
  }
}

}  // namespace
}  // namespace lt
