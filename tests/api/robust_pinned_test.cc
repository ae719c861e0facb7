// SPDX-License-Identifier: MIT
//
// Threads that hold robust mutexes do all that other threads do: they wait,
// make and join threads, are suspended, use libc.  An unbound one keeps its LWP
// meanwhile, which must not keep others from running.

#include <errno.h>
#include <unistd.h>

#include <atomic>
#include <vector>

#include "support/blocking.h"
#include "support/fixture.h"
#include "support/robust.h"

namespace lt {
namespace {

class RobustPinnedTest : public RobustTest {
 protected:
  // Runs `body` in a thread that holds a mutex of each type in turn.
  void ForEachHold(const std::function<void()>& body) const {
    ForEachType([&](const LockType&, mutex_t* m) {
      InThread([&] {
        EXPECT_EQ(mutex_lock(m), 0);
        body();
        EXPECT_TRUE(MUTEX_HELD(m));
        EXPECT_EQ(mutex_unlock(m), 0);
      });
      ExpectNormal(m);
    });
  }
};

LT_OVER_KINDS(RobustPinnedTest);

// Far more holders than LWPs, and whoever lets them go needs one too.
TEST_P(RobustPinnedTest, ManyHoldersWait) {
  constexpr int kHolders = 40;
  for (const int type : {LOCK_ROBUST, USYNC_PROCESS | LOCK_ROBUST}) {
    SCOPED_TRACE(type);
    const Shared<mutex_t[kHolders]> locks;
    for (mutex_t& m : *locks) ASSERT_EQ(mutex_init(&m, type, nullptr), 0);
    sema_t go = DEFAULTSEMA;
    std::atomic<int> holding{0};
    std::vector<thread_t> ids;
    for (mutex_t& m : *locks) {
      ids.push_back(Spawn([&] {
        EXPECT_EQ(mutex_lock(&m), 0);
        ++holding;
        EXPECT_EQ(sema_wait(&go), 0);
        EXPECT_EQ(mutex_unlock(&m), 0);
      }));
    }
    EXPECT_TRUE(Eventually([&] { return holding == kHolders; }));
    for (mutex_t& m : *locks) EXPECT_EQ(mutex_trylock(&m), EBUSY);
    // An unbound thread that holds nothing.
    Join(SpawnWithFlags(
        [&] {
          for (int i = 0; i < kHolders; ++i) EXPECT_EQ(sema_post(&go), 0);
        },
        0));
    for (const thread_t id : ids) Join(id);
    for (mutex_t& m : *locks) ExpectNormal(&m);
  }
}

TEST_P(RobustPinnedTest, AHolderMakesAndJoinsThreads) {
  ForEachHold([this] {
    for (const long flags : {0L, long{THR_BOUND}}) {
      bool ran = false;
      Join(SpawnWithFlags([&] { ran = true; }, flags));
      EXPECT_TRUE(ran);
    }
  });
}

TEST_P(RobustPinnedTest, AHolderMeetsOthersAtPrivateLocks) {
  ForEachHold([this] {
    mutex_t m = DEFAULTMUTEX;
    cond_t c = DEFAULTCV;
    int turn = 0;
    constexpr int kTurns = 50;
    const auto play = [&](int me) {
      EXPECT_EQ(mutex_lock(&m), 0);
      for (int i = 0; i < kTurns; ++i) {
        while (turn % 2 != me) EXPECT_EQ(cond_wait(&c, &m), 0);
        ++turn;
        EXPECT_EQ(cond_broadcast(&c), 0);
      }
      EXPECT_EQ(mutex_unlock(&m), 0);
    };
    const thread_t other = SpawnWithFlags([&] { play(1); }, 0);
    play(0);
    Join(other);
    EXPECT_EQ(turn, 2 * kTurns);
  });
}

TEST_P(RobustPinnedTest, AHolderSleepsAndBlocks) {
  ForEachHold([] {
    const timespec interval = {0, 200'000};
    EXPECT_EQ(nanosleep(&interval, nullptr), 0);
    TestPipe pipe;
    const WhenAsleep writer([&] { EXPECT_EQ(write(pipe.in, "x", 1), 1); });
    char byte = 0;
    EXPECT_EQ(read(pipe.out, &byte, 1), 1);
  });
}

TEST_P(RobustPinnedTest, AHolderIsSuspendedAndInterrupted) {
  const ScopedAction action(SIGUSR1);
  ForEachType([this](const LockType&, mutex_t* m) {
    seen.runs = 0;
    std::atomic<bool> holds{false};
    std::atomic<bool> stop{false};
    std::atomic<uint64_t> count{0};
    const thread_t id = Spawn([&] {
      EXPECT_EQ(mutex_lock(m), 0);
      holds = true;
      while (!stop) {
        ++count;
        if (count % 64 == 0) thr_yield();
      }
      EXPECT_TRUE(MUTEX_HELD(m));
      EXPECT_EQ(mutex_unlock(m), 0);
    });
    EXPECT_TRUE(Eventually([&] { return holds.load(); }));
    EXPECT_EQ(thr_kill(id, SIGUSR1), 0);
    EXPECT_TRUE(Eventually([&] { return seen.runs == 1; }));
    EXPECT_EQ(seen.thread, id);
    EXPECT_EQ(thr_suspend(id), 0);
    EXPECT_EQ(mutex_trylock(m), EBUSY);
    const uint64_t before = count;
    EXPECT_TRUE(Quiesce());
    EXPECT_EQ(count, before);
    EXPECT_EQ(thr_continue(id), 0);
    EXPECT_TRUE(Eventually([&] { return count != before; }));
    stop = true;
    Join(id);
    ExpectNormal(m);
  });
}

// One that holds several in turn is free again only after the last.
TEST_P(RobustPinnedTest, HoldsOfSeveralTypesAtOnce) {
  constexpr size_t kTypes = std::size(kRobustTypes);
  const Shared<mutex_t[kTypes]> locks;
  for (size_t i = 0; i < kTypes; ++i) {
    ASSERT_EQ(mutex_init(&(*locks)[i], kRobustTypes[i].type, nullptr), 0);
  }
  for (const bool die : {false, true}) {
    SCOPED_TRACE(die);
    RunThreads(4, [&](int index) {
      for (int round = 0; round < 20; ++round) {
        for (mutex_t& m : *locks) EXPECT_EQ(mutex_lock(&m), 0);
        thr_yield();
        for (size_t i = 0; i < kTypes; ++i) {
          mutex_t& m = (*locks)[round % 2 == 0 ? i : kTypes - 1 - i];
          EXPECT_TRUE(MUTEX_HELD(&m));
          EXPECT_EQ(mutex_unlock(&m), 0);
          if (i % 3 == static_cast<size_t>(index) % 3) thr_yield();
        }
      }
    });
    if (die) {
      InThread([&] {
        for (mutex_t& m : *locks) EXPECT_EQ(mutex_lock(&m), 0);
      });
      for (mutex_t& m : *locks) ExpectDeath(&m);
    }
  }
}

// The same mutex at two addresses: it is locked at one and unlocked at the
// other.
TEST_P(RobustPinnedTest, OneMutexAtTwoAddresses) {
  for (const LockType& lock : kRobustTypes) {
    if (!BetweenProcesses(lock)) continue;
    SCOPED_TRACE(lock.name);
    const Shared<mutex_t> m(Memory::kFile);
    mutex_t* const other = m.Elsewhere();
    ASSERT_EQ(mutex_init(m.get(), lock.type, nullptr), 0);
    InThread([&] {
      EXPECT_EQ(mutex_lock(m.get()), 0);
      EXPECT_TRUE(MUTEX_HELD(other));
      EXPECT_EQ(mutex_trylock(other), lock.recursive ? 0 : EBUSY);
      if (lock.recursive) {
        EXPECT_EQ(mutex_unlock(other), 0);
      }
      EXPECT_EQ(mutex_unlock(other), 0);
      EXPECT_FALSE(MUTEX_HELD(m.get()));
    });
    ExpectNormal(m.get());
    ExpectNormal(other);
    InThread([&] { EXPECT_EQ(mutex_lock(other), 0); });
    ExpectDeath(m.get());
    m.Release(other);
    ExpectNormal(m.get());
  }
}

}  // namespace
}  // namespace lt
