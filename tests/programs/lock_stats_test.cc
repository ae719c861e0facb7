// SPDX-License-Identifier: MIT
//
// LIBTHREAD_LOCK_STATS: the numbers of locks.

#include <signal.h>

#include <algorithm>
#include <regex>

#include "programs/run_program.h"

namespace lt {
namespace {

struct Row {
  int taken = -1;
  int waits = -1;
  double waited_us = -1;
  double longest_us = -1;
  double held_us = -1;  // -1: not counted
  double longest_held_us = -1;
  std::string first;  // who waited first
};

std::vector<std::string> RowLines(const ProgramResult& result) {
  std::vector<std::string> lines;
  for (const std::string& line : result.ErrLines()) {
    if (std::regex_search(line, std::regex("^ +[0-9]+ "))) {
      lines.push_back(line);
    }
  }
  return lines;
}

// The one row of an object in one way of use.
Row RowOf(const ProgramResult& result, const std::string& kind,
          const std::string& object) {
  const std::regex pattern(
      R"(^ *(\d+) +(\d+) +([\d.]+) +([\d.]+) +([\d.]+|-) +([\d.]+|-)  )" +
      kind + " +" + object + "(?:, first by (.*))?$");
  Row row;
  int found = 0;
  for (const std::string& line : RowLines(result)) {
    std::smatch match;
    if (!std::regex_match(line, match, pattern)) continue;
    ++found;
    const auto number = [&](int i) {
      return match[i] == "-" ? -1 : std::stod(match[i]);
    };
    row = {std::stoi(match[1]), std::stoi(match[2]), number(3), number(4),
           number(5),           number(6),           match[7]};
  }
  EXPECT_EQ(found, 1) << kind << " " << object << " in " << result;
  return row;
}

class LockStatsTest : public KindedProgramTest {};

LT_OVER_MODELS_AND_KINDS(LockStatsTest);

constexpr double kPauseUs = 20'000;  // of the program

void ExpectCounts(const Row& row, int taken, int waits) {
  EXPECT_EQ(row.taken, taken);
  EXPECT_EQ(row.waits, waits);
  EXPECT_GE(row.waited_us, row.longest_us);
  EXPECT_EQ(row.waited_us > 0, waits > 0);
}

TEST_P(LockStatsTest, AreExact) {
  // With detection, too: what both want goes together.
  for (const char* detection : {"0", "2"}) {
    SCOPED_TRACE(detection);
    const ProgramResult result =
        RunProgram("lock_stats", Arguments("known"),
                   With({{"LIBTHREAD_LOCK_STATS", "1"},
                         {"_THREAD_ERROR_DETECTION", detection}}));
    ASSERT_EQ(result.status, 0) << result;

    const Row mutex = RowOf(result, "mutex", "stat_mutex");
    ExpectCounts(mutex, 104, 2);
    EXPECT_GE(mutex.longest_us, kPauseUs);
    EXPECT_GE(mutex.longest_held_us, kPauseUs);
    EXPECT_GE(mutex.held_us, mutex.longest_held_us);
    EXPECT_EQ(mutex.first.rfind("contend_mutex", 0), 0U) << mutex.first;

    const Row read = RowOf(result, "rw read", "stat_rwlock");
    ExpectCounts(read, 12, 1);
    EXPECT_GE(read.longest_us, kPauseUs);
    EXPECT_GE(read.longest_held_us, kPauseUs);
    EXPECT_EQ(read.first.rfind("contend_read", 0), 0U) << read.first;

    const Row write = RowOf(result, "rw write", "stat_rwlock");
    ExpectCounts(write, 2, 1);
    EXPECT_GE(write.longest_us, kPauseUs);
    EXPECT_GE(write.longest_held_us, kPauseUs);
    EXPECT_EQ(write.first.rfind("contend_write", 0), 0U) << write.first;

    const Row sema = RowOf(result, "sema", "stat_sema");
    ExpectCounts(sema, 3, 2);
    EXPECT_GE(sema.longest_us, kPauseUs);
    EXPECT_EQ(sema.held_us, -1);

    const Row cond = RowOf(result, "cond", "stat_cond");
    ExpectCounts(cond, 1, 2);
    EXPECT_GE(cond.longest_us, kPauseUs);
    EXPECT_EQ(cond.held_us, -1);
    ExpectCounts(RowOf(result, "mutex", "stat_cond_mutex"), 4, 0);

    // Without a name, by its address.
    const std::string heap = result.out.substr(result.out.find("0x"), 14);
    ExpectCounts(RowOf(result, "mutex", heap.substr(0, heap.find('\n'))), 1, 0);

    // The longest waited for come first.
    double before = 1e300;
    for (const std::string& line : RowLines(result)) {
      std::smatch match;
      ASSERT_TRUE(std::regex_search(line, match,
                                    std::regex(R"(^ *\d+ +\d+ +([\d.]+))")));
      EXPECT_LE(std::stod(match[1]), before) << result;
      before = std::stod(match[1]);
    }
  }
}

// As many rows as are wanted, how many more there are, and what was lost.
TEST_P(LockStatsTest, SayWhatTheyLeaveOut) {
  const ProgramResult result = RunProgram(
      "lock_stats", Arguments("many"), With({{"LIBTHREAD_LOCK_STATS", "1"}}));
  ASSERT_EQ(result.status, 0) << result;
  EXPECT_EQ(RowLines(result).size(), 50U);
  std::smatch match;
  ASSERT_TRUE(std::regex_search(result.err, match,
                                std::regex(R"(waited: 50 of (\d+) rows)")))
      << result;
  const int rows = std::stoi(match[1]);
  EXPECT_GT(rows, 20'000);
  EXPECT_EQ(
      result.ErrLinesWith(std::to_string(rows - 50) + " rows left out").size(),
      1U)
      << result;
  // Of each lock that found no room one acquisition and one hold.
  const int lost = 2 * (static_cast<int>(result.Value("count")) - rows);
  EXPECT_EQ(result
                .ErrLinesWith("the table was full: " + std::to_string(lost) +
                              " events")
                .size(),
            1U)
      << result;
}

TEST_P(LockStatsTest, ArePrintedOnRequest) {
  const ProgramResult result = RunProgramInSteps(
      "lock_stats", Arguments("ask"),
      With({{"LIBTHREAD_LOCK_STATS", "1"}, {"LIBTHREAD_REPORT", "SIGUSR2"}}),
      {{"ready\n", SIGUSR2}, {"libthread: end of report\n", SIGKILL}});
  EXPECT_EQ(result.signal, SIGKILL) << result;
  ExpectCounts(RowOf(result, "mutex", "stat_mutex"), 1, 0);
}

TEST_P(LockStatsTest, AreSilentUnlessAskedFor) {
  for (const char* value : {"", "0"}) {
    const ProgramResult result =
        RunProgram("lock_stats", Arguments("known"),
                   With({{"LIBTHREAD_LOCK_STATS", value}}));
    EXPECT_TRUE(EndedWith(0, result));
  }
}

}  // namespace
}  // namespace lt
