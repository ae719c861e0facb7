// SPDX-License-Identifier: MIT
//
// Objects between processes of different models, and robust mutexes whose
// owners are killed.

#include "programs/run_program.h"

namespace lt {
namespace {

// All models of this build, and programs that have no threads but pthreads.
std::string AllModels() {
  std::string all;
  for (const std::string& model : Models()) all += model + ",";
  return "--models=" + all + "plain";
}

::testing::AssertionResult WentWell(const ProgramResult& result) {
  const std::string end = "done\n";
  if (result.out.size() < end.size() ||
      result.out.substr(result.out.size() - end.size()) != end) {
    return ::testing::AssertionFailure() << result;
  }
  return EndedWith(0, result);
}

class RobustTest : public ProgramTest {};
LT_OVER_MODELS(RobustTest);

TEST_P(RobustTest, TortureOfOneModel) {
  EXPECT_TRUE(WentWell(Run("robust_torture", {"--rounds=50"}, {}, 300)));
}

// The main program is of the model, the others of all.
TEST_P(RobustTest, TortureOfAMixedHerd) {
  EXPECT_TRUE(
      WentWell(Run("robust_torture", {"--rounds=50", AllModels()}, {}, 300)));
}

TEST_P(RobustTest, KilledAtAnyInstant) {
  const ProgramResult result = Run("robust_kills", {"--kills=400"}, {}, 300);
  EXPECT_TRUE(WentWell(result));
  // Some died with a mutex, or this has tested nothing.
  EXPECT_GT(result.Value("named"), 0);
}

using SharedHerdTest = ProgramTest;
LT_OVER_MODELS(SharedHerdTest);

TEST_P(SharedHerdTest, OneModel) {
  EXPECT_TRUE(WentWell(Run("shared_herd", {}, {}, 300)));
}

TEST_P(SharedHerdTest, AllModels) {
  EXPECT_TRUE(WentWell(Run("shared_herd", {AllModels()}, {}, 300)));
}

}  // namespace
}  // namespace lt
