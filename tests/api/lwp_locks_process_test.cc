// SPDX-License-Identifier: MIT
//
// Locks of LWPs between processes: memory of zeros, without an initialisation
// that says so, in every kind of shared memory.

#include <string>

#include "support/raw_lwps.h"
#include "support/shared_memory.h"

namespace lt {
namespace {

struct Locks {
  lwp_mutex_t mutex;
  lwp_cond_t cond;
  lwp_sema_t ping;
  lwp_sema_t pong;
  int count;
  int turn;
};

class LwpLocksProcessTest : public ModelTest,
                            public ::testing::WithParamInterface<Memory> {};
INSTANTIATE_TEST_SUITE_P(Memories, LwpLocksProcessTest,
                         ::testing::ValuesIn(kMemories), [](const auto& info) {
                           return ::testing::PrintToString(info.param);
                         });

TEST_P(LwpLocksProcessTest, TheMutexExcludes) {
  constexpr int kTimes = 2000;
  const Shared<Locks> locks(GetParam());
  const auto work = [](Locks& shared) {
    for (int i = 0; i < kTimes; ++i) {
      ASSERT_EQ(_lwp_mutex_lock(&shared.mutex), 0);
      ++shared.count;
      ASSERT_EQ(_lwp_mutex_unlock(&shared.mutex), 0);
    }
  };
  Child child([&] { work(*locks.Elsewhere()); });
  Lwp lwp([&] { work(*locks); }, 0u);
  const thread_t thread = SpawnWithFlags([&] { work(*locks); }, 0);
  Join(thread);
  lwp.Wait();
  child.ExpectGood();
  EXPECT_EQ(locks->count, 3 * kTimes);
}

TEST_P(LwpLocksProcessTest, TheConditionTakesTurns) {
  constexpr int kTimes = 300;
  const Shared<Locks> locks(GetParam());
  const auto work = [](Locks& shared, int own) {
    for (int i = 0; i < kTimes; ++i) {
      ASSERT_EQ(_lwp_mutex_lock(&shared.mutex), 0);
      while (shared.turn % 2 != own) {
        ASSERT_EQ(_lwp_cond_wait(&shared.cond, &shared.mutex), 0);
      }
      ++shared.turn;
      ASSERT_EQ(_lwp_cond_signal(&shared.cond), 0);
      ASSERT_EQ(_lwp_mutex_unlock(&shared.mutex), 0);
    }
  };
  Child child([&] { work(*locks.Elsewhere(), 1); });
  work(*locks, 0);
  child.ExpectGood();
  EXPECT_EQ(locks->turn, 2 * kTimes);
}

TEST_P(LwpLocksProcessTest, SemaphoresHandOver) {
  constexpr int kTimes = 300;
  const Shared<Locks> locks(GetParam());
  Child child([&] {
    Locks& shared = *locks.Elsewhere();
    for (int i = 0; i < kTimes; ++i) {
      ASSERT_EQ(_lwp_sema_wait(&shared.ping), 0);
      ASSERT_EQ(_lwp_sema_post(&shared.pong), 0);
    }
  });
  for (int i = 0; i < kTimes; ++i) {
    ASSERT_EQ(_lwp_sema_post(&locks->ping), 0);
    ASSERT_EQ(_lwp_sema_wait(&locks->pong), 0);
  }
  child.ExpectGood();
}

// One process has the lock and waits; another gives it free.
TEST_P(LwpLocksProcessTest, AnotherProcessUnlocks) {
  const Shared<Locks> locks(GetParam());
  ASSERT_EQ(_lwp_mutex_lock(&locks->mutex), 0);
  Child child([&] {
    Locks& shared = *locks.Elsewhere();
    ASSERT_EQ(_lwp_mutex_lock(&shared.mutex), 0);
  });
  EXPECT_TRUE(child.Quiesce());
  EXPECT_EQ(_lwp_mutex_unlock(&locks->mutex), 0);
  child.ExpectGood();
  EXPECT_EQ(_lwp_mutex_trylock(&locks->mutex), EBUSY);
  EXPECT_EQ(_lwp_mutex_unlock(&locks->mutex), 0);
}

// A program that says USYNC_PROCESS and one that says nothing share a mutex.
TEST_P(LwpLocksProcessTest, AgreesWithMutexLockOfProcessType) {
  constexpr int kTimes = 2000;
  const Shared<Locks> locks(GetParam());
  ASSERT_EQ(mutex_init(&locks->mutex, USYNC_PROCESS, nullptr), 0);
  Child child([&] {
    Locks& shared = *locks.Elsewhere();
    for (int i = 0; i < kTimes; ++i) {
      ASSERT_EQ(_lwp_mutex_lock(&shared.mutex), 0);
      ++shared.count;
      ASSERT_EQ(_lwp_mutex_unlock(&shared.mutex), 0);
    }
  });
  for (int i = 0; i < kTimes; ++i) {
    ASSERT_EQ(mutex_lock(&locks->mutex), 0);
    ++locks->count;
    ASSERT_EQ(mutex_unlock(&locks->mutex), 0);
  }
  child.ExpectGood();
  EXPECT_EQ(locks->count, 2 * kTimes);
}

}  // namespace
}  // namespace lt
