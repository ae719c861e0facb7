// SPDX-License-Identifier: MIT
//
// The LWP pool seen from outside: growth, limit, ageing, concurrency.

#include <iostream>

#include "programs/run_program.h"

namespace lt {
namespace {

using PoolTest = ProgramTest;
LT_OVER_MODELS(PoolTest);

bool IsManyToOne(const std::string& model) {
  return model == "many-to-one";
}

// many-to-one is the model in which a blocking call blocks all of the pool.
TEST_P(PoolTest, ThreadsBlockedInTheKernelDoNotStopOthers) {
  if (IsManyToOne(GetParam())) {
    const ProgramResult result = Run("one_lwp");
    ASSERT_TRUE(EndedWith(0, result));
    EXPECT_GT(result.Value("turns"), 0);
    EXPECT_EQ(result.Value("turns_while_blocked"), 0);
    EXPECT_EQ(result.Value("more_kernel_threads"), 0);
    return;
  }
  const ProgramResult result = Run("blocked_readers");
  ASSERT_TRUE(EndedWith(0, result));
  EXPECT_NE(result.out.find("done"), std::string::npos);
  std::cout << GetParam() << ": " << result.out;
  // The goal is 10 ms as a rule and 50 ms at most, on a machine that has the
  // time; this bound only tells growth from its absence.
  EXPECT_LT(result.Value("max_ms"), 2000);
  EXPECT_LT(result.Value("median_ms"), 200);
}

TEST_P(PoolTest, TheMostLwpsAreHonouredWithOneComplaint) {
  const Environment environment = {{"LIBTHREAD_MAX_LWPS", "4"},
                                   {"LIBTHREAD_CONCURRENCY", "1"}};
  if (IsManyToOne(GetParam())) {
    // Its pool does not want to grow in the first place.
    EXPECT_TRUE(EndedWith(0, Run("one_lwp", {}, environment)));
    return;
  }
  // In one-to-one nobody is in the pool but main.
  const bool limited = GetParam() == "two-level";
  const ProgramResult result =
      Run("max_lwps", {limited ? "4" : "6"}, environment);
  EXPECT_EQ(result.status, 0) << result;
  EXPECT_NE(result.out.find("done"), std::string::npos) << result;
  if (!limited) {
    EXPECT_EQ(result.err, "");
    return;
  }
  ASSERT_EQ(result.ErrLines().size(), 1U) << result;
  EXPECT_EQ(result.ErrLinesWith("LIBTHREAD_MAX_LWPS").size(), 1U) << result;
  // Four of the pool, the bound thread's, and the library's own helper.
  EXPECT_LE(result.Value("kernel_threads"), 4 + 1 + 3);
}

TEST_P(PoolTest, IdleLwpsEnd) {
  const ProgramResult result =
      Run(IsManyToOne(GetParam()) ? "one_lwp" : "lwp_age", {},
          {{"LIBTHREAD_LWP_AGE", "1"}, {"LIBTHREAD_CONCURRENCY", "1"}});
  ASSERT_TRUE(EndedWith(0, result));
  if (IsManyToOne(GetParam())) {
    EXPECT_EQ(result.Value("more_kernel_threads"), 0);
    return;
  }
  EXPECT_GE(result.Value("height"), result.Value("before") + 14) << result;
  EXPECT_LE(result.Value("end"), result.Value("before") + 1) << result;
}

TEST_P(PoolTest, BoundThreadsRunSideBySide) {
  EXPECT_TRUE(EndedWith(
      0, Run("parallel", {"bound"}, {{"LIBTHREAD_CONCURRENCY", "1"}})));
}

class ConcurrencyTest : public ProgramTest {};
INSTANTIATE_TEST_SUITE_P(Models, ConcurrencyTest, ::testing::ValuesIn([] {
                           std::vector<std::string> models = Models();
                           std::erase(models, "many-to-one");
                           return models;
                         }()),
                         ModelTestName);

TEST_P(ConcurrencyTest, SetconcurrencyGivesParallelism) {
  EXPECT_TRUE(EndedWith(0, Run("parallel", {"setconcurrency"},
                               {{"LIBTHREAD_CONCURRENCY", "1"}})));
}

TEST_P(ConcurrencyTest, NewLwpGivesParallelism) {
  EXPECT_TRUE(EndedWith(
      0, Run("parallel", {"new-lwp"}, {{"LIBTHREAD_CONCURRENCY", "1"}})));
}

TEST_P(ConcurrencyTest, TheEnvironmentGivesParallelism) {
  EXPECT_TRUE(EndedWith(
      0, Run("parallel", {"environment"}, {{"LIBTHREAD_CONCURRENCY", "2"}})));
}

TEST_P(ConcurrencyTest, AnEnormousLevelMakesNoMoreLwpsThanThreads) {
  const ProgramResult result =
      Run("parallel", {"limit"}, {{"LIBTHREAD_CONCURRENCY", "1"}});
  ASSERT_TRUE(EndedWith(0, result));
  EXPECT_LT(result.Value("kernel_threads"), 16);
}

}  // namespace
}  // namespace lt
