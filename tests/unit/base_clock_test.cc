// SPDX-License-Identifier: MIT

#include <gtest/gtest.h>

#include <cstdint>

#include "base/clock.h"

namespace lt {
namespace {

TEST(ClockTest, NeverDoesNotPass) {
  EXPECT_TRUE(Deadline::Never().never());
  EXPECT_FALSE(Deadline::Never().Passed());
}

TEST(ClockTest, AfterCountsFromNow) {
  const int64_t before = NowNs();
  const Deadline deadline = Deadline::After({5, 250});
  const int64_t after = NowNs();
  EXPECT_GE(deadline.ns(), before + 5 * kNsPerSecond + 250);
  EXPECT_LE(deadline.ns(), after + 5 * kNsPerSecond + 250);
  EXPECT_FALSE(deadline.never());
  EXPECT_FALSE(deadline.Passed());
}

TEST(ClockTest, ZeroAndNegativeIntervalsHavePassed) {
  EXPECT_TRUE(Deadline::After({0, 0}).Passed());
  EXPECT_TRUE(Deadline::After({-5, 0}).Passed());
  EXPECT_TRUE(Deadline::After({INT64_MIN, 0}).Passed());
  EXPECT_TRUE(Deadline::After({INT64_MIN, kNsPerSecond - 1}).Passed());
}

TEST(ClockTest, LongIntervalsMeanNever) {
  EXPECT_TRUE(Deadline::After({INT64_MAX, 0}).never());
  EXPECT_TRUE(Deadline::After({INT64_MAX, kNsPerSecond - 1}).never());
  EXPECT_TRUE(Deadline::After({INT64_MAX / kNsPerSecond, 0}).never());
}

TEST(ClockTest, AYearIsStillCounted) {
  constexpr int64_t kYear = 365 * 24 * 3600;
  const Deadline deadline = Deadline::After({kYear, 0});
  EXPECT_FALSE(deadline.never());
  EXPECT_GT(deadline.ns(), kYear * kNsPerSecond);
}

TEST(ClockTest, TimeOfDayIsConverted) {
  timespec now;
  ASSERT_EQ(clock_gettime(CLOCK_REALTIME, &now), 0);
  const int64_t before = NowNs();
  const Deadline deadline = Deadline::AtTimeOfDay({now.tv_sec + 60, 0});
  // A second of the time of day was cut off, and the clock may be slewed.
  EXPECT_GT(deadline.ns(), before + 58 * kNsPerSecond);
  EXPECT_LT(deadline.ns(), before + 61 * kNsPerSecond);
}

TEST(ClockTest, PastTimesOfDayHavePassed) {
  timespec now;
  ASSERT_EQ(clock_gettime(CLOCK_REALTIME, &now), 0);
  EXPECT_TRUE(Deadline::AtTimeOfDay({now.tv_sec - 1, 0}).Passed());
  EXPECT_TRUE(Deadline::AtTimeOfDay({0, 0}).Passed());
  EXPECT_TRUE(Deadline::AtTimeOfDay({-1, 0}).Passed());
  EXPECT_TRUE(Deadline::AtTimeOfDay({INT64_MIN, 0}).Passed());
}

TEST(ClockTest, FarTimesOfDayMeanNever) {
  EXPECT_TRUE(Deadline::AtTimeOfDay({INT64_MAX, 0}).never());
  EXPECT_TRUE(Deadline::AtTimeOfDay({INT64_MAX, kNsPerSecond - 1}).never());
}

TEST(ClockTest, ToTimespecSplitsAndCutsAtZero) {
  const timespec split = Deadline::AtNs(7 * kNsPerSecond + 9).ToTimespec();
  EXPECT_EQ(split.tv_sec, 7);
  EXPECT_EQ(split.tv_nsec, 9);
  // The kernel refuses negative times.
  const timespec negative = Deadline::AtNs(-1).ToTimespec();
  EXPECT_EQ(negative.tv_sec, 0);
  EXPECT_EQ(negative.tv_nsec, 0);
}

TEST(ClockTest, ValidTimespec) {
  EXPECT_TRUE(ValidTimespec({0, 0}));
  EXPECT_TRUE(ValidTimespec({-1, kNsPerSecond - 1}));
  EXPECT_FALSE(ValidTimespec({0, -1}));
  EXPECT_FALSE(ValidTimespec({0, kNsPerSecond}));
}

}  // namespace
}  // namespace lt
