// SPDX-License-Identifier: MIT
//
// Suspension as collectors use it.

#include "programs/run_program.h"

namespace lt {
namespace {

using SuspendProgramTest = ProgramTest;
LT_OVER_MODELS(SuspendProgramTest);

TEST_P(SuspendProgramTest, ACollectorFindsWhatItsThreadsUse) {
  for (const char* kind : {"bound", "unbound"}) {
    const ProgramResult result = Run("collector", {"200", "100", kind},
                                     {{"LIBTHREAD_CONCURRENCY", "3"}});
    ASSERT_TRUE(EndedWith(0, result)) << kind;
    EXPECT_GT(result.Value("found"), 0);
  }
}

}  // namespace
}  // namespace lt
