// SPDX-License-Identifier: MIT
//
// A fresh process, and the environment variables: what good, bad and empty
// values do.

#include "programs/run_program.h"

namespace lt {
namespace {

constexpr char kHello[] =
    "level=1\nthread=2 main=0\nthread=3 main=0\nthread=4 main=0\n"
    "self=1 main=1 priority=0\n";

using EnvironmentTest = ProgramTest;
LT_OVER_MODELS(EnvironmentTest);

TEST_P(EnvironmentTest, AFreshProcessSaysNothingAndNumbersFromOne) {
  const ProgramResult result = Run("hello");
  EXPECT_TRUE(EndedWith(0, result));
  EXPECT_EQ(result.out, kHello);
}

TEST_P(EnvironmentTest, GoodValuesAreTakenSilently) {
  const ProgramResult result = Run("hello", {},
                                   {{"LIBTHREAD_CONCURRENCY", "4"},
                                    {"LIBTHREAD_MAX_LWPS", "65536"},
                                    {"LIBTHREAD_LWP_AGE", "86400"},
                                    {"LIBTHREAD_QUANTUM", "10000"},
                                    {"LIBTHREAD_POLLER", "1"},
                                    {"LIBTHREAD_PTHREADS", "unbound"},
                                    {"LIBTHREAD_PRINT_CONFIG", "0"},
                                    {"LIBTHREAD_STATS", "0"}});
  EXPECT_TRUE(EndedWith(0, result));
  EXPECT_EQ(result.out, kHello);
  EXPECT_TRUE(EndedWith(0, Run("hello", {},
                               {{"LIBTHREAD_CONCURRENCY", "auto"},
                                {"LIBTHREAD_LWP_AGE", "0"},
                                {"LIBTHREAD_QUANTUM", "50us"},
                                {"LIBTHREAD_POLLER", "0"},
                                {"LIBTHREAD_PTHREADS", "bound"}})));
}

TEST_P(EnvironmentTest, AnEmptyValueIsNoValue) {
  const ProgramResult result = Run("hello", {},
                                   {{"LIBTHREAD_CONCURRENCY", ""},
                                    {"LIBTHREAD_MAX_LWPS", ""},
                                    {"LIBTHREAD_LWP_AGE", ""},
                                    {"LIBTHREAD_PRINT_CONFIG", ""},
                                    {"LIBTHREAD_STATS", ""}});
  EXPECT_TRUE(EndedWith(0, result));
  EXPECT_EQ(result.out, kHello);
}

TEST_P(EnvironmentTest, TheConfigurationIsPrintedOnRequest) {
  const ProgramResult result =
      Run("hello", {}, {{"LIBTHREAD_PRINT_CONFIG", "1"}});
  EXPECT_EQ(result.status, 0) << result;
  EXPECT_EQ(result.out, kHello);
  EXPECT_FALSE(result.ErrLinesWith(GetParam()).empty()) << result;
  EXPECT_NE(result.err.find("model"), std::string::npos) << result;
}

TEST_P(EnvironmentTest, StatisticsArePrintedAtTheEndOnRequest) {
  const ProgramResult result = Run("hello", {}, {{"LIBTHREAD_STATS", "1"}});
  EXPECT_EQ(result.status, 0) << result;
  EXPECT_EQ(result.out, kHello);
  for (const char* word : {"threads", "switches", "steals", "parks", "LWPs"}) {
    EXPECT_NE(result.err.find(word), std::string::npos) << word << result;
  }
}

// Exactly one line, that names the variable and the value; the program runs as
// if it had not been set.
void ExpectOneComplaint(const std::string& name, const std::string& value) {
  const ProgramResult result = RunProgram("hello", {}, {{name, value}});
  EXPECT_EQ(result.status, 0) << result;
  EXPECT_EQ(result.out, kHello);
  ASSERT_EQ(result.ErrLines().size(), 1U) << result;
  EXPECT_NE(result.err.find(name), std::string::npos) << result;
  // A very long value may be cut.
  EXPECT_NE(result.err.find(value.substr(0, 60)), std::string::npos) << result;
  EXPECT_LT(result.err.size(), 400U);
  EXPECT_EQ(result.err.back(), '\n');
}

struct BadValues {
  const char* name;
  std::vector<std::string> values;
};

std::ostream& operator<<(std::ostream& out, const BadValues& bad) {
  return out << bad.name;
}

class BadEnvironmentTest : public ::testing::TestWithParam<BadValues> {};

TEST_P(BadEnvironmentTest, IsToldOnceAndIgnored) {
  for (const std::string& value : GetParam().values) {
    ExpectOneComplaint(GetParam().name, value);
  }
}

std::string VariableName(const ::testing::TestParamInfo<BadValues>& info) {
  return info.param.name;
}

const std::string kHuge(4000, '9');

INSTANTIATE_TEST_SUITE_P(
    Variables, BadEnvironmentTest,
    ::testing::Values(
        BadValues{"LIBTHREAD_MODEL",
                  {"three-level", "2", "Two-Level", "two-level ", "one"}},
        BadValues{"LIBTHREAD_CONCURRENCY",
                  {"0", "-1", "65537", "many", "4x", "1.5",
                   "18446744073709551617", kHuge}},
        BadValues{"LIBTHREAD_MAX_LWPS", {"0", "-1", "65537", "x", "10k"}},
        BadValues{"LIBTHREAD_LWP_AGE", {"-1", "86401", "never", "5s"}},
        BadValues{
            "LIBTHREAD_QUANTUM",
            {"-1", "10001", "1.5", "ten", "us", "49us", "10000001us", "10ms"}},
        BadValues{"LIBTHREAD_POLLER", {"2", "-1", "yes"}},
        BadValues{"LIBTHREAD_PTHREADS", {"both", "1", "Bound"}},
        BadValues{"LIBTHREAD_PRINT_CONFIG", {"2", "-1", "yes", "on"}},
        BadValues{"LIBTHREAD_STATS", {"2", "-1", "true", "1 "}},
        BadValues{"_THREAD_ADAPTIVE_SPIN", {"-1", "1000001", "1e3", kHuge}},
        BadValues{"LIBTHREAD_ADAPTIVE_SPIN", {"-1", "1000001"}},
        BadValues{"_THREAD_QUEUE_SPIN", {"-1", "1000001", "many"}},
        BadValues{"LIBTHREAD_QUEUE_SPIN", {"1000001"}},
        BadValues{"_THREAD_MAX_SPINNERS", {"-1", "256"}},
        BadValues{"LIBTHREAD_MAX_SPINNERS", {"256"}},
        BadValues{"_THREAD_QUEUE_FIFO", {"-1", "9", "fifo"}},
        BadValues{"LIBTHREAD_QUEUE_FIFO", {"9"}},
        BadValues{"_THREAD_STACK_CACHE", {"-1", "10001", "10k"}},
        BadValues{"LIBTHREAD_STACK_CACHE", {"10001"}},
        BadValues{"_THREAD_COND_WAIT_DEFER", {"2", "-1", "on"}},
        BadValues{"LIBTHREAD_COND_WAIT_DEFER", {"2"}},
        BadValues{"_THREAD_ASYNC_SAFE", {"2", "-1", "yes"}},
        BadValues{"LIBTHREAD_ASYNC_SAFE", {"2"}},
        BadValues{"_THREAD_LOCKS_MISALIGNED", {"2", "-1", "true"}},
        BadValues{"LIBTHREAD_LOCKS_MISALIGNED", {"2"}},
        BadValues{"_THREAD_DOOR_NORESERVE", {"2", "-1", "x"}},
        BadValues{"LIBTHREAD_DOOR_NORESERVE", {"2"}}),
    VariableName);

// What LIBTHREAD_PRINT_CONFIG says of the switches of Solaris.
std::vector<std::string> SwitchLines(Environment environment) {
  environment["LIBTHREAD_PRINT_CONFIG"] = "1";
  const ProgramResult result = RunProgram("hello", {}, environment);
  EXPECT_EQ(result.status, 0) << result;
  EXPECT_EQ(result.out, kHello);
  std::vector<std::string> lines = result.ErrLines();
  const ProgramResult without =
      RunProgram("hello", {}, {{"LIBTHREAD_PRINT_CONFIG", "1"}});
  EXPECT_GE(lines.size(), without.ErrLines().size()) << result;
  lines.erase(lines.begin(), lines.begin() + static_cast<std::ptrdiff_t>(
                                                 without.ErrLines().size()));
  return lines;
}

using Lines = std::vector<std::string>;

TEST(SolarisSwitchesTest, ThoseThatDifferArePrintedInOneLine) {
  EXPECT_EQ(SwitchLines({{"_THREAD_ADAPTIVE_SPIN", "1000000"},
                         {"_THREAD_QUEUE_SPIN", "0"},
                         {"_THREAD_MAX_SPINNERS", "255"},
                         {"_THREAD_QUEUE_FIFO", "7"},
                         {"_THREAD_STACK_CACHE", "10000"},
                         {"_THREAD_COND_WAIT_DEFER", "1"},
                         {"_THREAD_ASYNC_SAFE", "1"},
                         {"_THREAD_LOCKS_MISALIGNED", "1"},
                         {"_THREAD_DOOR_NORESERVE", "1"}}),
            Lines{"libthread: ADAPTIVE_SPIN 1000000, QUEUE_SPIN 0, "
                  "MAX_SPINNERS 255, QUEUE_FIFO 7, STACK_CACHE 10000, "
                  "COND_WAIT_DEFER 1, ASYNC_SAFE 1, LOCKS_MISALIGNED 1"});
}

TEST(SolarisSwitchesTest, TheOldNamesAreTaken) {
  EXPECT_EQ(SwitchLines({{"LIBTHREAD_ADAPTIVE_SPIN", "0"},
                         {"LIBTHREAD_QUEUE_SPIN", "1000000"},
                         {"LIBTHREAD_MAX_SPINNERS", "0"},
                         {"LIBTHREAD_QUEUE_FIFO", "0"},
                         {"LIBTHREAD_STACK_CACHE", "0"},
                         {"LIBTHREAD_COND_WAIT_DEFER", "1"},
                         {"LIBTHREAD_ASYNC_SAFE", "1"},
                         {"LIBTHREAD_LOCKS_MISALIGNED", "1"},
                         {"LIBTHREAD_DOOR_NORESERVE", "0"}}),
            Lines{"libthread: ADAPTIVE_SPIN 0, QUEUE_SPIN 1000000, "
                  "MAX_SPINNERS 0, QUEUE_FIFO 0, STACK_CACHE 0, "
                  "COND_WAIT_DEFER 1, ASYNC_SAFE 1, LOCKS_MISALIGNED 1"});
}

TEST(SolarisSwitchesTest, TheNewNameGoesBeforeTheOld) {
  EXPECT_EQ(
      SwitchLines({{"_THREAD_QUEUE_FIFO", "3"}, {"LIBTHREAD_QUEUE_FIFO", "5"}}),
      Lines{"libthread: QUEUE_FIFO 3"});
  // Empty is unset.
  EXPECT_EQ(
      SwitchLines({{"_THREAD_QUEUE_FIFO", ""}, {"LIBTHREAD_QUEUE_FIFO", "5"}}),
      Lines{"libthread: QUEUE_FIFO 5"});
}

TEST(SolarisSwitchesTest, TheDefaultsAreNotPrinted) {
  EXPECT_EQ(SwitchLines({{"_THREAD_ADAPTIVE_SPIN", "1000"},
                         {"_THREAD_QUEUE_SPIN", "10000"},
                         {"_THREAD_MAX_SPINNERS", "100"},
                         {"_THREAD_QUEUE_FIFO", "8"},
                         {"_THREAD_STACK_CACHE", ""},
                         {"_THREAD_COND_WAIT_DEFER", "0"},
                         {"_THREAD_ASYNC_SAFE", "0"},
                         {"_THREAD_LOCKS_MISALIGNED", "0"},
                         {"_THREAD_DOOR_NORESERVE", "0"}}),
            Lines{});
}

TEST(EnvironmentDefaultTest, ABadModelMeansTheDefault) {
  const ProgramResult bad = RunProgram(
      "hello", {}, {{"LIBTHREAD_MODEL", "x"}, {"LIBTHREAD_PRINT_CONFIG", "1"}});
  const ProgramResult unset =
      RunProgram("hello", {}, {{"LIBTHREAD_PRINT_CONFIG", "1"}});
  const std::string model = Models().front();
  EXPECT_FALSE(unset.ErrLinesWith(model).empty()) << unset;
  EXPECT_FALSE(bad.ErrLinesWith(model).empty()) << bad;
  EXPECT_EQ(bad.ErrLines().size(), unset.ErrLines().size() + 1) << bad;
}

TEST(EnvironmentDefaultTest, EachBadVariableIsToldOnALineOfItsOwn) {
  const ProgramResult result = RunProgram("hello", {},
                                          {{"LIBTHREAD_CONCURRENCY", "zero"},
                                           {"LIBTHREAD_MAX_LWPS", "none"},
                                           {"LIBTHREAD_LWP_AGE", "old"}});
  EXPECT_EQ(result.status, 0) << result;
  EXPECT_EQ(result.out, kHello);
  EXPECT_EQ(result.ErrLines().size(), 3U) << result;
  for (const char* text :
       {"LIBTHREAD_CONCURRENCY", "zero", "LIBTHREAD_MAX_LWPS", "none",
        "LIBTHREAD_LWP_AGE", "old"}) {
    EXPECT_EQ(result.ErrLinesWith(text).size(), 1U) << text << result;
  }
}

TEST(EnvironmentDefaultTest, AValueWithALineFeedIsStillOneLine) {
  const ProgramResult result =
      RunProgram("hello", {}, {{"LIBTHREAD_CONCURRENCY", "4\nfour"}});
  EXPECT_EQ(result.status, 0) << result;
  EXPECT_EQ(result.out, kHello);
  EXPECT_EQ(result.ErrLines().size(), 1U) << result;
}

}  // namespace
}  // namespace lt
