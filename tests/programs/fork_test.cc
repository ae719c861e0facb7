// SPDX-License-Identifier: MIT
//
// fork() and what else makes processes: the child is usable at once, whatever
// the other threads of the parent were about.

#include "programs/run_program.h"

namespace lt {
namespace {

using ForkTest = ProgramTest;
LT_OVER_MODELS(ForkTest);

bool Done(const ProgramResult& result) {
  return result.out == "done\n";
}

TEST_P(ForkTest, TheChildHasTheCallerOnly) {
  for (const char* name : {"before_any_thread", "child_state", "generations",
                           "others_mutex", "thr_exit_in_child"}) {
    const ProgramResult result = Run("fork_cases", {name});
    EXPECT_TRUE(EndedWith(0, result)) << name;
    EXPECT_TRUE(Done(result)) << name << ": " << result;
  }
}

TEST_P(ForkTest, SuspensionAndSignals) {
  for (const char* name : {"suspended", "signals_in_child"}) {
    const ProgramResult result = Run("fork_cases", {name});
    EXPECT_TRUE(EndedWith(0, result)) << name;
    EXPECT_TRUE(Done(result)) << name << ": " << result;
  }
}

TEST_P(ForkTest, ForkallIsNotSupportedAndFork1IsFork) {
  EXPECT_TRUE(EndedWith(0, Run("fork_cases", {"forkall"})));
}

class ForkLoadTest : public ProgramTest {
 protected:
  static void RunUnderLoad(const std::string& name, int count) {
    const ProgramResult result = Run("fork_load", {name, std::to_string(count)},
                                     {{"LIBTHREAD_CONCURRENCY", "3"}});
    EXPECT_TRUE(EndedWith(0, result));
    EXPECT_TRUE(Done(result)) << result;
  }
};

LT_OVER_MODELS(ForkLoadTest);

TEST_P(ForkLoadTest, ChildrenAreUsable) {
  RunUnderLoad("fork", 60);
}

TEST_P(ForkLoadTest, HandlersOfTheProgramRun) {
  RunUnderLoad("atfork", 30);
}

TEST_P(ForkLoadTest, OtherProgramsAreStarted) {
  RunUnderLoad("exec", 30);
}

}  // namespace
}  // namespace lt
