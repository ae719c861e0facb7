// SPDX-License-Identifier: MIT

#include <gtest/gtest.h>

#include <atomic>
#include <thread>
#include <vector>

#include "thread/census.h"

namespace lt {
namespace {

TEST(CensusTest, TheLastToExitIsTold) {
  Census census;
  census.AddCounted();
  census.AddCounted();
  census.AddCounted();
  EXPECT_FALSE(census.BeginExit());
  EXPECT_FALSE(census.BeginExit());
  EXPECT_TRUE(census.BeginExit());
}

TEST(CensusTest, AllJoinWhenEachPresentThreadDoes) {
  Census census;
  census.AddCounted();
  EXPECT_FALSE(census.AllJoin());
  census.BeginJoin();
  EXPECT_TRUE(census.AllJoin());
  census.AddCounted();
  EXPECT_FALSE(census.AllJoin());
  census.BeginJoin();
  EXPECT_TRUE(census.AllJoin());
  census.EndJoin();
  EXPECT_FALSE(census.AllJoin());
}

TEST(CensusTest, EndJoinOfSeveral) {
  Census census;
  for (int i = 0; i < 3; ++i) census.AddCounted();
  for (int i = 0; i < 3; ++i) census.BeginJoin();
  EXPECT_TRUE(census.AllJoin());
  census.EndJoin(2);
  EXPECT_FALSE(census.AllJoin());
  census.BeginJoin();
  EXPECT_FALSE(census.AllJoin());
  census.BeginJoin();
  EXPECT_TRUE(census.AllJoin());
}

// A thread that exits is present until its destructors have run.
TEST(CensusTest, PresentUntilTheEndOfTheExit) {
  Census census;
  census.AddCounted();
  census.AddCounted();
  census.BeginJoin();
  EXPECT_FALSE(census.BeginExit());
  EXPECT_FALSE(census.AllJoin());
  census.End(false, 0);
  EXPECT_TRUE(census.AllJoin());
}

// The thread and its joiners leave the word at one instant.
TEST(CensusTest, TheEndReleasesJoiners) {
  Census census;
  for (int i = 0; i < 3; ++i) census.AddCounted();
  census.BeginJoin();
  census.BeginJoin();
  EXPECT_FALSE(census.BeginExit());
  census.End(false, 2);
  EXPECT_FALSE(census.AllJoin());
  census.BeginJoin();
  EXPECT_FALSE(census.AllJoin());
  census.BeginJoin();
  EXPECT_TRUE(census.AllJoin());
}

// Daemons are threads, but nobody is kept by them.
TEST(CensusTest, DaemonsAreNotCounted) {
  Census census;
  census.AddCounted();
  census.threads = 2;
  census.BeginJoin();
  EXPECT_TRUE(census.AllJoin());
  census.End(true, 0);
  EXPECT_TRUE(census.AllJoin());
  EXPECT_EQ(census.threads, 1);
}

TEST(CensusTest, ExactlyOneOfManyIsTheLast) {
  constexpr int kThreads = 4;
  constexpr int kEach = 10'000;
  Census census;
  for (int i = 0; i < kThreads * kEach; ++i) census.AddCounted();
  std::atomic<int> last{0};
  std::vector<std::thread> threads;
  for (int t = 0; t < kThreads; ++t) {
    threads.emplace_back([&] {
      for (int i = 0; i < kEach; ++i) {
        if (census.BeginExit()) ++last;
        census.End(false, 0);
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(last, 1);
  EXPECT_TRUE(census.AllJoin());  // nobody there, nobody joins
}

}  // namespace
}  // namespace lt
