// SPDX-License-Identifier: MIT
//
// thr_create(3) when the kernel gives no thread (EAGAIN) or no memory (ENOMEM).

#include <errno.h>

#include "programs/run_program.h"

namespace lt {
namespace {

using LimitsTest = ProgramTest;
LT_OVER_MODELS(LimitsTest);

void ExpectDone(const ProgramResult& result) {
  EXPECT_TRUE(EndedWith(0, result));
  EXPECT_NE(result.out.find("done"), std::string::npos) << result;
}

TEST_P(LimitsTest, ABoundThreadWithoutAKernelThreadIsRefused) {
  ExpectDone(Run("limits", {"no-kernel-threads"}));
}

TEST_P(LimitsTest, UnboundThreadsDoWithTheLwpsThereAre) {
  const ProgramResult result = Run("limits", {"pool-cannot-grow"});
  ExpectDone(result);
  if (GetParam() == "one-to-one") {
    EXPECT_EQ(result.Value("made"), 0);
    EXPECT_EQ(result.Value("error"), EAGAIN);
  } else {
    EXPECT_EQ(result.Value("made"), 200);
    EXPECT_EQ(result.Value("error"), 0);
  }
}

// AddressSanitizer reserves more address space than any limit here leaves.
#ifndef LT_ADDRESS_SANITIZED
TEST_P(LimitsTest, WithoutAddressSpaceItIsNoMemoryAndNothingLeaks) {
  ExpectDone(Run("limits", {"no-address-space"}));
}

TEST_P(LimitsTest, TheSameForBoundThreads) {
  ExpectDone(Run("limits", {"no-address-space-bound"}));
}
#endif

}  // namespace
}  // namespace lt
