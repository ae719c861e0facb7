// SPDX-License-Identifier: MIT
//
// Signals seen from outside: many of them, and those that end the process.

#include <signal.h>

#include "programs/run_program.h"

namespace lt {
namespace {

using SignalProgramTest = ProgramTest;
LT_OVER_MODELS(SignalProgramTest);

TEST_P(SignalProgramTest, DirectedSignalsArriveOnceOnTheRightThread) {
  const ProgramResult result =
      Run("signal_storm", {"8000"}, {{"LIBTHREAD_CONCURRENCY", "3"}});
  ASSERT_TRUE(EndedWith(0, result));
  EXPECT_EQ(result.Value("signals"), 8000);
}

TEST_P(SignalProgramTest, TheDefaultActionIsTheProcesss) {
  for (const char* name : {"kill_parked", "kill_running", "kill_process"}) {
    const ProgramResult result = Run("signal_fate", {name});
    EXPECT_EQ(result.signal, SIGTERM) << name << ": " << result;
  }
}

TEST_P(SignalProgramTest, AFaultIsHandledByTheThreadThatFaulted) {
  EXPECT_TRUE(EndedWith(0, Run("signal_fate", {"repair_fault"})));
}

TEST_P(SignalProgramTest, AFaultThatIsBlockedEndsTheProcess) {
  const ProgramResult result = Run("signal_fate", {"blocked_fault"});
  EXPECT_EQ(result.signal, SIGSEGV) << result;
}

TEST_P(SignalProgramTest, SigwaitHasBothFormsInC) {
  const ProgramResult result = Run("sigwait_forms");
  EXPECT_TRUE(EndedWith(0, result));
  EXPECT_EQ(result.out, "done\n");
}

}  // namespace
}  // namespace lt
