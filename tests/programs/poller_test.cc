// SPDX-License-Identifier: MIT
//
// LIBTHREAD_POLLER seen from outside: many connections, few LWPs.

#include <algorithm>
#include <iostream>

#include "programs/run_program.h"

namespace lt {
namespace {

class PollerTest : public ProgramTest {};
INSTANTIATE_TEST_SUITE_P(Models, PollerTest, ::testing::ValuesIn([] {
                           std::vector<std::string> models = Models();
                           std::erase(models, "one-to-one");
                           return models;
                         }()),
                         ModelTestName);
// With a sanitizer there are no unbound threads.
GTEST_ALLOW_UNINSTANTIATED_PARAMETERIZED_TEST(PollerTest);

TEST_P(PollerTest, TenThousandConnectionsOnAFewLwps) {
  constexpr int kMostLwps = 8;
  const ProgramResult result =
      Run("echo", {"10000"}, {{"LIBTHREAD_POLLER", "1"}}, 180);
  ASSERT_TRUE(EndedWith(0, result));
  std::cout << GetParam() << ": " << result.out;
  EXPECT_GT(result.Value("connections"), 0);
  EXPECT_LE(result.Value("lwps"), kMostLwps);
}

// The same program without, where the pool makes up for LWPs that block.
TEST_P(PollerTest, TheSameProgramRunsWithoutIt) {
  if (GetParam() == "many-to-one") GTEST_SKIP() << "one LWP waits for itself";
  const ProgramResult result = Run("echo", {"50"});
  ASSERT_TRUE(EndedWith(0, result));
  EXPECT_EQ(result.Value("connections"), 50);
}

}  // namespace
}  // namespace lt
