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
        BadValues{"LIBTHREAD_STATS", {"2", "-1", "true", "1 "}}),
    VariableName);

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
