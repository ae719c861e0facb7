// SPDX-License-Identifier: MIT
//
// Guard pages: an overflow is reported as such, and 200,000 threads have one
// each.

#include <errno.h>
#include <signal.h>
#include <sys/mman.h>

#include <iostream>
#include <regex>

#include "programs/run_program.h"

namespace lt {
namespace {

// The sanitizers would report a fault instead of the library, in words of
// their own.
const Environment kFaultsAreOurs = {{"ASAN_OPTIONS", "handle_segv=0"},
                                    {"TSAN_OPTIONS", "handle_segv=0"},
                                    {"UBSAN_OPTIONS", "handle_segv=0"}};

class OverflowTest
    : public ::testing::TestWithParam<std::tuple<std::string, std::string>> {};

TEST_P(OverflowTest, IsReportedWithTheThreadsIdAndKills) {
  const auto& [model, name] = GetParam();
  Environment environment = kFaultsAreOurs;
  environment.emplace("LIBTHREAD_MODEL", model);
  const ProgramResult result = RunProgram("overflow", {name}, environment);
  EXPECT_EQ(result.signal, SIGSEGV) << result;
  EXPECT_EQ(result.out, "thread=3\n") << result;
  EXPECT_TRUE(std::regex_search(result.err, std::regex("stack.*overflow|"
                                                       "overflow.*stack")))
      << result;
  EXPECT_TRUE(std::regex_search(result.err, std::regex("thread 3\\b")))
      << result;
}

std::string OverflowName(
    const ::testing::TestParamInfo<OverflowTest::ParamType>& info) {
  std::string name = std::get<0>(info.param) + "_" + std::get<1>(info.param);
  std::replace(name.begin(), name.end(), '-', '_');
  return name;
}

INSTANTIATE_TEST_SUITE_P(Threads, OverflowTest,
                         ::testing::Combine(::testing::ValuesIn(Models()),
                                            ::testing::Values("unbound",
                                                              "bound", "small",
                                                              "after-yields")),
                         OverflowName);

using OtherFaultTest = ProgramTest;
LT_OVER_MODELS(OtherFaultTest);

TEST_P(OtherFaultTest, IsNotCalledAnOverflow) {
  for (const char* name : {"null", "null-bound"}) {
    const ProgramResult result = Run("overflow", {name}, kFaultsAreOurs);
    EXPECT_EQ(result.signal, SIGSEGV) << result;
    EXPECT_EQ(result.err.find("overflow"), std::string::npos) << result;
  }
}

// Linux 6.13 has guards that need no mapping of their own.
bool KernelHasLightGuards() {
  constexpr int kGuardInstall = 102;
  void* page = mmap(nullptr, 4096, PROT_READ | PROT_WRITE,
                    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  const bool has = madvise(page, 4096, kGuardInstall) == 0;
  munmap(page, 4096);
  return has;
}

class ManyThreadsTest : public ProgramTest {
 protected:
  static void ExpectMany(const std::string& count,
                         const std::string& stack_bytes) {
    const ProgramResult result =
        Run("many_threads", {count, stack_bytes}, {}, 300);
    ASSERT_TRUE(EndedWith(0, result));
    std::cout << GetParam() << ": " << result.out;
    EXPECT_NE(result.out.find("done"), std::string::npos);
    EXPECT_EQ(result.Value("guarded"), result.Value("made"));
    if (KernelHasLightGuards()) {
      EXPECT_EQ(result.Value("made"), std::stod(count));
      EXPECT_EQ(result.Value("error"), 0);
    } else {
      // Each guard is a mapping, and the kernel allows so many.
      EXPECT_GE(result.Value("made"), 20'000);
      EXPECT_EQ(result.Value("error"), EAGAIN);
    }
    EXPECT_LT(result.Value("resident_each"), 16'384);
  }
};

// Each thread of one-to-one has a kernel thread, of which there are fewer.
INSTANTIATE_TEST_SUITE_P(Models, ManyThreadsTest, ::testing::ValuesIn([] {
                           std::vector<std::string> models = Models();
                           std::erase(models, "one-to-one");
                           return models;
                         }()),
                         ModelTestName);
GTEST_ALLOW_UNINSTANTIATED_PARAMETERIZED_TEST(ManyThreadsTest);

TEST_P(ManyThreadsTest, TwoHundredThousandWith64KibibyteStacks) {
  ExpectMany("200000", "65536");
}

TEST_P(ManyThreadsTest, FiftyThousandWithDefaultStacks) {
  ExpectMany("50000", "0");
}

}  // namespace
}  // namespace lt
