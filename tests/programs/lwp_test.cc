// SPDX-License-Identifier: MIT
//
// Programs in C that make LWPs.

#include "programs/run_program.h"

namespace lt {
namespace {

using LwpProgramTest = ProgramTest;
LT_OVER_MODELS(LwpProgramTest);

TEST_P(LwpProgramTest, AProgramOf1993Runs) {
  const ProgramResult result = Run("old_lwps");
  EXPECT_TRUE(EndedWith(0, result));
  EXPECT_EQ(result.out, "8 waited for, total 4000\n");
}

TEST_P(LwpProgramTest, ABacktraceEndsWhereTheLwpBegins) {
  const ProgramResult result = Run("lwp_backtrace");
  EXPECT_TRUE(EndedWith(0, result));
  EXPECT_EQ(result.out, "found 1\n");
}

}  // namespace
}  // namespace lt
