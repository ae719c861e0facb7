// SPDX-License-Identifier: MIT
//
// thr_exit(3) of main and of the last thread, daemons, and exit(): how the
// process ends and what still runs.

#include "programs/run_program.h"

namespace lt {
namespace {

using ExitProgramTest = ProgramTest;
LT_OVER_MODELS(ExitProgramTest);

TEST_P(ExitProgramTest, TheLastThreadsExitEndsTheProcessWithZero) {
  const ProgramResult result = Run("exit_cases", {"last-thread"});
  EXPECT_TRUE(EndedWith(0, result));
  EXPECT_EQ(result.out, "worker\natexit\n");
}

TEST_P(ExitProgramTest, MainMayBeTheOnlyThread) {
  const ProgramResult result = Run("exit_cases", {"main-alone"});
  EXPECT_TRUE(EndedWith(0, result));
  EXPECT_EQ(result.out, "atexit\n");
}

TEST_P(ExitProgramTest, ADetachedThreadMayBeTheLast) {
  const ProgramResult result = Run("exit_cases", {"detached-last"});
  EXPECT_TRUE(EndedWith(0, result));
  EXPECT_EQ(result.out, "detached\natexit\n");
}

TEST_P(ExitProgramTest, ABoundThreadMayBeTheLast) {
  const ProgramResult result = Run("exit_cases", {"bound-last"});
  EXPECT_TRUE(EndedWith(0, result));
  EXPECT_EQ(result.out, "bound\natexit\n");
}

TEST_P(ExitProgramTest, MainIsJoinedByItsId) {
  const ProgramResult result = Run("exit_cases", {"main-joined"});
  EXPECT_TRUE(EndedWith(0, result));
  EXPECT_EQ(result.out, "main left 7\natexit\n");
}

TEST_P(ExitProgramTest, ReturningFromMainWaitsForNobody) {
  const ProgramResult result = Run("exit_cases", {"return-from-main"});
  EXPECT_TRUE(EndedWith(3, result));
  EXPECT_EQ(result.out, "atexit\n");
}

TEST_P(ExitProgramTest, ExitInAThreadEndsTheProcess) {
  const ProgramResult result = Run("exit_cases", {"exit-from-thread"});
  EXPECT_TRUE(EndedWith(5, result));
  EXPECT_EQ(result.out, "atexit\n");
}

TEST_P(ExitProgramTest, DaemonsVanishWithoutAWord) {
  const ProgramResult result = Run("exit_cases", {"daemons"});
  EXPECT_TRUE(EndedWith(0, result));
  EXPECT_EQ(result.out, "atexit\n");
}

// Only main's value meets its destructor; that of the last thread stays.
TEST_P(ExitProgramTest, TheLastThreadsValuesStayReadable) {
  const ProgramResult result = Run("exit_cases", {"last-values"});
  EXPECT_TRUE(EndedWith(0, result));
  EXPECT_EQ(result.out,
            "destructor of main\ncleanup\natexit reads the last one\natexit\n");
}

TEST_P(ExitProgramTest, ASuspendedThreadKeepsTheProcessAlive) {
  const ProgramResult result = Run("exit_cases", {"suspended"});
  EXPECT_TRUE(EndedWith(0, result));
  EXPECT_EQ(result.out, "main is gone\nsuspended\natexit\n");
}

TEST_P(ExitProgramTest, TheProcessLivesAsLongAsThreadsMakeThreads) {
  const ProgramResult result = Run("exit_cases", {"chain"});
  EXPECT_TRUE(EndedWith(0, result));
  std::string expected;
  for (int i = 20; i >= 0; --i) expected += std::to_string(i) + "\n";
  EXPECT_EQ(result.out, expected + "atexit\n");
}

// pthread_cleanup_push() in C without -fexceptions is another mechanism than
// in C++.
TEST_P(ExitProgramTest, CleanupHandlersOfCProgramsRun) {
  const ProgramResult result = Run("cleanup");
  EXPECT_TRUE(EndedWith(0, result));
  EXPECT_EQ(result.out,
            "popped 9\nhandler 3\nhandler 2\nhandler 1\ndestructor\n"
            "joined 77\nhandler 3\nhandler 2\nhandler 1\ndestructor\n"
            "joined 77\n");
}

}  // namespace
}  // namespace lt
