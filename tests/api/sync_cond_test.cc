// SPDX-License-Identifier: MIT
//
// cond_init(3): objects, error numbers, the state of the mutex.

#include <errno.h>

#include <atomic>
#include <cstdlib>
#include <cstring>

#include "support/fixture.h"
#include "support/sync_objects.h"

namespace lt {
namespace {

cond_t bss_cond;

class CondTest : public SyncTest {
 protected:
  // Whether `c` carries a signal from one thread to another.
  void ExpectWorks(cond_t* c) const {
    mutex_t m = DEFAULTMUTEX;
    bool waiting = false;
    bool told = false;
    const thread_t waiter = Spawn([&] {
      EXPECT_EQ(mutex_lock(&m), 0);
      waiting = true;
      while (!told) EXPECT_EQ(cond_wait(c, &m), 0);
      EXPECT_EQ(mutex_unlock(&m), 0);
    });
    EXPECT_TRUE(EventuallyLocked(&m, [&] { return waiting; }));
    EXPECT_EQ(mutex_lock(&m), 0);
    told = true;
    EXPECT_EQ(cond_signal(c), 0);
    EXPECT_EQ(mutex_unlock(&m), 0);
    Join(waiter);
  }
};

LT_OVER_KINDS(CondTest);

TEST_P(CondTest, ZeroFilledMemoryIsACondition) {
  ExpectWorks(&bss_cond);
  auto* const allocated = static_cast<cond_t*>(std::calloc(1, sizeof(cond_t)));
  ASSERT_NE(allocated, nullptr);
  ExpectWorks(allocated);
  std::free(allocated);
  auto* const mapped = MapZeroed<cond_t>();
  ASSERT_NE(mapped, nullptr);
  ExpectWorks(mapped);
  Unmap(mapped);
}

TEST_P(CondTest, InitInitialiserAndCopy) {
  cond_t c;
  std::memset(&c, 0xa5, sizeof(c));
  ASSERT_EQ(cond_init(&c, USYNC_THREAD, nullptr), 0);
  ExpectWorks(&c);
  const cond_t initialiser = DEFAULTCV;
  std::memset(&c, 0xa5, sizeof(c));
  c = initialiser;
  ExpectWorks(&c);
}

TEST_P(CondTest, DestroyedConditionCanBeUsedAgain) {
  cond_t c = DEFAULTCV;
  ExpectWorks(&c);
  EXPECT_EQ(cond_destroy(&c), 0);
  EXPECT_EQ(cond_destroy(&c), 0);
  ASSERT_EQ(cond_init(&c, USYNC_THREAD, nullptr), 0);
  ExpectWorks(&c);
  EXPECT_EQ(cond_destroy(&c), 0);
}

// cond_destroy() never says EBUSY; the time of a timed waiter goes on.
TEST_P(CondTest, DestroyWithAWaiterIsNotRefused) {
  cond_t c = DEFAULTCV;
  mutex_t m = DEFAULTMUTEX;
  std::atomic<bool> locked{false};
  const thread_t waiter = Spawn([&] {
    EXPECT_EQ(mutex_lock(&m), 0);
    locked = true;
    const timespec_t wait = Interval(50);
    EXPECT_EQ(cond_reltimedwait(&c, &m, &wait), ETIME);
    EXPECT_EQ(mutex_unlock(&m), 0);
  });
  EXPECT_TRUE(Eventually([&] { return locked.load(); }));
  EXPECT_EQ(mutex_lock(&m), 0);
  EXPECT_EQ(cond_destroy(&c), 0);
  EXPECT_EQ(mutex_unlock(&m), 0);
  Join(waiter);
}

TEST_P(CondTest, SignalWithoutWaitersIsNotRemembered) {
  InThread([] {
    cond_t c = DEFAULTCV;
    mutex_t m = DEFAULTMUTEX;
    EXPECT_EQ(cond_signal(&c), 0);
    EXPECT_EQ(cond_broadcast(&c), 0);
    EXPECT_EQ(mutex_lock(&m), 0);
    const timespec_t wait = Interval(5);
    EXPECT_EQ(cond_reltimedwait(&c, &m, &wait), ETIME);
    EXPECT_EQ(mutex_unlock(&m), 0);
  });
}

// Somebody on another processor tries to get the mutex all the time; a wait
// that is refused must not let go of it even for a moment.
TEST_P(CondTest, BadTimeIsEinvalAndKeepsTheMutex) {
  constexpr int kTries = 1000;
  for (const LockType& lock : kLockTypes) {
    SCOPED_TRACE(lock.name);
    cond_t c = DEFAULTCV;
    mutex_t m;
    ASSERT_EQ(mutex_init(&m, lock.type, nullptr), 0);
    Gate locked;
    Gate trying;
    Gate done;
    std::atomic<int> taken{0};
    ForeignThread thief([&] {
      locked.Wait();
      while (!done.IsOpen()) {
        if (mutex_trylock(&m) == 0) {
          ++taken;
          EXPECT_EQ(mutex_unlock(&m), 0);
        }
        trying.Open();
      }
    });
    InThread([&] {
      EXPECT_EQ(mutex_lock(&m), 0);
      locked.Open();
      trying.Wait();
      timespec_t when = TimeOfDayIn(kForeverMs);
      timespec_t wait = Interval(kForeverMs);
      timespec_t negative{};
      negative.tv_sec = -1;
      for (int i = 0; i < kTries; ++i) {
        when.tv_nsec = wait.tv_nsec = i % 2 == 0 ? -1 : 1'000'000'000;
        EXPECT_EQ(cond_timedwait(&c, &m, &when), EINVAL);
        EXPECT_TRUE(MUTEX_HELD(&m));
        EXPECT_EQ(cond_reltimedwait(&c, &m, &wait), EINVAL);
        EXPECT_TRUE(MUTEX_HELD(&m));
        EXPECT_EQ(cond_reltimedwait(&c, &m, &negative), EINVAL);
        EXPECT_TRUE(MUTEX_HELD(&m));
      }
      done.Open();
      thief.Join();
      EXPECT_EQ(mutex_unlock(&m), 0);
    });
    EXPECT_EQ(taken.load(), 0);
  }
}

TEST_P(CondTest, ErrorcheckMutexNotHeldIsEperm) {
  for (const LockType& lock : kLockTypes) {
    if (!lock.checks_owner) continue;
    SCOPED_TRACE(lock.name);
    cond_t c = DEFAULTCV;
    mutex_t m;
    ASSERT_EQ(mutex_init(&m, lock.type, nullptr), 0);
    const auto all_forms = [&] {
      const timespec_t when = TimeOfDayIn(kForeverMs);
      const timespec_t wait = Interval(kForeverMs);
      EXPECT_EQ(cond_wait(&c, &m), EPERM);
      EXPECT_EQ(cond_timedwait(&c, &m, &when), EPERM);
      EXPECT_EQ(cond_reltimedwait(&c, &m, &wait), EPERM);
      EXPECT_FALSE(MUTEX_HELD(&m));
    };
    InThread(all_forms);  // nobody holds it
    EXPECT_EQ(mutex_lock(&m), 0);
    InThread(all_forms);  // somebody else does
    EXPECT_TRUE(MUTEX_HELD(&m));
    EXPECT_EQ(mutex_unlock(&m), 0);
  }
}

TEST_P(CondTest, NormalMutexIsNotChecked) {
  InThread([] {
    cond_t c = DEFAULTCV;
    mutex_t m = DEFAULTMUTEX;
    const timespec_t wait = Interval(1);
    EXPECT_EQ(cond_reltimedwait(&c, &m, &wait), ETIME);
    EXPECT_TRUE(MUTEX_HELD(&m));
    EXPECT_EQ(mutex_unlock(&m), 0);
  });
}

TEST_P(CondTest, RecursiveMutexIsReleasedCompletely) {
  for (const LockType& lock : kLockTypes) {
    if (!lock.recursive) continue;
    SCOPED_TRACE(lock.name);
    constexpr int kDepth = 3;
    cond_t c = DEFAULTCV;
    mutex_t m;
    ASSERT_EQ(mutex_init(&m, lock.type, nullptr), 0);
    std::atomic<bool> waiting{false};
    bool told = false;
    Gate woken;
    Gate one_left;
    Gate checked;
    const thread_t waiter = Spawn([&] {
      for (int i = 0; i < kDepth; ++i) EXPECT_EQ(mutex_lock(&m), 0);
      waiting = true;
      while (!told) EXPECT_EQ(cond_wait(&c, &m), 0);
      woken.Open();
      for (int i = 1; i < kDepth; ++i) EXPECT_EQ(mutex_unlock(&m), 0);
      EXPECT_TRUE(MUTEX_HELD(&m));
      one_left.Open();
      checked.Wait();
      EXPECT_EQ(mutex_unlock(&m), 0);
      EXPECT_FALSE(MUTEX_HELD(&m));
    });
    EXPECT_TRUE(Eventually([&] { return waiting.load(); }));
    EXPECT_EQ(mutex_lock(&m), 0);
    EXPECT_FALSE(woken.IsOpen());
    told = true;
    EXPECT_EQ(cond_signal(&c), 0);
    EXPECT_EQ(mutex_unlock(&m), 0);
    one_left.Wait();
    EXPECT_EQ(TrylockElsewhere(&m), EBUSY);
    checked.Open();
    Join(waiter);
    EXPECT_EQ(TrylockElsewhere(&m), 0);
  }
}

TEST_P(CondTest, CallsLeaveErrnoAlone) {
  InThread([] {
    cond_t c;
    mutex_t m = ERRORCHECKMUTEX;
    errno = 4711;
    EXPECT_EQ(cond_init(&c, 2, nullptr), EINVAL);
    EXPECT_EQ(cond_init(&c, USYNC_THREAD, nullptr), 0);
    EXPECT_EQ(cond_wait(&c, &m), EPERM);
    EXPECT_EQ(mutex_lock(&m), 0);
    const timespec_t wait = Interval(2);
    EXPECT_EQ(cond_reltimedwait(&c, &m, &wait), ETIME);
    EXPECT_EQ(cond_signal(&c), 0);
    EXPECT_EQ(cond_broadcast(&c), 0);
    EXPECT_EQ(mutex_unlock(&m), 0);
    EXPECT_EQ(cond_destroy(&c), 0);
    EXPECT_EQ(errno, 4711);
  });
}

class CondInitTest : public ModelTest {};

TEST_F(CondInitTest, UnknownTypeIsEinval) {
  cond_t c;
  for (const int type : {2, 4, 0x40, 0x100, -1}) {
    SCOPED_TRACE(type);
    EXPECT_EQ(cond_init(&c, type, nullptr), EINVAL);
  }
}

TEST_F(CondInitTest, MisalignedIsEinvalButInitialised) {
  Misaligned<cond_t> storage;
  EXPECT_EQ(cond_init(storage.get(), USYNC_THREAD, nullptr), EINVAL);
  cond_t aligned;
  std::memset(&aligned, 0x5a, sizeof(aligned));
  ASSERT_EQ(cond_init(&aligned, USYNC_THREAD, nullptr), 0);
  EXPECT_TRUE(storage.SameBytesAs(aligned));
}

}  // namespace
}  // namespace lt
