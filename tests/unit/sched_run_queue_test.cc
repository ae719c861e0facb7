// SPDX-License-Identifier: MIT

#include <gtest/gtest.h>

#include <atomic>
#include <memory>
#include <thread>
#include <vector>

#include "sched/run_queue.h"

namespace lt {
namespace {

constexpr uint32_t kRoom = LocalQueue::kRoom;

class RunQueueTest : public testing::Test {
 protected:
  RunQueueTest() : threads_(new Thread[2 * kRoom]) {}

  Thread* At(size_t index, int priority = 0) {
    threads_[index].priority = static_cast<unsigned char>(priority);
    return &threads_[index];
  }
  ptrdiff_t IndexOf(const Thread* thread) const {
    return thread - threads_.get();
  }

  std::unique_ptr<Thread[]> threads_;
};

using LocalQueueTest = RunQueueTest;
using SharedQueueTest = RunQueueTest;

TEST_F(LocalQueueTest, FirstInFirstOut) {
  LocalQueue queue;
  EXPECT_EQ(queue.Pop(), nullptr);
  for (size_t i = 0; i < 5; ++i) ASSERT_TRUE(queue.TryPush(At(i)));
  EXPECT_EQ(queue.Size(), 5u);
  for (size_t i = 0; i < 5; ++i) EXPECT_EQ(queue.Pop(), At(i));
  EXPECT_EQ(queue.Pop(), nullptr);
  EXPECT_EQ(queue.Size(), 0u);
}

TEST_F(LocalQueueTest, AFullOneRefuses) {
  LocalQueue queue;
  for (uint32_t i = 0; i < kRoom; ++i) ASSERT_TRUE(queue.TryPush(At(i)));
  EXPECT_FALSE(queue.TryPush(At(kRoom)));
  EXPECT_EQ(queue.Pop(), At(0));
  EXPECT_TRUE(queue.TryPush(At(kRoom)));
  for (uint32_t i = 1; i <= kRoom; ++i) EXPECT_EQ(queue.Pop(), At(i));
}

// The indices are never masked: they wrap with the ring many times.
TEST_F(LocalQueueTest, GoesRoundTheRing) {
  LocalQueue queue;
  for (size_t i = 0; i < 10 * kRoom; ++i) {
    ASSERT_TRUE(queue.TryPush(At(i % kRoom)));
    ASSERT_TRUE(queue.TryPush(At((i + 1) % kRoom)));
    ASSERT_EQ(queue.Pop(), At(i % kRoom));
    ASSERT_EQ(queue.Pop(), At((i + 1) % kRoom));
  }
}

TEST_F(LocalQueueTest, TakesTheOlderHalf) {
  LocalQueue queue;
  Thread* out[kRoom];
  EXPECT_EQ(queue.TakeHalf(out, kRoom), 0u);
  for (size_t i = 0; i < 7; ++i) ASSERT_TRUE(queue.TryPush(At(i)));
  ASSERT_EQ(queue.TakeHalf(out, kRoom), 4u);  // of an odd number, the larger
  for (size_t i = 0; i < 4; ++i) EXPECT_EQ(out[i], At(i));
  ASSERT_EQ(queue.TakeHalf(out, 1), 1u);  // no more than there is room for
  EXPECT_EQ(out[0], At(4));
  EXPECT_EQ(queue.Pop(), At(5));
  ASSERT_EQ(queue.TakeHalf(out, kRoom), 1u);  // one alone is taken
  EXPECT_EQ(out[0], At(6));
  EXPECT_EQ(queue.Pop(), nullptr);
}

TEST_F(LocalQueueTest, TheSlotHoldsOne) {
  LocalQueue queue;
  EXPECT_EQ(queue.TakeLast(), nullptr);
  EXPECT_EQ(queue.PutLast(At(0)), nullptr);
  EXPECT_EQ(queue.Size(), 1u);
  EXPECT_EQ(queue.PutLast(At(1)), At(0));
  EXPECT_EQ(queue.Pop(), nullptr);  // not in the ring
  EXPECT_EQ(queue.TakeLast(), At(1));
  EXPECT_EQ(queue.TakeLast(), nullptr);
}

// INV-RQ1: an owner fills ring and slot, three others take in all ways; each
// thread that went in comes out once.
TEST_F(LocalQueueTest, NothingIsLostOrTakenTwice) {
  constexpr int kRounds = 400'000;
  constexpr int kTakers = 3;
  LocalQueue queue;
  // How often each is in the queue: 0 or 1.
  std::vector<std::atomic<int>> inside(2 * kRoom);
  std::atomic<bool> done{false};
  std::atomic<int> wrong{0};
  std::atomic<int64_t> taken{0};
  const auto take = [&](Thread* thread) {
    if (thread == nullptr) return;
    taken.fetch_add(1);
    if (inside[IndexOf(thread)].exchange(0) != 1) ++wrong;
  };
  std::vector<std::thread> takers;
  for (int t = 0; t < kTakers; ++t) {
    takers.emplace_back([&, t] {
      Thread* out[kRoom];
      while (!done) {
        take(queue.Pop());
        if (t == 0) take(queue.TakeLast());
        const uint32_t count = queue.TakeHalf(out, t + 1);
        for (uint32_t i = 0; i < count; ++i) take(out[i]);
        std::this_thread::yield();
      }
    });
  }
  int64_t put = 0;
  for (int i = 0; i < kRounds; ++i) {
    const size_t index = static_cast<size_t>(i) % inside.size();
    if (inside[index].exchange(1) != 0) continue;  // still waits: left in
    if (i % 3 == 0) {
      ++put;
      Thread* displaced = queue.PutLast(At(index));
      if (displaced != nullptr && !queue.TryPush(displaced)) take(displaced);
    } else if (queue.TryPush(At(index))) {
      ++put;
    } else {
      inside[index] = 0;
      for (int p = 0; p < 10; ++p) take(queue.Pop());
    }
  }
  done = true;
  for (std::thread& taker : takers) taker.join();
  take(queue.TakeLast());
  while (Thread* thread = queue.Pop()) take(thread);
  EXPECT_EQ(wrong, 0);
  EXPECT_EQ(taken, put);
  EXPECT_GT(put, kRounds / 100);
}

TEST_F(SharedQueueTest, HighestPriorityFirst) {
  SharedQueue queue;
  EXPECT_EQ(queue.Pop(0), nullptr);
  const int priorities[] = {0, 127, 63, 64, 1, 63};
  for (size_t i = 0; i < std::size(priorities); ++i) {
    queue.Push(At(i, priorities[i]));
  }
  EXPECT_EQ(queue.Size(), 6u);
  for (const size_t expected : {1, 3, 2, 5, 4, 0}) {
    EXPECT_EQ(queue.Pop(0), At(expected, priorities[expected]));
  }
  EXPECT_EQ(queue.Pop(0), nullptr);
  EXPECT_EQ(queue.Size(), 0u);
}

TEST_F(SharedQueueTest, NothingBelowTheLowest) {
  SharedQueue queue;
  queue.Push(At(0, 5));
  EXPECT_EQ(queue.Pop(6), nullptr);
  EXPECT_EQ(queue.Pop(64), nullptr);
  EXPECT_EQ(queue.Pop(5), At(0, 5));
}

TEST_F(SharedQueueTest, TellsWhetherThereIsPriority) {
  SharedQueue queue;
  EXPECT_FALSE(queue.HasPriority());
  queue.Push(At(0, 0));
  EXPECT_FALSE(queue.HasPriority());
  EXPECT_TRUE(queue.Highest() >= 0);
  EXPECT_FALSE(queue.Highest() >= 1);
  queue.Push(At(1, 70));
  EXPECT_TRUE(queue.HasPriority());
  EXPECT_TRUE(queue.Highest() >= 70);
  EXPECT_FALSE(queue.Highest() >= 71);
  EXPECT_EQ(queue.Pop(1), At(1, 70));
  EXPECT_FALSE(queue.HasPriority());
  EXPECT_FALSE(queue.Highest() >= 1);
}

TEST_F(SharedQueueTest, PushAllKeepsTheOrder) {
  SharedQueue queue;
  Thread* all[] = {At(0, 3), At(1, 9), At(2, 3)};
  queue.PushAll(all, 3);
  EXPECT_EQ(queue.Pop(0), all[1]);
  EXPECT_EQ(queue.Pop(0), all[0]);
  EXPECT_EQ(queue.Pop(0), all[2]);
}

TEST_F(SharedQueueTest, ReorderPutsAThreadBehindItsNewEquals) {
  SharedQueue queue;
  queue.Push(At(0, 3));
  queue.Push(At(1, 9));
  queue.Reorder(At(0, 9), 3);
  EXPECT_EQ(queue.Size(), 2u);
  EXPECT_FALSE(queue.Highest() >= 10);
  EXPECT_EQ(queue.Pop(9), At(1, 9));
  EXPECT_EQ(queue.Pop(9), At(0, 9));
  EXPECT_FALSE(queue.HasPriority());
}

TEST_F(SharedQueueTest, ReorderOfAThreadThatIsElsewhere) {
  SharedQueue queue;
  queue.Reorder(At(0, 9), 3);
  EXPECT_EQ(queue.Size(), 0u);
  EXPECT_EQ(queue.Pop(0), nullptr);
}

}  // namespace
}  // namespace lt
