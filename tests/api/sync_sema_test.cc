// SPDX-License-Identifier: MIT
//
// semaphore(3): objects, counts, error numbers, timed waits.

#include <errno.h>
#include <limits.h>
#include <time.h>

#include <atomic>
#include <cstdlib>
#include <cstring>

#include "support/fixture.h"
#include "support/sync_objects.h"

namespace lt {
namespace {

sema_t bss_sema;

class SemaTest : public SyncTest {
 protected:
  // Whether `s`, whose count is 0, carries units from one thread to another.
  void ExpectWorksFromZero(sema_t* s) const {
    EXPECT_EQ(sema_trywait(s), EBUSY);
    Gate through;
    const thread_t waiter = Spawn([&] {
      EXPECT_EQ(sema_wait(s), 0);
      through.Open();
    });
    EXPECT_TRUE(Quiesce());
    EXPECT_FALSE(through.IsOpen());
    EXPECT_EQ(sema_post(s), 0);
    Join(waiter);
    EXPECT_EQ(sema_trywait(s), EBUSY);
  }
};

LT_OVER_KINDS(SemaTest);

TEST_P(SemaTest, CountSaysHowManyPass) {
  for (const unsigned count : {0U, 1U, 2U, 100U}) {
    SCOPED_TRACE(count);
    sema_t s;
    ASSERT_EQ(sema_init(&s, count, USYNC_THREAD, nullptr), 0);
    InThread([&] {
      for (unsigned i = 0; i < count; ++i) {
        EXPECT_EQ(i % 2 == 0 ? sema_wait(&s) : sema_trywait(&s), 0);
      }
      EXPECT_EQ(sema_trywait(&s), EBUSY);
      EXPECT_EQ(sema_post(&s), 0);
      EXPECT_EQ(sema_post(&s), 0);
      EXPECT_EQ(sema_wait(&s), 0);
      EXPECT_EQ(sema_wait(&s), 0);
      EXPECT_EQ(sema_trywait(&s), EBUSY);
    });
    EXPECT_EQ(sema_destroy(&s), 0);
  }
}

// Programs look at the count in the object.
TEST_P(SemaTest, CountFieldHoldsTheCount) {
  sema_t s;
  ASSERT_EQ(sema_init(&s, 3, USYNC_THREAD, nullptr), 0);
  EXPECT_EQ(s.count, 3U);
  EXPECT_EQ(static_cast<void*>(&s.count), static_cast<void*>(&s));
  InThread([&] { EXPECT_EQ(sema_wait(&s), 0); });
  EXPECT_EQ(s.count, 2U);
  InThread([&] { EXPECT_EQ(sema_post(&s), 0); });
  EXPECT_EQ(s.count, 3U);
}

TEST_P(SemaTest, ZeroFilledMemoryIsASemaphoreWithoutUnits) {
  ExpectWorksFromZero(&bss_sema);
  auto* const allocated = static_cast<sema_t*>(std::calloc(1, sizeof(sema_t)));
  ASSERT_NE(allocated, nullptr);
  ExpectWorksFromZero(allocated);
  std::free(allocated);
  auto* const mapped = MapZeroed<sema_t>();
  ASSERT_NE(mapped, nullptr);
  ExpectWorksFromZero(mapped);
  Unmap(mapped);
}

TEST_P(SemaTest, InitInitialiserAndCopy) {
  sema_t s;
  std::memset(&s, 0xa5, sizeof(s));
  ASSERT_EQ(sema_init(&s, 0, USYNC_THREAD, nullptr), 0);
  ExpectWorksFromZero(&s);
  const sema_t initialiser = DEFAULTSEMA;
  std::memset(&s, 0xa5, sizeof(s));
  s = initialiser;
  ExpectWorksFromZero(&s);
}

TEST_P(SemaTest, DestroyIsNeverRefused) {
  sema_t s;
  ASSERT_EQ(sema_init(&s, 5, USYNC_THREAD, nullptr), 0);
  EXPECT_EQ(sema_destroy(&s), 0);
  EXPECT_EQ(sema_destroy(&s), 0);
  ASSERT_EQ(sema_init(&s, 0, USYNC_THREAD, nullptr), 0);
  ExpectWorksFromZero(&s);
}

TEST_P(SemaTest, InitOfASemaphoreInUseResetsIt) {
  sema_t s;
  ASSERT_EQ(sema_init(&s, 5, USYNC_THREAD, nullptr), 0);
  ASSERT_EQ(sema_init(&s, 0, USYNC_THREAD, nullptr), 0);
  ExpectWorksFromZero(&s);
}

TEST_P(SemaTest, PostBeyondTheLargestCountIsEoverflow) {
  sema_t s;
  ASSERT_EQ(sema_init(&s, INT_MAX, USYNC_THREAD, nullptr), 0);
  InThread([&] {
    EXPECT_EQ(sema_post(&s), EOVERFLOW);
    EXPECT_EQ(s.count, static_cast<unsigned>(INT_MAX));
    EXPECT_EQ(sema_trywait(&s), 0);
    EXPECT_EQ(sema_post(&s), 0);
    EXPECT_EQ(sema_post(&s), EOVERFLOW);
  });
}

TEST_P(SemaTest, HeldMeansNoUnits) {
  sema_t s;
  ASSERT_EQ(sema_init(&s, 1, USYNC_THREAD, nullptr), 0);
  EXPECT_FALSE(SEMA_HELD(&s));
  InThread([&] {
    EXPECT_EQ(sema_wait(&s), 0);
    EXPECT_TRUE(SEMA_HELD(&s));
  });
  EXPECT_TRUE(SEMA_HELD(&s));  // whoever asks
  EXPECT_EQ(sema_post(&s), 0);
  EXPECT_FALSE(SEMA_HELD(&s));
}

TEST_P(SemaTest, TimeIsOver) {
  sema_t s = DEFAULTSEMA;
  InThread([&] {
    timespec_t when = TimeOfDayIn(-10'000);
    EXPECT_EQ(sema_timedwait(&s, &when), ETIME);
    when.tv_sec = -1;  // the past, not an error
    EXPECT_EQ(sema_timedwait(&s, &when), ETIME);
    const timespec_t none{};
    EXPECT_EQ(sema_timedwait(&s, &none), ETIME);
    EXPECT_EQ(sema_reltimedwait(&s, &none), ETIME);

    when = TimeOfDayIn(20);
    EXPECT_EQ(sema_timedwait(&s, &when), ETIME);
    EXPECT_TRUE(TimeOfDayReached(when));

    timespec before{};
    timespec after{};
    clock_gettime(CLOCK_MONOTONIC, &before);
    const timespec_t wait = Interval(20);
    EXPECT_EQ(sema_reltimedwait(&s, &wait), ETIME);
    clock_gettime(CLOCK_MONOTONIC, &after);
    EXPECT_GE((after.tv_sec - before.tv_sec) * 1000 +
                  (after.tv_nsec - before.tv_nsec) / 1'000'000,
              19);
  });
  ExpectWorksFromZero(&s);
}

TEST_P(SemaTest, BadTimeIsEinvalWhenItWouldSleep) {
  sema_t s = DEFAULTSEMA;
  InThread([&] {
    for (const long bad : {-1L, 1'000'000'000L}) {
      SCOPED_TRACE(bad);
      timespec_t when = TimeOfDayIn(kForeverMs);
      when.tv_nsec = bad;
      EXPECT_EQ(sema_timedwait(&s, &when), EINVAL);
      timespec_t wait = Interval(kForeverMs);
      wait.tv_nsec = bad;
      EXPECT_EQ(sema_reltimedwait(&s, &wait), EINVAL);
    }
    timespec_t negative{};
    negative.tv_sec = -1;
    EXPECT_EQ(sema_reltimedwait(&s, &negative), EINVAL);
  });
}

TEST_P(SemaTest, AUnitIsWorthMoreThanABadOrPastTime) {
  sema_t s;
  ASSERT_EQ(sema_init(&s, 5, USYNC_THREAD, nullptr), 0);
  InThread([&] {
    timespec_t time = TimeOfDayIn(-10'000);
    EXPECT_EQ(sema_timedwait(&s, &time), 0);
    time.tv_nsec = -1;
    EXPECT_EQ(sema_timedwait(&s, &time), 0);
    EXPECT_EQ(sema_reltimedwait(&s, &time), 0);
    time.tv_nsec = 1'000'000'000;
    EXPECT_EQ(sema_reltimedwait(&s, &time), 0);
    time = timespec_t{};
    time.tv_sec = -1;
    EXPECT_EQ(sema_reltimedwait(&s, &time), 0);
    EXPECT_EQ(sema_trywait(&s), EBUSY);
  });
}

TEST_P(SemaTest, PostEndsATimedWait) {
  sema_t s = DEFAULTSEMA;
  const timespec_t when = TimeOfDayIn(kForeverMs);
  const timespec_t wait = Interval(kForeverMs);
  const thread_t absolute =
      Spawn([&] { EXPECT_EQ(sema_timedwait(&s, &when), 0); });
  const thread_t relative =
      Spawn([&] { EXPECT_EQ(sema_reltimedwait(&s, &wait), 0); });
  EXPECT_TRUE(Quiesce());
  EXPECT_EQ(sema_post(&s), 0);
  EXPECT_EQ(sema_post(&s), 0);
  Join(absolute);
  Join(relative);
  EXPECT_EQ(sema_trywait(&s), EBUSY);
}

TEST_P(SemaTest, CallsLeaveErrnoAlone) {
  InThread([] {
    sema_t s;
    errno = 4711;
    EXPECT_EQ(sema_init(&s, 0, 2, nullptr), EINVAL);
    EXPECT_EQ(sema_init(&s, 0, USYNC_THREAD, nullptr), 0);
    EXPECT_EQ(sema_trywait(&s), EBUSY);
    const timespec_t wait = Interval(2);
    EXPECT_EQ(sema_reltimedwait(&s, &wait), ETIME);
    EXPECT_EQ(sema_post(&s), 0);
    EXPECT_EQ(sema_wait(&s), 0);
    EXPECT_EQ(sema_destroy(&s), 0);
    EXPECT_EQ(errno, 4711);
  });
}

class SemaInitTest : public ModelTest {};

TEST_F(SemaInitTest, CountBeyondTheLargestIsEinval) {
  sema_t s;
  for (const unsigned count :
       {static_cast<unsigned>(INT_MAX) + 1U, 0xffffffffU}) {
    SCOPED_TRACE(count);
    EXPECT_EQ(sema_init(&s, count, USYNC_THREAD, nullptr), EINVAL);
  }
}

TEST_F(SemaInitTest, UnknownTypeIsEinval) {
  sema_t s;
  for (const int type : {2, 4, 0x40, 0x100, -1}) {
    SCOPED_TRACE(type);
    EXPECT_EQ(sema_init(&s, 0, type, nullptr), EINVAL);
  }
}

TEST_F(SemaInitTest, MisalignedIsEinvalButInitialised) {
  Misaligned<sema_t> storage;
  EXPECT_EQ(sema_init(storage.get(), 7, USYNC_THREAD, nullptr), EINVAL);
  sema_t aligned;
  std::memset(&aligned, 0x5a, sizeof(aligned));
  ASSERT_EQ(sema_init(&aligned, 7, USYNC_THREAD, nullptr), 0);
  EXPECT_TRUE(storage.SameBytesAs(aligned));
}

}  // namespace
}  // namespace lt
