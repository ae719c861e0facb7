// SPDX-License-Identifier: MIT
//
// Code that knows nothing of unbound threads, on many of them: libc, the C++
// run-time library, libraries opened at run time.

#include "programs/run_program.h"

namespace lt {
namespace {

using LibcProgramTest = ProgramTest;
LT_OVER_MODELS(LibcProgramTest);

void ExpectDone(const ProgramResult& result) {
  EXPECT_TRUE(EndedWith(0, result));
  EXPECT_NE(result.out.find("done"), std::string::npos) << result;
}

TEST_P(LibcProgramTest, FiveHundredThreadsOnFourLwps) {
  for (int run = 0; run < 3; ++run) {
    ExpectDone(Run("five_hundred", {}, {{"LIBTHREAD_CONCURRENCY", "4"}}));
  }
}

TEST_P(LibcProgramTest, LibrariesWithThreadLocalDataMayBeOpened) {
  ExpectDone(Run("dlopen_tls", {LT_TLS_LIBRARY}));
  ExpectDone(
      Run("dlopen_tls", {LT_TLS_LIBRARY}, {{"LIBTHREAD_CONCURRENCY", "4"}}));
}

TEST_P(LibcProgramTest, CallsThatActOnAllKernelThreadsEnd) {
  ExpectDone(Run("set_ids"));
}

TEST_P(LibcProgramTest, ThreadLocalDataTakesNothingFromTheStack) {
  ExpectDone(Run("big_tls"));
}

}  // namespace
}  // namespace lt
