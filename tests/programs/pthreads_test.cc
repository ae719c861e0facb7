// SPDX-License-Identifier: MIT
//
// Processes with pthreads: they count for the last-thread rule and for
// any-join, bound or unbound (LIBTHREAD_PTHREADS).

#include "programs/run_program.h"

namespace lt {
namespace {

class PthreadProgramTest : public ProgramTest {
 protected:
  // Runs the case with both values of LIBTHREAD_PTHREADS.
  static void ExpectOutput(const std::string& name, int status,
                           const std::string& output) {
    for (const char* pthreads : {"bound", "unbound"}) {
      SCOPED_TRACE(pthreads);
      const ProgramResult result =
          Run("pthread_cases", {name}, {{"LIBTHREAD_PTHREADS", pthreads}});
      EXPECT_TRUE(EndedWith(status, result));
      EXPECT_EQ(result.out, output);
    }
  }
};

LT_OVER_MODELS(PthreadProgramTest);

TEST_P(PthreadProgramTest, APthreadMayBeTheLast) {
  ExpectOutput("last-returns", 0, "pthread\natexit\n");
}

TEST_P(PthreadProgramTest, SoMayADetachedOne) {
  ExpectOutput("last-detached", 0, "detached\natexit\n");
}

TEST_P(PthreadProgramTest, SoMayAThreadOfCxx) {
  ExpectOutput("last-std-thread", 0, "std::thread\natexit\n");
}

TEST_P(PthreadProgramTest, TheLastMayBeCancelled) {
  ExpectOutput("last-cancelled", 0, "atexit\n");
}

TEST_P(PthreadProgramTest, TheLastOnesDestructorsDoNotRun) {
  ExpectOutput("last-values", 0, "last\natexit\n");
}

TEST_P(PthreadProgramTest, ReturningFromMainWaitsForNobody) {
  ExpectOutput("main-returns", 3, "atexit\n");
}

TEST_P(PthreadProgramTest, ExitInAPthreadEndsTheProcess) {
  ExpectOutput("pthread-exits", 5, "atexit\n");
}

TEST_P(PthreadProgramTest, AnyJoinTakesThemAll) {
  ExpectOutput("any-join", 0, "joined\njoined\njoined\natexit\n");
}

TEST_P(PthreadProgramTest, ABadValueIsToldOnce) {
  const ProgramResult result =
      Run("pthread_cases", {"any-join"}, {{"LIBTHREAD_PTHREADS", "both"}});
  EXPECT_EQ(result.status, 0);
  ASSERT_EQ(result.ErrLines().size(), 1U);
  EXPECT_EQ(result.ErrLinesWith("LIBTHREAD_PTHREADS=both").size(), 1U);
}

}  // namespace
}  // namespace lt
