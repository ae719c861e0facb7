// SPDX-License-Identifier: MIT

#include <gtest/gtest.h>

#include <atomic>
#include <memory>
#include <thread>
#include <utility>
#include <vector>

#include "sched/warm_list.h"

namespace lt {
namespace {

constexpr size_t kBlock = 16384;
constexpr int kMost = WarmList::kMost;
constexpr char kWithout[] =
    "the kernel refuses membarrier, and without it nothing is ever taken: "
    "see WithoutMembarrierNothingIsTaken";

class WarmListTest : public testing::Test {
 protected:
  WarmListTest() : threads_(new Thread[2 * kMost]) {
    StartMembarrier();
    for (int i = 0; i < 2 * kMost; ++i) threads_[i].block.bytes = kBlock;
  }
  std::unique_ptr<Thread[]> threads_;
  WarmList list_;
};

TEST_F(WarmListTest, LastInFirstOut) {
  EXPECT_EQ(list_.TryPop(kBlock), nullptr);
  EXPECT_TRUE(list_.TryPush(threads_[0]));
  EXPECT_TRUE(list_.TryPush(threads_[1]));
  EXPECT_EQ(list_.TryPop(kBlock), &threads_[1]);
  EXPECT_EQ(list_.TryPop(kBlock), &threads_[0]);
  EXPECT_EQ(list_.TryPop(kBlock), nullptr);
}

TEST_F(WarmListTest, OtherSizesAreNotHanded) {
  threads_[0].block.bytes = 2 * kBlock;
  EXPECT_TRUE(list_.TryPush(threads_[0]));
  EXPECT_EQ(list_.TryPop(kBlock), nullptr);
  EXPECT_EQ(list_.TryPop(2 * kBlock), &threads_[0]);
}

TEST_F(WarmListTest, AFullOneRefuses) {
  for (int i = 0; i < kMost; ++i) ASSERT_TRUE(list_.TryPush(threads_[i]));
  EXPECT_FALSE(list_.TryPush(threads_[kMost]));
  EXPECT_EQ(list_.TryPop(kBlock), &threads_[kMost - 1]);
  EXPECT_TRUE(list_.TryPush(threads_[kMost]));
}

// Not an error: then the list is its owner's alone.
TEST_F(WarmListTest, WithoutMembarrierNothingIsTaken) {
  const bool before = std::exchange(g_no_membarrier, true);
  EXPECT_TRUE(list_.TryPush(threads_[0]));
  EXPECT_EQ(list_.TakeAll(), nullptr);
  EXPECT_EQ(list_.TryPop(kBlock), &threads_[0]);
  g_no_membarrier = before;
}

TEST_F(WarmListTest, TakeAllLeavesNone) {
  if (g_no_membarrier) GTEST_SKIP() << kWithout;
  EXPECT_EQ(list_.TakeAll(), nullptr);
  for (int i = 0; i < kMost; ++i) ASSERT_TRUE(list_.TryPush(threads_[i]));
  int count = 0;
  for (Thread* at = list_.TakeAll(); at != nullptr; at = at->next) ++count;
  EXPECT_EQ(count, kMost);
  EXPECT_EQ(list_.TryPop(kBlock), nullptr);
  for (int i = 0; i < kMost; ++i) ASSERT_TRUE(list_.TryPush(threads_[i]));
}

// INV-WL1: what the owner pushes comes out once, here or there.
TEST_F(WarmListTest, NothingIsLostBesideARobber) {
  if (g_no_membarrier) GTEST_SKIP() << kWithout;
  constexpr int kRobberies = 50'000;
  std::vector<std::atomic<int>> inside(2 * kMost);
  std::atomic<bool> done{false};
  std::atomic<int> wrong{0};
  int64_t refused = 0;
  const auto take = [&](Thread* thread) {
    if (inside[thread - threads_.get()].exchange(0) != 1) ++wrong;
  };
  int64_t robbed = 0;
  std::thread robber([&] {
    for (int i = 0; i < kRobberies || robbed == 0; ++i) {
      Thread* thread = list_.TakeAll();
      while (thread != nullptr) {
        Thread* next = thread->next;  // the owner may push it at once
        take(thread);
        ++robbed;
        thread = next;
      }
      if (i % 4 == 0) std::this_thread::yield();
    }
    done = true;
  });
  for (unsigned i = 0; !done; ++i) {
    const unsigned at = i % inside.size();
    if (i % 3 != 0) {
      if (inside[at].exchange(1) != 0) continue;
      if (!list_.TryPush(threads_[at])) {
        inside[at] = 0;
        ++refused;
      }
    } else if (Thread* thread = list_.TryPop(kBlock)) {
      take(thread);
    }
  }
  robber.join();
  while (Thread* thread = list_.TryPop(kBlock)) take(thread);
  EXPECT_EQ(wrong, 0);
  for (const auto& one : inside) EXPECT_EQ(one, 0);
  EXPECT_GT(robbed, 0);
  RecordProperty("refused", static_cast<int>(refused));
}

}  // namespace
}  // namespace lt
