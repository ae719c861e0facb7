// SPDX-License-Identifier: MIT
//
// mutex_init(3) and mutex_enter(3): self-deadlock and calls that end the
// process.  Each death test runs in a process of its own.

// mutex_enter and mutex_exit are declared only for those who ask.
#ifndef __EXTENSIONS__
#define __EXTENSIONS__ 1
#endif

#include <errno.h>
#include <signal.h>
#include <unistd.h>

#include <atomic>
#include <thread>

#include "support/fixture.h"
#include "support/sync_objects.h"

namespace lt {
namespace {

class MutexDeathTest : public SyncTest {
 protected:
  void SetUp() override {
    // A child that starts anew has made no thread yet.
    GTEST_FLAG_SET(death_test_style, "threadsafe");
    SyncTest::SetUp();
  }
};

LT_OVER_KINDS(MutexDeathTest);

// Leaves the child of a death test: 0 says that `ok` held.
[[noreturn]] void Leave(bool ok) {
  _exit(ok ? 0 : 1);
}

// The bodies of death tests are functions: the initialisers of <synch.h> hold
// commas, which the macros of the tests would take for their own.

void RelockAlone() {
  mutex_t m = DEFAULTMUTEX;
  bool ok = mutex_lock(&m) == 0;
  ok = ok && mutex_lock(&m) == EDEADLK;
  ok = ok && mutex_trylock(&m) == EBUSY;  // still held
  ok = ok && mutex_unlock(&m) == 0;
  ok = ok && mutex_trylock(&m) == 0;
  Leave(ok);
}

// The first thread is the only one: its kind is no parameter.
class MutexAloneDeathTest : public ModelTest {};

TEST_F(MutexAloneDeathTest, RelockOfNormalMutexIsEdeadlk) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  EXPECT_EXIT(RelockAlone(), ::testing::ExitedWithCode(0), "");
}

void RelockInThread(long flags) {
  mutex_t m = DEFAULTMUTEX;
  Gate locked;
  Gate returned;
  SpawnWithFlags(
      [&] {
        if (mutex_lock(&m) != 0) Leave(false);
        locked.Open();
        (void)mutex_lock(&m);
        returned.Open();
      },
      flags);
  locked.Wait();
  const bool quiet = bool{Quiesce()};
  Leave(quiet && !returned.IsOpen());
}

TEST_P(MutexDeathTest, RelockOfNormalMutexInAThreadBlocks) {
  EXPECT_EXIT(RelockInThread(Flags()), ::testing::ExitedWithCode(0), "");
}

// One thread that came and went is enough: from then on the first one blocks
// too.  A foreign thread, which the process may have at any time, looks on.
void RelockAfterAThread(long flags) {
  Join(SpawnWithFlags([] {}, flags));
  std::atomic<bool> returned{false};
  std::thread watch([&] {
    const bool quiet = bool{Quiesce()};
    Leave(quiet && !returned.load());
  });
  mutex_t m = DEFAULTMUTEX;
  if (mutex_lock(&m) != 0) Leave(false);
  (void)mutex_lock(&m);
  returned = true;
  watch.join();
}

TEST_P(MutexDeathTest, RelockOfNormalMutexAfterAThreadBlocks) {
  EXPECT_EXIT(RelockAfterAThread(Flags()), ::testing::ExitedWithCode(0), "");
}

// Somebody else's unlock ends the self-deadlock of a default mutex.
TEST_P(MutexDeathTest, StrangerEndsASelfDeadlock) {
  mutex_t m = DEFAULTMUTEX;
  Gate locked;
  const thread_t stuck = Spawn([&] {
    EXPECT_EQ(mutex_lock(&m), 0);
    locked.Open();
    EXPECT_EQ(mutex_lock(&m), 0);
    EXPECT_EQ(mutex_unlock(&m), 0);
  });
  locked.Wait();
  EXPECT_TRUE(Quiesce());
  EXPECT_EQ(mutex_unlock(&m), 0);
  Join(stuck);
  EXPECT_EQ(mutex_trylock(&m), 0);
}

TEST_P(MutexDeathTest, EnterAndExitWithErrorcheckMutexes) {
  for (const LockType& lock : kLockTypes) {
    if (!lock.checks_owner) continue;
    SCOPED_TRACE(lock.name);
    mutex_t m;
    ASSERT_EQ(mutex_init(&m, lock.type, nullptr), 0);
    long count = 0;
    RunThreads(4, [&](int) {
      for (int i = 0; i < 2000; ++i) {
        mutex_enter(&m);
        EXPECT_TRUE(MUTEX_HELD(&m));
        if (lock.recursive) {
          mutex_enter(&m);
          mutex_exit(&m);
        }
        if (count % 32 == 0) thr_yield();
        ++count;
        mutex_exit(&m);
      }
    });
    EXPECT_EQ(count, 4 * 2000);
    EXPECT_EQ(mutex_destroy(&m), 0);
  }
}

TEST_P(MutexDeathTest, EnterNeedsErrorcheck) {
  for (const LockType& lock : kLockTypes) {
    if (lock.checks_owner) continue;
    SCOPED_TRACE(lock.name);
    EXPECT_EXIT(
        {
          mutex_t m;
          if (mutex_init(&m, lock.type, nullptr) != 0) Leave(false);
          InThread([&] { mutex_enter(&m); });
        },
        ::testing::KilledBySignal(SIGABRT), "mutex_enter");
  }
}

TEST_P(MutexDeathTest, ExitNeedsErrorcheck) {
  for (const LockType& lock : kLockTypes) {
    if (lock.checks_owner) continue;
    SCOPED_TRACE(lock.name);
    EXPECT_EXIT(
        {
          mutex_t m;
          if (mutex_init(&m, lock.type, nullptr) != 0) Leave(false);
          InThread([&] {
            if (mutex_lock(&m) != 0) Leave(false);
            mutex_exit(&m);
          });
        },
        ::testing::KilledBySignal(SIGABRT), "mutex_exit");
  }
}

void EnterTwice() {
  mutex_t m = ERRORCHECKMUTEX;
  mutex_enter(&m);
  mutex_enter(&m);
}

TEST_P(MutexDeathTest, EnterOfAHeldMutexAborts) {
  EXPECT_EXIT(InThread(EnterTwice), ::testing::KilledBySignal(SIGABRT),
              "mutex_enter");
}

void EnterTooOften() {
  mutex_t m = RECURSIVE_ERRORCHECKMUTEX;
  for (int i = 0; i < kMaxHolds; ++i) {
    if (mutex_lock(&m) != 0) Leave(false);
  }
  mutex_enter(&m);
}

TEST_P(MutexDeathTest, EnterBeyondTheRecursionLimitAborts) {
  EXPECT_EXIT(InThread(EnterTooOften), ::testing::KilledBySignal(SIGABRT),
              "mutex_enter");
}

void ExitOfFree() {
  mutex_t m = ERRORCHECKMUTEX;
  mutex_exit(&m);
}

TEST_P(MutexDeathTest, ExitOfAFreeMutexAborts) {
  EXPECT_EXIT(InThread(ExitOfFree), ::testing::KilledBySignal(SIGABRT),
              "mutex_exit");
}

void ExitOfHeldElsewhere(long flags) {
  mutex_t m = ERRORCHECKMUTEX;
  mutex_enter(&m);
  Join(SpawnWithFlags([&] { mutex_exit(&m); }, flags));
}

TEST_P(MutexDeathTest, ExitOfSomebodyElsesMutexAborts) {
  EXPECT_EXIT(ExitOfHeldElsewhere(Flags()), ::testing::KilledBySignal(SIGABRT),
              "mutex_exit");
}

}  // namespace
}  // namespace lt
