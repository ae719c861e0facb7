// SPDX-License-Identifier: MIT
//
// cond_init(3): the timed waits.

#include <errno.h>
#include <time.h>

#include <atomic>
#include <cstdint>

#include "support/fixture.h"
#include "support/sync_objects.h"

namespace lt {
namespace {

class CondTimedTest : public SyncTest {};

LT_OVER_KINDS(CondTimedTest);

long MonotonicMs() {
  timespec now{};
  clock_gettime(CLOCK_MONOTONIC, &now);
  return now.tv_sec * 1000 + now.tv_nsec / 1'000'000;
}

TEST_P(CondTimedTest, TimeIsOver) {
  for (const LockType& lock : kLockTypes) {
    SCOPED_TRACE(lock.name);
    cond_t c = DEFAULTCV;
    mutex_t m;
    ASSERT_EQ(mutex_init(&m, lock.type, nullptr), 0);
    InThread([&] {
      EXPECT_EQ(mutex_lock(&m), 0);
      timespec_t when = TimeOfDayIn(-10'000);
      EXPECT_EQ(cond_timedwait(&c, &m, &when), ETIME);
      EXPECT_TRUE(MUTEX_HELD(&m));
      when.tv_sec = -1;  // the past, not an error
      EXPECT_EQ(cond_timedwait(&c, &m, &when), ETIME);
      EXPECT_TRUE(MUTEX_HELD(&m));
      when = timespec_t{};
      EXPECT_EQ(cond_timedwait(&c, &m, &when), ETIME);
      EXPECT_TRUE(MUTEX_HELD(&m));
      const timespec_t none{};
      EXPECT_EQ(cond_reltimedwait(&c, &m, &none), ETIME);
      EXPECT_TRUE(MUTEX_HELD(&m));
      EXPECT_EQ(mutex_unlock(&m), 0);
    });
    EXPECT_EQ(TrylockElsewhere(&m), 0);
  }
}

TEST_P(CondTimedTest, TimedWaitsDoNotEndEarly) {
  InThread([] {
    cond_t c = DEFAULTCV;
    mutex_t m = DEFAULTMUTEX;
    EXPECT_EQ(mutex_lock(&m), 0);

    const long start = MonotonicMs();
    const timespec_t wait = Interval(30);
    EXPECT_EQ(cond_reltimedwait(&c, &m, &wait), ETIME);
    // One millisecond for the cut to whole ones.
    EXPECT_GE(MonotonicMs() - start, 29);

    const timespec_t when = TimeOfDayIn(30);
    EXPECT_EQ(cond_timedwait(&c, &m, &when), ETIME);
    EXPECT_TRUE(TimeOfDayReached(when));
    EXPECT_EQ(mutex_unlock(&m), 0);
  });
}

TEST_P(CondTimedTest, ManyTimedWaitersAllTimeOut) {
  cond_t c = DEFAULTCV;
  mutex_t m = DEFAULTMUTEX;
  RunThreads(50, [&](int index) {
    EXPECT_EQ(mutex_lock(&m), 0);
    const timespec_t wait = Interval(1 + index * 7 % 30);
    EXPECT_EQ(cond_reltimedwait(&c, &m, &wait), ETIME);
    EXPECT_TRUE(MUTEX_HELD(&m));
    EXPECT_EQ(mutex_unlock(&m), 0);
  });
}

TEST_P(CondTimedTest, FarTimesCanBeWaitedFor) {
  cond_t c = DEFAULTCV;
  mutex_t m = DEFAULTMUTEX;
  int waiting = 0;
  bool told = false;
  const auto wait_for_told = [&](bool relative, timespec_t time) {
    EXPECT_EQ(mutex_lock(&m), 0);
    ++waiting;
    while (!told) {
      EXPECT_EQ(relative ? cond_reltimedwait(&c, &m, &time)
                         : cond_timedwait(&c, &m, &time),
                0);
    }
    EXPECT_EQ(mutex_unlock(&m), 0);
  };
  timespec_t end_of_time{};
  end_of_time.tv_sec = sizeof(time_t) == 8 ? static_cast<time_t>(INT64_MAX)
                                           : static_cast<time_t>(INT32_MAX);
  end_of_time.tv_nsec = 999'999'999;
  const thread_t ids[] = {
      Spawn([&] { wait_for_told(true, Interval(kForeverMs)); }),
      Spawn([&] { wait_for_told(false, TimeOfDayIn(kForeverMs)); }),
      Spawn([&] { wait_for_told(true, end_of_time); }),
      Spawn([&] { wait_for_told(false, end_of_time); })};
  EXPECT_TRUE(EventuallyLocked(&m, [&] { return waiting == 4; }));
  EXPECT_EQ(mutex_lock(&m), 0);
  told = true;
  EXPECT_EQ(cond_broadcast(&c), 0);
  EXPECT_EQ(mutex_unlock(&m), 0);
  for (const thread_t id : ids) Join(id);
}

// The time is over while another thread holds the mutex: the waiter comes back
// only when it can have it.
TEST_P(CondTimedTest, TimeoutWaitsForTheMutex) {
  cond_t c = DEFAULTCV;
  mutex_t m = DEFAULTMUTEX;
  std::atomic<bool> waiting{false};
  Gate returned;
  const timespec_t when = TimeOfDayIn(20);
  const thread_t waiter = Spawn([&] {
    EXPECT_EQ(mutex_lock(&m), 0);
    waiting = true;
    EXPECT_EQ(cond_timedwait(&c, &m, &when), ETIME);
    returned.Open();
    EXPECT_TRUE(MUTEX_HELD(&m));
    EXPECT_EQ(mutex_unlock(&m), 0);
  });
  EXPECT_TRUE(Eventually([&] { return waiting.load(); }));
  // Either it waits now, or its time is over already and it needs no mutex.
  EXPECT_EQ(mutex_lock(&m), 0);
  if (!returned.IsOpen()) {
    EXPECT_TRUE(Eventually([&] { return TimeOfDayReached(when); }));
    EXPECT_TRUE(Quiesce());
    EXPECT_FALSE(returned.IsOpen());
  }
  EXPECT_EQ(mutex_unlock(&m), 0);
  Join(waiter);
}

TEST_P(CondTimedTest, RecursionDepthSurvivesATimeout) {
  mutex_t m = RECURSIVE_ERRORCHECKMUTEX;
  cond_t c = DEFAULTCV;
  InThread([&] {
    for (int i = 0; i < kMaxHolds; ++i) EXPECT_EQ(mutex_lock(&m), 0);
    const timespec_t wait = Interval(2);
    EXPECT_EQ(cond_reltimedwait(&c, &m, &wait), ETIME);
    EXPECT_EQ(mutex_lock(&m), EAGAIN);
    for (int i = 0; i < kMaxHolds; ++i) EXPECT_EQ(mutex_unlock(&m), 0);
    EXPECT_EQ(mutex_unlock(&m), EPERM);
  });
}

}  // namespace
}  // namespace lt
