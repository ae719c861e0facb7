// SPDX-License-Identifier: MIT
//
// thr_keycreate_once(3): one key, however many threads ask.

#include <cstdint>
#include <set>
#include <vector>

#include "support/fixture.h"

namespace lt {
namespace {

using ThreadKeycreateOnceTest = ApiTest;
LT_OVER_KINDS(ThreadKeycreateOnceTest);

TEST_P(ThreadKeycreateOnceTest, TheFirstCallMakesTheKey) {
  thread_key_t key = THR_ONCE_KEY;
  ASSERT_EQ(thr_keycreate_once(&key, nullptr), 0);
  EXPECT_NE(key, THR_ONCE_KEY);
  EXPECT_GE(key, 1U);
  int value = 0;
  EXPECT_EQ(thr_setspecific(key, &value), 0);
  void* back = nullptr;
  EXPECT_EQ(thr_getspecific(key, &back), 0);
  EXPECT_EQ(back, &value);
  EXPECT_EQ(thr_setspecific(key, nullptr), 0);
}

TEST_P(ThreadKeycreateOnceTest, LaterCallsDoNothing) {
  thread_key_t key = THR_ONCE_KEY;
  ASSERT_EQ(thr_keycreate_once(&key, nullptr), 0);
  const thread_key_t made = key;
  for (int i = 0; i < 10; ++i) {
    EXPECT_EQ(thr_keycreate_once(&key, nullptr), 0);
    EXPECT_EQ(key, made);
  }
}

TEST_P(ThreadKeycreateOnceTest, AnyOtherValueIsLeftAlone) {
  for (const thread_key_t before : {thread_key_t{0}, thread_key_t{77}}) {
    thread_key_t key = before;
    EXPECT_EQ(thr_keycreate_once(&key, nullptr), 0);
    EXPECT_EQ(key, before);
  }
}

TEST_P(ThreadKeycreateOnceTest, RacingThreadsAgreeOnOneKey) {
  constexpr size_t kThreads = 8;
  constexpr size_t kKeys = 100;
  std::vector<thread_key_t> keys(kKeys, THR_ONCE_KEY);
  std::vector<std::vector<thread_key_t>> seen(kThreads);
  std::atomic<size_t> arrived{0};
  RunThreads(kThreads, [&](int i) {
    ++arrived;
    EXPECT_TRUE(Eventually([&] { return arrived == kThreads; }));
    for (thread_key_t& key : keys) {
      EXPECT_EQ(thr_keycreate_once(&key, nullptr), 0);
      // After a call of its own a thread reads the variable freely.
      seen[static_cast<size_t>(i)].push_back(key);
      thr_yield();
    }
  });
  for (const auto& mine : seen) EXPECT_EQ(mine, keys);
  EXPECT_EQ(std::set<thread_key_t>(keys.begin(), keys.end()).size(), kKeys);
}

std::atomic<int> destroyed{0};

extern "C" void CountDestruction(void*) {
  ++destroyed;
}

TEST_P(ThreadKeycreateOnceTest, TheDestructorBelongsToTheKey) {
  thread_key_t key = THR_ONCE_KEY;
  destroyed = 0;
  RunThreads(10, [&](int) {
    EXPECT_EQ(thr_keycreate_once(&key, CountDestruction), 0);
    EXPECT_EQ(thr_setspecific(key, &key), 0);
  });
  EXPECT_EQ(destroyed, 10);
}

TEST_P(ThreadKeycreateOnceTest, ForeignThreadsTakePart) {
  thread_key_t key = THR_ONCE_KEY;
  thread_key_t theirs = THR_ONCE_KEY;
  ForeignThread foreign([&] {
    EXPECT_EQ(thr_keycreate_once(&key, nullptr), 0);
    theirs = key;
  });
  EXPECT_EQ(thr_keycreate_once(&key, nullptr), 0);
  foreign.Join();
  EXPECT_NE(theirs, THR_ONCE_KEY);
  EXPECT_EQ(theirs, key);
}

}  // namespace
}  // namespace lt
