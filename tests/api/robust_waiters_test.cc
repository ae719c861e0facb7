// SPDX-License-Identifier: MIT
//
// Robust mutexes and those who wait for them when the owner thread ends: in
// mutex_lock(3), in cond_wait(3); owners of every kind, and under contention.

#include <errno.h>

#include <atomic>
#include <vector>

#include "support/fixture.h"
#include "support/robust.h"

namespace lt {
namespace {

class RobustWaitersTest : public RobustTest {
 protected:
  // A thread that locks `m`, waits for `die` and ends without unlocking.
  thread_t Owner(mutex_t* m, const Gate& die, End end = End::kReturn) const {
    Gate held;
    const thread_t id = Spawn([&, m, end] {
      EXPECT_EQ(mutex_lock(m), 0);
      held.Open();
      die.Wait();
      EndBy(end);
    });
    held.Wait();
    return id;
  }
};

LT_OVER_KINDS(RobustWaitersTest);

TEST_P(RobustWaitersTest, OneWaiterIsTold) {
  for (const End end : {End::kThrExit, End::kCancel}) {
    SCOPED_TRACE(end);
    ForEachType([&](const LockType&, mutex_t* m) {
      constexpr int kWaiters = 4;
      Gate die;
      const thread_t owner = Owner(m, die, end);
      std::atomic<int> begun{0};
      std::atomic<int> told{0};
      std::vector<thread_t> ids;
      for (int i = 0; i < kWaiters; ++i) {
        ids.push_back(Spawn([&] {
          ++begun;
          const int error = mutex_lock(m);
          EXPECT_TRUE(error == 0 || error == EOWNERDEAD) << error;
          if (error == EOWNERDEAD) {
            EXPECT_EQ(++told, 1);
            EXPECT_EQ(mutex_consistent(m), 0);
          }
          EXPECT_EQ(mutex_unlock(m), 0);
        }));
      }
      EXPECT_TRUE(Eventually([&] { return begun == kWaiters; }));
      EXPECT_EQ(mutex_trylock(m), EBUSY);
      die.Open();
      Join(owner);
      for (const thread_t id : ids) Join(id);
      EXPECT_EQ(told, 1);
      ExpectNormal(m);
    });
  }
}

TEST_P(RobustWaitersTest, AllWaitersLearnThatItIsLost) {
  ForEachType([&](const LockType&, mutex_t* m) {
    constexpr int kWaiters = 5;
    Gate die;
    const thread_t owner = Owner(m, die);
    std::atomic<int> begun{0};
    std::atomic<int> told{0};
    std::atomic<int> lost{0};
    std::vector<thread_t> ids;
    for (int i = 0; i < kWaiters; ++i) {
      ids.push_back(Spawn([&] {
        ++begun;
        const int error = mutex_lock(m);
        if (error == EOWNERDEAD) {
          ++told;
          EXPECT_TRUE(Eventually([&] { return begun == kWaiters; }));
          for (int n = 0; n < 20; ++n) thr_yield();
          EXPECT_EQ(mutex_unlock(m), 0);
        } else {
          EXPECT_EQ(error, ENOTRECOVERABLE);
          EXPECT_FALSE(MUTEX_HELD(m));
          ++lost;
        }
      }));
    }
    EXPECT_TRUE(Eventually([&] { return begun == kWaiters; }));
    die.Open();
    Join(owner);
    for (const thread_t id : ids) Join(id);
    EXPECT_EQ(told, 1);
    EXPECT_EQ(lost, kWaiters - 1);
    ExpectLost(m);
  });
}

// ---- Condition variables ----

TEST_P(RobustWaitersTest, CondWaitWithoutTheMutexIsEperm) {
  ForEachType([&](const LockType&, mutex_t* m) {
    cond_t c = DEFAULTCV;
    const timespec_t interval = Interval(kForeverMs);
    EXPECT_EQ(cond_wait(&c, m), EPERM);
    EXPECT_EQ(mutex_lock(m), 0);
    InThread([&] { EXPECT_EQ(cond_reltimedwait(&c, m, &interval), EPERM); });
    EXPECT_EQ(mutex_unlock(m), 0);
  });
}

TEST_P(RobustWaitersTest, CondWaitsWork) {
  for (const int cond_type : {USYNC_THREAD, USYNC_PROCESS}) {
    SCOPED_TRACE(cond_type);
    ForEachType([&](const LockType& lock, mutex_t* m) {
      cond_t c;
      ASSERT_EQ(cond_init(&c, cond_type, nullptr), 0);
      bool waiting = false;
      bool told = false;
      const thread_t id = Spawn([&] {
        const int depth = lock.recursive ? 3 : 1;
        for (int i = 0; i < depth; ++i) EXPECT_EQ(mutex_lock(m), 0);
        const timespec_t interval = Interval(1);
        int error = 0;
        while ((error = cond_reltimedwait(&c, m, &interval)) == 0) {
        }
        EXPECT_EQ(error, ETIME);
        waiting = true;
        while (!told) EXPECT_EQ(cond_wait(&c, m), 0);
        EXPECT_TRUE(MUTEX_HELD(m));
        for (int i = 0; i < depth; ++i) EXPECT_EQ(mutex_unlock(m), 0);
        EXPECT_EQ(mutex_unlock(m), EPERM);
      });
      EXPECT_TRUE(EventuallyLocked(m, [&] { return waiting; }));
      EXPECT_EQ(mutex_lock(m), 0);
      told = true;
      EXPECT_EQ(cond_signal(&c), 0);
      EXPECT_EQ(mutex_unlock(m), 0);
      Join(id);
    });
  }
}

// A wait gives the mutex back: without a repair it is lost.
TEST_P(RobustWaitersTest, CondWaitBeforeTheRepairLosesTheMutex) {
  for (const int cond_type : {USYNC_THREAD, USYNC_PROCESS}) {
    SCOPED_TRACE(cond_type);
    ForEachType([&](const LockType&, mutex_t* m) {
      cond_t c;
      ASSERT_EQ(cond_init(&c, cond_type, nullptr), 0);
      Orphan(m);
      InThread([&] {
        EXPECT_EQ(mutex_lock(m), EOWNERDEAD);
        const timespec_t interval = Interval(1);
        EXPECT_EQ(cond_reltimedwait(&c, m, &interval), ENOTRECOVERABLE);
        ExpectLost(m);
      });
      ExpectLost(m);
    });
  }
}

// The owner dies while the waiter wants the mutex back: that hides 0.
TEST_P(RobustWaitersTest, DeathHidesTheSignal) {
  for (const int cond_type : {USYNC_THREAD, USYNC_PROCESS}) {
    SCOPED_TRACE(cond_type);
    ForEachType([&](const LockType&, mutex_t* m) {
      cond_t c;
      ASSERT_EQ(cond_init(&c, cond_type, nullptr), 0);
      bool waiting = false;
      const thread_t waiter = Spawn([&] {
        EXPECT_EQ(mutex_lock(m), 0);
        waiting = true;
        int error = 0;
        while ((error = cond_wait(&c, m)) == 0) {
        }
        EXPECT_EQ(error, EOWNERDEAD);
        EXPECT_TRUE(MUTEX_HELD(m));
        EXPECT_EQ(mutex_consistent(m), 0);
        EXPECT_EQ(mutex_unlock(m), 0);
      });
      EXPECT_TRUE(EventuallyLocked(m, [&] { return waiting; }));
      InThread([&] {
        EXPECT_EQ(mutex_lock(m), 0);
        EXPECT_EQ(cond_broadcast(&c), 0);
      });
      Join(waiter);
      ExpectNormal(m);
    });
  }
}

// So it hides that the time is over, and that a handler ran.
TEST_P(RobustWaitersTest, DeathHidesTheEndOfTheTime) {
  ForEachType([&](const LockType&, mutex_t* m) {
    cond_t c;
    ASSERT_EQ(cond_init(&c, USYNC_PROCESS, nullptr), 0);
    std::atomic<bool> waiting{false};
    const thread_t waiter = Spawn([&] {
      EXPECT_EQ(mutex_lock(m), 0);
      const timespec_t interval = Interval(1);
      int error = ETIME;
      while (error == ETIME || error == 0) {
        waiting = true;
        error = cond_reltimedwait(&c, m, &interval);
      }
      EXPECT_EQ(error, EOWNERDEAD);
      EXPECT_TRUE(MUTEX_HELD(m));
      EXPECT_EQ(mutex_consistent(m), 0);
      EXPECT_EQ(mutex_unlock(m), 0);
    });
    EXPECT_TRUE(Eventually([&] { return waiting.load(); }));
    InThread([&] {
      EXPECT_EQ(mutex_lock(m), 0);
      const timespec_t when = TimeOfDayIn(3);
      EXPECT_TRUE(Eventually([&] { return TimeOfDayReached(when); }));
    });
    Join(waiter);
    ExpectNormal(m);
  });
}

TEST_P(RobustWaitersTest, DeathHidesAHandler) {
  const ScopedAction action(SIGUSR1);
  ForEachType([&](const LockType&, mutex_t* m) {
    seen.runs = 0;
    cond_t c = DEFAULTCV;
    bool waiting = false;
    const thread_t waiter = Spawn([&] {
      EXPECT_EQ(mutex_lock(m), 0);
      waiting = true;
      int error = 0;
      while ((error = cond_wait(&c, m)) == 0) {
      }
      EXPECT_EQ(error, EOWNERDEAD);
      EXPECT_EQ(mutex_consistent(m), 0);
      EXPECT_EQ(mutex_unlock(m), 0);
    });
    EXPECT_TRUE(EventuallyLocked(m, [&] { return waiting; }));
    InThread([&] {
      EXPECT_EQ(mutex_lock(m), 0);
      EXPECT_EQ(thr_kill(waiter, SIGUSR1), 0);
      EXPECT_TRUE(Eventually([] { return seen.runs == 1; }));
    });
    Join(waiter);
    ExpectNormal(m);
  });
}

// ---- Owners of other kinds, and owners that move ----

TEST_P(RobustWaitersTest, ForeignOwners) {
  ForEachType([&](const LockType&, mutex_t* m) {
    ForeignThread([&] { EXPECT_EQ(mutex_lock(m), 0); }).Join();
    ExpectDeath(m);
    const auto lock_and_exit = [](void* mutex) -> void* {
      EXPECT_EQ(mutex_lock(static_cast<mutex_t*>(mutex)), 0);
      pthread_exit(nullptr);
    };
    EXPECT_EQ(pthread_join(MustCreatePthread(lock_and_exit, m), nullptr), 0);
    ExpectDeath(m);
    // One that the library meets at its first call.
    {
      LibcThread([&] { EXPECT_EQ(mutex_lock(m), 0); });
    }
    EXPECT_TRUE(Eventually([&] { return mutex_trylock(m) == EOWNERDEAD; }));
    EXPECT_EQ(mutex_consistent(m), 0);
    EXPECT_EQ(mutex_unlock(m), 0);
    ExpectNormal(m);
  });
}

// An unbound thread runs on more than one LWP while it holds locks; the LWP
// where it took them goes on without it.
TEST_P(RobustWaitersTest, OwnersThatParkAndYield) {
  constexpr int kOwners = 6;
  ForEachType([&](const LockType& lock, mutex_t*) {
    const Shared<mutex_t[kOwners]> locks;
    for (mutex_t& m : *locks) ASSERT_EQ(mutex_init(&m, lock.type, nullptr), 0);
    sema_t s = DEFAULTSEMA;
    mutex_t busy = DEFAULTMUTEX;
    RunThreads(kOwners, [&](int index) {
      mutex_t* const mine = &(*locks)[index];
      for (int round = 0; round < 20; ++round) {
        EXPECT_EQ(mutex_lock(mine), 0);
        for (int i = 0; i < 5; ++i) thr_yield();
        const timespec_t interval = {0, 20'000};
        EXPECT_EQ(sema_reltimedwait(&s, &interval), ETIME);
        EXPECT_EQ(mutex_lock(&busy), 0);
        thr_yield();
        EXPECT_EQ(mutex_unlock(&busy), 0);
        EXPECT_TRUE(MUTEX_HELD(mine));
        if (round < 19) {
          EXPECT_EQ(mutex_unlock(mine), 0);
        }
      }
    });
    for (mutex_t& m : *locks) ExpectDeath(&m);
    for (mutex_t& m : *locks) ExpectNormal(&m);
  });
}

TEST_P(RobustWaitersTest, NoIncrementIsLostAndNoDeath) {
  constexpr int kThreads = 6;
  constexpr int kLives = 12;
  constexpr int kRounds = 100;
  ForEachType([&](const LockType&, mutex_t* m) {
    long count = 0;
    std::atomic<int> deaths{0};
    // Each thread is followed by others; all but the last die with the lock.
    RunThreads(kThreads, [&](int index) {
      for (int life = 0; life < kLives; ++life) {
        InThread([&] {
          for (int i = 0; i < kRounds; ++i) {
            const int error = mutex_lock(m);
            EXPECT_TRUE(error == 0 || error == EOWNERDEAD) << error;
            if (error == EOWNERDEAD) {
              ++deaths;
              EXPECT_EQ(mutex_consistent(m), 0);
            }
            const long before = count;
            if ((i + index) % 32 == 0) thr_yield();
            count = before + 1;
            if (i == kRounds - 1 && life % 2 == 0) return;
            EXPECT_EQ(mutex_unlock(m), 0);
          }
        });
      }
    });
    const int error = mutex_lock(m);
    EXPECT_TRUE(error == 0 || error == EOWNERDEAD) << error;
    if (error == EOWNERDEAD) ++deaths;
    EXPECT_EQ(count, long{kThreads} * kLives * kRounds);
    EXPECT_EQ(deaths, kThreads * kLives / 2);
    EXPECT_EQ(mutex_unlock(m), 0);
  });
}

}  // namespace
}  // namespace lt
