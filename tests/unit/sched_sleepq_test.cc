// SPDX-License-Identifier: MIT
//
// The queues themselves; sleeping on them is what the tests of the calls do.

#include <gtest/gtest.h>

#include <algorithm>
#include <memory>
#include <random>
#include <set>
#include <vector>

#include "sched/sleepq.h"

namespace lt {
namespace {

class SleepQueueTest : public testing::Test {
 protected:
  SleepQueueTest() : threads_(new Thread[kThreads]) {}

  void Insert(int thread, int address, int key = 0) {
    SpinLockHolder hold(bucket_.lock);
    bucket_.Insert(threads_[thread], &objects_[address], key);
  }
  int TakeFirst(int address) {
    SpinLockHolder hold(bucket_.lock);
    Thread* thread = bucket_.TakeFirst(&objects_[address]);
    return thread == nullptr ? -1 : static_cast<int>(thread - threads_.get());
  }
  void Remove(int thread) {
    SpinLockHolder hold(bucket_.lock);
    bucket_.Remove(threads_[thread]);
  }
  int QueuesInBucket() {
    SpinLockHolder hold(bucket_.lock);
    int count = 0;
    for (SleepQueue* at = bucket_.queues; at != nullptr; at = at->next) ++count;
    return count;
  }

  static constexpr int kThreads = 64;
  static constexpr int kObjects = 8;
  std::unique_ptr<Thread[]> threads_;
  char objects_[kObjects] = {};
  SleepBucket bucket_;
};

TEST_F(SleepQueueTest, FirstComeFirstServed) {
  EXPECT_EQ(TakeFirst(0), -1);
  for (int i = 0; i < 4; ++i) Insert(i, 0);
  for (int i = 0; i < 4; ++i) EXPECT_EQ(TakeFirst(0), i);
  EXPECT_EQ(TakeFirst(0), -1);
}

TEST_F(SleepQueueTest, LargerKeyFirst) {
  Insert(0, 0, 4);
  Insert(1, 0, 8);
  Insert(2, 0, 4);
  Insert(3, 0, 8);
  Insert(4, 0, 0);
  for (const int expected : {1, 3, 0, 2, 4}) EXPECT_EQ(TakeFirst(0), expected);
}

TEST_F(SleepQueueTest, AddressesAreApart) {
  Insert(0, 0);
  Insert(1, 1);
  Insert(2, 0);
  EXPECT_EQ(QueuesInBucket(), 2);
  EXPECT_EQ(TakeFirst(1), 1);
  EXPECT_EQ(TakeFirst(1), -1);
  EXPECT_EQ(QueuesInBucket(), 1);
  EXPECT_EQ(TakeFirst(0), 0);
  EXPECT_EQ(TakeFirst(0), 2);
  EXPECT_EQ(QueuesInBucket(), 0);
}

// INV-SQ1.
TEST_F(SleepQueueTest, TheThreadKnowsItsBucket) {
  EXPECT_EQ(threads_[0].bucket, nullptr);
  Insert(0, 0);
  EXPECT_EQ(threads_[0].bucket, &bucket_);
  EXPECT_NE(threads_[0].queue, nullptr);
  Remove(0);
  EXPECT_EQ(threads_[0].queue, nullptr);
  EXPECT_EQ(TakeFirst(0), -1);
}

// Threads swap their records in sleeping; nobody ends with two or none, and the
// order is kept all the while.
TEST_F(SleepQueueTest, RecordsAreNeitherLostNorShared) {
  std::vector<int> model[kObjects];  // threads in order of arrival
  std::vector<int> where(kThreads, -1);
  std::mt19937 random(19'930'601);
  for (int step = 0; step < 100'000; ++step) {
    const int thread = static_cast<int>(random() % kThreads);
    const int object = static_cast<int>(random() % kObjects);
    if (where[thread] < 0) {
      Insert(thread, object);
      model[object].push_back(thread);
      where[thread] = object;
    } else if (step % 2 == 0) {
      auto& line = model[where[thread]];
      Remove(thread);
      line.erase(std::find(line.begin(), line.end(), thread));
      where[thread] = -1;
    } else {
      const int expected = model[object].empty() ? -1 : model[object].front();
      ASSERT_EQ(TakeFirst(object), expected) << step;
      if (expected < 0) continue;
      model[object].erase(model[object].begin());
      where[expected] = -1;
    }
    int occupied = 0;
    for (const auto& line : model) occupied += line.empty() ? 0 : 1;
    ASSERT_EQ(QueuesInBucket(), occupied) << step;
  }
  for (int thread = 0; thread < kThreads; ++thread) {
    if (where[thread] >= 0) Remove(thread);
  }
  std::set<SleepQueue*> records;
  for (int thread = 0; thread < kThreads; ++thread) {
    SleepQueue* record = threads_[thread].spare;
    if (record == nullptr) continue;  // never slept: the one inside is unused
    EXPECT_TRUE(records.insert(record).second) << "of two threads";
  }
  EXPECT_EQ(records.size(), size_t{kThreads});
}

// Who locks the objects of an array one after the other must not find them in
// one bucket.
TEST(SleepBucketTest, NeighboursOfOnePageAreApart) {
  constexpr size_t kPageBytes = 4096;
  constexpr size_t kObjectBytes = 24;
  alignas(kPageBytes) static char objects[kPageBytes];
  std::set<SleepBucket*> buckets;
  size_t count = 0;
  for (size_t at = 0; at < kPageBytes; at += kObjectBytes, ++count) {
    buckets.insert(&BucketOf(&objects[at]));
  }
  EXPECT_EQ(buckets.size(), count);
}

}  // namespace
}  // namespace lt
