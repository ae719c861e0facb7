// SPDX-License-Identifier: MIT
//
// mutex_init(3) with LOCK_ROBUST: objects, error numbers, mutex_consistent(3),
// and what becomes of a mutex whose owner thread ended.

#include <errno.h>

#include <atomic>
#include <vector>

#include "support/fixture.h"
#include "support/robust.h"

namespace lt {
namespace {

using RobustMutexTest = RobustTest;
LT_OVER_KINDS(RobustMutexTest);

// ---- While nobody dies ----

TEST_P(RobustMutexTest, LockExcludesOthersUntilUnlock) {
  ForEachType([this](const LockType&, mutex_t* m) {
    EXPECT_EQ(mutex_lock(m), 0);
    EXPECT_TRUE(MUTEX_HELD(m));
    EXPECT_EQ(TrylockElsewhere(m), EBUSY);
    InThread([&] { EXPECT_FALSE(MUTEX_HELD(m)); });
    Gate acquired;
    const thread_t waiter = Spawn([&] {
      EXPECT_EQ(mutex_lock(m), 0);
      acquired.Open();
      EXPECT_EQ(mutex_unlock(m), 0);
    });
    EXPECT_TRUE(Quiesce());
    EXPECT_FALSE(acquired.IsOpen());
    EXPECT_EQ(mutex_unlock(m), 0);
    Join(waiter);
    EXPECT_FALSE(MUTEX_HELD(m));
    EXPECT_EQ(TrylockElsewhere(m), 0);
  });
}

TEST_P(RobustMutexTest, RelockByOwner) {
  ForEachType([this](const LockType& lock, mutex_t* m) {
    InThread([&] {
      EXPECT_EQ(mutex_lock(m), 0);
      if (lock.recursive) {
        for (int i = 1; i < kMaxHolds; ++i) {
          EXPECT_EQ(i % 2 == 0 ? mutex_lock(m) : mutex_trylock(m), 0);
        }
        EXPECT_EQ(mutex_lock(m), EAGAIN);
        EXPECT_EQ(mutex_trylock(m), EAGAIN);
        for (int i = 1; i < kMaxHolds; ++i) EXPECT_EQ(mutex_unlock(m), 0);
      } else {
        EXPECT_EQ(mutex_trylock(m), EBUSY);
        if (lock.checks_owner) {
          EXPECT_EQ(mutex_lock(m), EDEADLK);
        }
      }
      EXPECT_EQ(mutex_unlock(m), 0);
    });
    EXPECT_EQ(TrylockElsewhere(m), 0);
  });
}

TEST_P(RobustMutexTest, UnlockByStrangersIsEperm) {
  ForEachType([this](const LockType&, mutex_t* m) {
    EXPECT_EQ(mutex_unlock(m), EPERM);
    EXPECT_EQ(mutex_lock(m), 0);
    InThread([&] { EXPECT_EQ(mutex_unlock(m), EPERM); });
    ForeignThread([&] { EXPECT_EQ(mutex_unlock(m), EPERM); }).Join();
    EXPECT_EQ(TrylockElsewhere(m), EBUSY);
    EXPECT_EQ(mutex_unlock(m), 0);
    EXPECT_EQ(mutex_unlock(m), EPERM);
  });
}

TEST_P(RobustMutexTest, ConsistentWithoutADeathIsEinval) {
  ForEachType([this](const LockType&, mutex_t* m) {
    EXPECT_EQ(mutex_consistent(m), EINVAL);
    EXPECT_EQ(mutex_lock(m), 0);
    EXPECT_EQ(mutex_consistent(m), EINVAL);
    InThread([&] { EXPECT_EQ(mutex_consistent(m), EINVAL); });
    EXPECT_EQ(mutex_unlock(m), 0);
  });
  for (const int type : {USYNC_THREAD, USYNC_PROCESS, LOCK_ERRORCHECK}) {
    mutex_t m;
    EXPECT_EQ(mutex_init(&m, type, nullptr), 0);
    EXPECT_EQ(mutex_consistent(&m), EINVAL);
    EXPECT_EQ(mutex_lock(&m), 0);
    EXPECT_EQ(mutex_consistent(&m), EINVAL);
    EXPECT_EQ(mutex_unlock(&m), 0);
  }
}

TEST_P(RobustMutexTest, HandlersDoNotEndTheWait) {
  const ScopedAction action(SIGUSR1);
  ForEachType([this](const LockType&, mutex_t* m) {
    const int before = seen.runs;
    EXPECT_EQ(mutex_lock(m), 0);
    std::atomic<bool> acquired{false};
    const thread_t waiter = Spawn([&] {
      EXPECT_EQ(mutex_lock(m), 0);
      acquired = true;
      EXPECT_EQ(mutex_unlock(m), 0);
    });
    EXPECT_TRUE(Quiesce());
    EXPECT_EQ(thr_kill(waiter, SIGUSR1), 0);
    EXPECT_TRUE(Eventually([&] { return seen.runs == before + 1; }));
    EXPECT_TRUE(Quiesce());
    EXPECT_FALSE(acquired);
    EXPECT_EQ(mutex_unlock(m), 0);
    Join(waiter);
  });
}

TEST_P(RobustMutexTest, CallsLeaveErrnoAlone) {
  ForEachType([this](const LockType&, mutex_t* m) {
    Orphan(m);
    InThread([&] {
      errno = 4711;
      EXPECT_EQ(mutex_consistent(m), EINVAL);
      ExpectDeath(m);
      ExpectNormal(m);
      EXPECT_EQ(errno, 4711);
    });
  });
}

// ---- mutex_init ----

TEST_P(RobustMutexTest, InitOnceMore) {
  ForEachType([this](const LockType& lock, mutex_t* m) {
    EXPECT_EQ(mutex_init(m, lock.type, nullptr), EBUSY);
    EXPECT_EQ(mutex_init(m, lock.type ^ LOCK_ERRORCHECK, nullptr), EINVAL);
    EXPECT_EQ(mutex_init(m, lock.type ^ LOCK_RECURSIVE, nullptr), EINVAL);
    // It changes nothing.
    EXPECT_EQ(mutex_lock(m), 0);
    EXPECT_EQ(mutex_init(m, lock.type, nullptr), EBUSY);
    InThread([&] { EXPECT_EQ(mutex_init(m, lock.type, nullptr), EBUSY); });
    EXPECT_TRUE(MUTEX_HELD(m));
    EXPECT_EQ(TrylockElsewhere(m), EBUSY);
    EXPECT_EQ(mutex_unlock(m), 0);
    // It is no wait for a dead owner, and no repair by others.
    Orphan(m);
    EXPECT_EQ(mutex_init(m, lock.type, nullptr), EBUSY);
    EXPECT_EQ(mutex_lock(m), EOWNERDEAD);
    InThread([&] { EXPECT_EQ(mutex_init(m, lock.type, nullptr), EBUSY); });
    EXPECT_EQ(mutex_init(m, lock.type ^ LOCK_ERRORCHECK, nullptr), EINVAL);
    // The owner repairs with it.
    EXPECT_EQ(mutex_init(m, lock.type, nullptr), 0);
    EXPECT_TRUE(MUTEX_HELD(m));
    EXPECT_EQ(mutex_init(m, lock.type, nullptr), EBUSY);
    EXPECT_EQ(mutex_unlock(m), 0);
    ExpectNormal(m);
  });
}

TEST_P(RobustMutexTest, LostUntilDestroyedAndMadeAgain) {
  ForEachType([this](const LockType& lock, mutex_t* m) {
    Orphan(m);
    EXPECT_EQ(mutex_lock(m), EOWNERDEAD);
    EXPECT_EQ(mutex_unlock(m), 0);
    ExpectLost(m);
    InThread([&] { ExpectLost(m); });
    EXPECT_EQ(mutex_init(m, lock.type, nullptr), EBUSY);
    ExpectLost(m);
    EXPECT_EQ(mutex_destroy(m), 0);
    EXPECT_TRUE(AllBytesZero(*m));
    EXPECT_EQ(mutex_init(m, lock.type, nullptr), 0);
    ExpectNormal(m);
    InThread([&] { ExpectNormal(m); });
  });
}

TEST_P(RobustMutexTest, DestroyIsNotRefusedToTheOwner) {
  ForEachType([this](const LockType& lock, mutex_t* m) {
    for (const bool dead : {false, true}) {
      if (dead) Orphan(m);
      InThread([&] {
        EXPECT_EQ(mutex_lock(m), dead ? EOWNERDEAD : 0);
        EXPECT_EQ(mutex_destroy(m), 0);
        EXPECT_TRUE(AllBytesZero(*m));
      });
      EXPECT_TRUE(AllBytesZero(*m));
      EXPECT_EQ(mutex_init(m, lock.type, nullptr), 0);
      ExpectNormal(m);
    }
  });
}

// It is not the owner's any more then: nobody is told of his end.
TEST_P(RobustMutexTest, DestroyIsNotRefusedToOthers) {
  ForEachType([this](const LockType& lock, mutex_t* m) {
    const Shared<mutex_t> other;
    EXPECT_EQ(mutex_init(other.get(), lock.type, nullptr), 0);
    Gate held;
    Gate destroyed;
    const thread_t owner = Spawn([&] {
      EXPECT_EQ(mutex_lock(m), 0);
      EXPECT_EQ(mutex_lock(other.get()), 0);
      held.Open();
      destroyed.Wait();
      EXPECT_FALSE(MUTEX_HELD(m));
      EXPECT_EQ(mutex_unlock(m), EPERM);
    });
    held.Wait();
    EXPECT_EQ(mutex_destroy(m), 0);
    EXPECT_TRUE(AllBytesZero(*m));
    EXPECT_EQ(mutex_init(m, lock.type, nullptr), 0);
    ExpectNormal(m);
    destroyed.Open();
    Join(owner);
    ExpectNormal(m);
    // What else the owner had is not forgotten.
    ExpectDeath(other.get());
    EXPECT_EQ(mutex_destroy(other.get()), 0);
  });
}

// ---- The end of the owner ----

TEST_P(RobustMutexTest, EveryEndOfAThreadIsSeen) {
  for (const End end : kEnds) {
    SCOPED_TRACE(end);
    ForEachType([&](const LockType& lock, mutex_t* m) {
      Orphan(m, lock.recursive ? 3 : 1, end);
      ExpectDeath(m);
      ExpectNormal(m);
      Orphan(m, 1, end);
      InThread([&] {
        EXPECT_EQ(mutex_trylock(m), EOWNERDEAD);
        EXPECT_EQ(TrylockElsewhere(m), EBUSY);
        EXPECT_EQ(mutex_consistent(m), 0);
        EXPECT_EQ(mutex_consistent(m), EINVAL);
        EXPECT_EQ(mutex_unlock(m), 0);
      });
      ExpectNormal(m);
    });
  }
}

TEST_P(RobustMutexTest, ConsistentResetsTheDepth) {
  ForEachType([this](const LockType& lock, mutex_t* m) {
    if (!lock.recursive) return;
    Orphan(m, 5);
    EXPECT_EQ(mutex_lock(m), EOWNERDEAD);
    EXPECT_EQ(mutex_consistent(m), 0);
    EXPECT_EQ(mutex_unlock(m), 0);
    EXPECT_EQ(TrylockElsewhere(m), 0);
    Orphan(m, 5);
    EXPECT_EQ(mutex_lock(m), EOWNERDEAD);
    for (int i = 0; i < 4; ++i) EXPECT_EQ(mutex_lock(m), 0);
    EXPECT_EQ(mutex_consistent(m), 0);
    EXPECT_EQ(mutex_unlock(m), 0);
    EXPECT_EQ(mutex_unlock(m), EPERM);
    EXPECT_EQ(TrylockElsewhere(m), 0);
  });
}

TEST_P(RobustMutexTest, ConsistentByOthersIsEinval) {
  ForEachType([this](const LockType&, mutex_t* m) {
    Orphan(m);
    EXPECT_EQ(mutex_consistent(m), EINVAL);  // nobody owns it yet
    EXPECT_EQ(mutex_lock(m), EOWNERDEAD);
    InThread([&] { EXPECT_EQ(mutex_consistent(m), EINVAL); });
    EXPECT_EQ(mutex_consistent(m), 0);
    EXPECT_EQ(mutex_unlock(m), 0);
    ExpectNormal(m);
  });
}

TEST_P(RobustMutexTest, TheNextOwnerMayDieToo) {
  ForEachType([this](const LockType&, mutex_t* m) {
    Orphan(m);
    for (int i = 0; i < 3; ++i) {
      InThread([&] { EXPECT_EQ(mutex_lock(m), EOWNERDEAD); });
    }
    InThread([&] { EXPECT_EQ(mutex_trylock(m), EOWNERDEAD); });
    ExpectDeath(m);
    ExpectNormal(m);
    // And after the repair.
    Orphan(m);
    InThread([&] {
      EXPECT_EQ(mutex_lock(m), EOWNERDEAD);
      EXPECT_EQ(mutex_consistent(m), 0);
    });
    ExpectDeath(m);
  });
}

TEST_P(RobustMutexTest, OneThreadHoldsManyLocks) {
  constexpr size_t kLocks = 100;
  for (const LockType& lock : kRobustTypes) {
    SCOPED_TRACE(lock.name);
    const Shared<mutex_t[kLocks]> locks;
    for (mutex_t& m : *locks) ASSERT_EQ(mutex_init(&m, lock.type, nullptr), 0);
    InThread([&] {
      for (mutex_t& m : *locks) EXPECT_EQ(mutex_lock(&m), 0);
      // Some go back, from the middle and the ends.
      for (size_t i = 0; i < kLocks; i += 3) {
        EXPECT_EQ(mutex_unlock(&(*locks)[i]), 0);
      }
    });
    for (size_t i = 0; i < kLocks; ++i) {
      EXPECT_EQ(mutex_lock(&(*locks)[i]), i % 3 == 0 ? 0 : EOWNERDEAD) << i;
      EXPECT_EQ(mutex_consistent(&(*locks)[i]), i % 3 == 0 ? EINVAL : 0) << i;
    }
    for (mutex_t& m : *locks) EXPECT_EQ(mutex_unlock(&m), 0);
    for (mutex_t& m : *locks) ExpectNormal(&m);
    for (mutex_t& m : *locks) EXPECT_EQ(mutex_destroy(&m), 0);
  }
}

}  // namespace
}  // namespace lt
