// SPDX-License-Identifier: MIT
//
// Reports of deadlocks: every one, once, and none where there is none.

#include <signal.h>

#include <algorithm>
#include <sstream>

#include "programs/run_program.h"

namespace lt {
namespace {

class DeadlockTest : public KindedProgramTest {};

LT_OVER_MODELS_AND_KINDS(DeadlockTest);

std::vector<std::string> Lines(const std::string& text) {
  std::vector<std::string> lines;
  std::istringstream stream(text);
  for (std::string line; std::getline(stream, line);) lines.push_back(line);
  return lines;
}

constexpr char kPrefix[] = "libthread: ";

// The report's lines but for the stacks, without the prefix.
std::vector<std::string> Heads(const ProgramResult& result) {
  std::vector<std::string> heads = result.ErrLinesWith(kPrefix);
  for (std::string& head : heads) head.erase(0, sizeof kPrefix - 1);
  return heads;
}

// One report, of the circle that the program announced.
void ExpectOneReport(const ProgramResult& result) {
  std::vector<std::string> expected = Lines(result.out);
  std::vector<std::string> heads = Heads(result);
  ASSERT_GE(expected.size(), 2U) << result;
  ASSERT_EQ(heads.size(), expected.size() + 1) << result;
  EXPECT_EQ(heads[0], "deadlock: " + std::to_string(expected.size()) +
                          " threads wait for each other");
  heads.erase(heads.begin());
  const auto start = std::find(expected.begin(), expected.end(), heads[0]);
  ASSERT_NE(start, expected.end()) << result;
  std::rotate(expected.begin(), start, expected.end());
  EXPECT_EQ(heads, expected) << result;
  // Each with its stack, which shows code of the program.
  EXPECT_GE(result.ErrLinesWith("/deadlocks(").size(), expected.size())
      << result;
}

TEST_P(DeadlockTest, IsReportedWithItsCircle) {
  for (const char* name : {"two-mutexes", "shared-mutexes", "writer-and-mutex",
                           "readers-and-mutex", "reader-behind-writer",
                           "holder-with-reader-behind-writer", "joiner-last",
                           "joiner-first", "cond-waiter"}) {
    SCOPED_TRACE(name);
    const ProgramResult result = RunProgram(
        "deadlocks", Arguments(name), With({{"_THREAD_ERROR_DETECTION", "2"}}));
    EXPECT_EQ(result.signal, SIGABRT) << result;
    ExpectOneReport(result);
  }
}

TEST_P(DeadlockTest, IsReportedExactlyOnce) {
  for (const char* seed : {"1", "2", "3"}) {
    SCOPED_TRACE(seed);
    const ProgramResult result = RunProgram(
        "deadlock_load", Arguments("random"),
        With({{"_THREAD_ERROR_DETECTION", "1"}, {"SEED", seed}}), 120);
    EXPECT_EQ(result.status, 0) << result;
    std::vector<std::string> reported;
    for (const std::string& head : Heads(result)) {
      if (head.rfind("deadlock", 0) == 0) reported.push_back(head);
    }
    EXPECT_EQ(reported, Lines(result.out));
  }
}

TEST_P(DeadlockTest, IsNotReportedOfOrderedLocking) {
  for (const char* seed : {"1", "2", "3"}) {
    EXPECT_TRUE(EndedWith(
        0, RunProgram("deadlock_load", Arguments("ordered"),
                      With({{"_THREAD_ERROR_DETECTION", "2"}, {"SEED", seed}}),
                      120)));
  }
}

// A process that hangs tells what it hangs on.
TEST_P(DeadlockTest, IsReportedOnRequest) {
  const ProgramResult result = RunProgramInSteps(
      "deadlocks", Arguments("hanging"),
      With({{"_THREAD_ERROR_DETECTION", "1"}, {"LIBTHREAD_REPORT", "QUIT"}}),
      {{"it hangs\n", SIGQUIT}, {"libthread: end of report\n", SIGTERM}});
  EXPECT_FALSE(result.timed_out);
  EXPECT_EQ(result.signal, SIGTERM) << result;
  // Once when it closed, and once more.
  const std::string head = "libthread: deadlock: 2 threads wait";
  EXPECT_EQ(result.ErrLinesWith(head).size(), 2U) << result;
  const std::vector<std::string> expected = Lines(result.out);
  ASSERT_EQ(expected.size(), 3U);
  for (int i = 0; i < 2; ++i) {
    EXPECT_EQ(result.ErrLinesWith(kPrefix + expected[i]).size(), 2U) << result;
    // In the list of all threads it has a state too.
    const size_t wait = expected[i].find(") waits in");
    ASSERT_NE(wait, std::string::npos);
    EXPECT_EQ(
        result
            .ErrLinesWith(kPrefix + expected[i].substr(0, wait) +
                          ", daemon) sleeping, " + expected[i].substr(wait + 2))
            .size(),
        1U)
        << result;
  }
  EXPECT_EQ(result.ErrLinesWith("libthread: thread 1 (").size(), 1U) << result;
}

// Without detection it is told where threads sleep.
TEST_P(DeadlockTest, LeavesTracesWithoutDetection) {
  const ProgramResult result = RunProgramInSteps(
      "deadlocks", Arguments("hanging"), With({{"LIBTHREAD_REPORT", "10"}}),
      {{"it hangs\n", SIGUSR1}, {"libthread: end of report\n", SIGTERM}});
  EXPECT_FALSE(result.timed_out);
  EXPECT_EQ(result.signal, SIGTERM) << result;
  for (const char* name : {"a", "b"}) {
    const auto lines = result.ErrLinesWith("\"" + std::string(name) + "\" (");
    ASSERT_EQ(lines.size(), 1U) << result;
    EXPECT_NE(lines[0].find(") sleeping, waits for 0x"), std::string::npos)
        << lines[0];
  }
}

}  // namespace
}  // namespace lt
