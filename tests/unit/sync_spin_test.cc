// SPDX-License-Identifier: MIT

#include <gtest/gtest.h>

#include <optional>

#include "sync/spin.h"

namespace lt {
namespace {

class SpinTest : public ::testing::Test {
 protected:
  ~SpinTest() override { g_config = kept_; }

  Mutex mutex_{};

 private:
  const Config kept_ = g_config;
};

TEST_F(SpinTest, NoMoreSpinThanMay) {
  g_config.processors = 64;
  g_config.max_spinners = 2;
  std::optional<Spinner> first(std::in_place, mutex_);
  std::optional<Spinner> second(std::in_place, mutex_);
  EXPECT_TRUE(first->may());
  EXPECT_TRUE(second->may());
  EXPECT_FALSE(Spinner(mutex_).may());
  EXPECT_FALSE(Spinner(mutex_).may());
  first.reset();
  EXPECT_TRUE(Spinner(mutex_).may());
  second.reset();
  EXPECT_EQ(mutex_.flag, 0);
}

TEST_F(SpinTest, AnotherMutexHasACountOfItsOwn) {
  g_config.processors = 64;
  g_config.max_spinners = 1;
  Mutex other{};
  const Spinner spinner(mutex_);
  EXPECT_FALSE(Spinner(mutex_).may());
  EXPECT_TRUE(Spinner(other).may());
}

// The limit is beyond what the processors can do: nothing is written.
TEST_F(SpinTest, ALimitThatCannotBeReachedIsNotCounted) {
  g_config.processors = 64;
  g_config.max_spinners = 64;
  const Spinner spinner(mutex_);
  EXPECT_TRUE(spinner.may());
  EXPECT_EQ(mutex_.flag, 0);
}

TEST_F(SpinTest, NoneMaySpin) {
  g_config.max_spinners = 0;
  EXPECT_FALSE(Spinner(mutex_).may());
  EXPECT_EQ(mutex_.flag, 0);
}

TEST_F(SpinTest, ZeroTurnsAreNoLooksAndOneIsOne) {
  g_config.adaptive_spin = g_config.queue_spin = 0;
  EXPECT_EQ(AdaptiveLooks(), 0);
  EXPECT_EQ(QueueLooks(), 0);
  g_config.adaptive_spin = g_config.queue_spin = 1;
  EXPECT_EQ(AdaptiveLooks(), 1);
  EXPECT_EQ(QueueLooks(), 1);
}

}  // namespace
}  // namespace lt
