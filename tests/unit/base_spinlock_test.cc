// SPDX-License-Identifier: MIT

#include <gtest/gtest.h>

#include <thread>
#include <vector>

#include "base/spinlock.h"

namespace lt {
namespace {

TEST(SpinLockTest, TryLock) {
  SpinLock lock;
  ASSERT_TRUE(lock.TryLock());
  EXPECT_FALSE(lock.TryLock());
  lock.Unlock();
  EXPECT_TRUE(lock.TryLock());
  lock.Unlock();
}

TEST(SpinLockTest, HolderUnlocks) {
  SpinLock lock;
  {
    SpinLockHolder hold(lock);
    EXPECT_FALSE(lock.TryLock());
  }
  EXPECT_TRUE(lock.TryLock());
  lock.Unlock();
}

// Two words that are equal outside of the lock; volatile, so that each step is
// really made.
struct Pair {
  volatile int first = 0;
  volatile int second = 0;
};

TEST(SpinLockTest, ExcludesOthers) {
  constexpr int kThreads = 4;
  constexpr int kRounds = 50'000;
  SpinLock lock;
  Pair pair;
  int torn = 0;
  std::vector<std::thread> threads;
  for (int t = 0; t < kThreads; ++t) {
    threads.emplace_back([&, t] {
      for (int i = 0; i < kRounds; ++i) {
        if (t % 2 == 0) {
          lock.Lock();
        } else {
          while (!lock.TryLock()) CpuRelax();
        }
        if (pair.first != pair.second) ++torn;
        pair.first = pair.first + 1;
        pair.second = pair.second + 1;
        lock.Unlock();
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(torn, 0);
  EXPECT_EQ(pair.first, kThreads * kRounds);
  EXPECT_EQ(pair.second, kThreads * kRounds);
}

}  // namespace
}  // namespace lt
