// SPDX-License-Identifier: MIT
//
// USYNC_PROCESS objects between a process and the children of its fork(): in
// memory of every origin, at different addresses; who is woken, times, EINTR.

#include <errno.h>

#include <atomic>
#include <deque>
#include <vector>

#include "support/fixture.h"
#include "support/shared_memory.h"
#include "support/signals.h"
#include "support/sync_objects.h"

namespace lt {
namespace {

struct World {
  mutex_t mutex;
  cond_t cond;
  cond_t cond_too;
  sema_t sema;
  sema_t sema_too;
  rwlock_t rw;
  std::atomic<int> ready;
  std::atomic<int> done;
  long count;
  long cells[5];
  long buffer[4];
  long written;
  long read;
};

class SharedProcessTest : public SignalTest {
 protected:
  // Makes the objects, in memory of each origin in turn, and runs `body`.
  static void ForEachMemory(
      const std::function<void(const Shared<World>&)>& body) {
    for (const Memory memory : kMemories) {
      SCOPED_TRACE(memory);
      const Shared<World> world(memory);
      EXPECT_EQ(mutex_init(&world->mutex, USYNC_PROCESS, nullptr), 0);
      EXPECT_EQ(cond_init(&world->cond, USYNC_PROCESS, nullptr), 0);
      EXPECT_EQ(cond_init(&world->cond_too, USYNC_PROCESS, nullptr), 0);
      EXPECT_EQ(sema_init(&world->sema, 0, USYNC_PROCESS, nullptr), 0);
      EXPECT_EQ(sema_init(&world->sema_too, 0, USYNC_PROCESS, nullptr), 0);
      EXPECT_EQ(rwlock_init(&world->rw, USYNC_PROCESS, nullptr), 0);
      body(world);
    }
  }

  // A child that runs `body` in a thread of the kind under test, or, as often,
  // in the one thread that it has, with the objects at another address.
  Child Fork(const Shared<World>& world,
             const std::function<void(World&)>& body, bool in_main = false) {
    return Child([&] {
      World& mine = *world.Elsewhere();
      if (in_main) {
        body(mine);
      } else {
        InThread([&] { body(mine); });
      }
    });
  }
};

LT_OVER_KINDS(SharedProcessTest);

TEST_P(SharedProcessTest, MutexExcludesTheOtherProcess) {
  ForEachMemory([this](const Shared<World>& world) {
    World& mine = *world;
    EXPECT_EQ(mutex_lock(&mine.mutex), 0);
    Child child = Fork(world, [](World& its) {
      // Its parent's hold is not its own.
      EXPECT_FALSE(MUTEX_HELD(&its.mutex));
      EXPECT_EQ(mutex_trylock(&its.mutex), EBUSY);
      its.ready = 1;
      EXPECT_EQ(mutex_lock(&its.mutex), 0);
      EXPECT_TRUE(MUTEX_HELD(&its.mutex));
      its.ready = 2;
      EXPECT_EQ(sema_wait(&its.sema), 0);
      EXPECT_EQ(mutex_unlock(&its.mutex), 0);
    });
    EXPECT_TRUE(Eventually([&] { return mine.ready == 1; }));
    EXPECT_TRUE(child.Quiesce());
    EXPECT_EQ(mine.ready, 1);
    EXPECT_TRUE(MUTEX_HELD(&mine.mutex));
    EXPECT_EQ(mutex_unlock(&mine.mutex), 0);
    EXPECT_TRUE(Eventually([&] { return mine.ready == 2; }));
    EXPECT_FALSE(MUTEX_HELD(&mine.mutex));
    EXPECT_EQ(mutex_trylock(&mine.mutex), EBUSY);
    const thread_t waiter = Spawn([&] {
      EXPECT_EQ(mutex_lock(&mine.mutex), 0);
      EXPECT_EQ(mutex_unlock(&mine.mutex), 0);
    });
    EXPECT_TRUE(Quiesce());
    EXPECT_EQ(sema_post(&mine.sema), 0);
    Join(waiter);
    child.ExpectGood();
  });
}

// Threads of the same number in both processes are not the same thread.
TEST_P(SharedProcessTest, OwnershipIsOfOneProcess) {
  const Shared<World> world;
  ASSERT_EQ(
      mutex_init(&world->mutex,
                 USYNC_PROCESS | LOCK_RECURSIVE | LOCK_ERRORCHECK, nullptr),
      0);
  ASSERT_EQ(rwlock_init(&world->rw, USYNC_PROCESS, nullptr), 0);
  EXPECT_EQ(mutex_lock(&world->mutex), 0);
  EXPECT_EQ(rw_wrlock(&world->rw), 0);
  Child([&] {
    EXPECT_FALSE(MUTEX_HELD(&world->mutex));
    EXPECT_EQ(mutex_trylock(&world->mutex), EBUSY);
    EXPECT_EQ(mutex_unlock(&world->mutex), EPERM);
    EXPECT_FALSE(RW_LOCK_HELD(&world->rw));
    EXPECT_EQ(rw_trywrlock(&world->rw), EBUSY);
    EXPECT_EQ(rw_unlock(&world->rw), EPERM);
  }).ExpectGood();
  EXPECT_TRUE(MUTEX_HELD(&world->mutex));
  EXPECT_EQ(mutex_unlock(&world->mutex), 0);
  EXPECT_TRUE(RW_WRITE_HELD(&world->rw));
  EXPECT_EQ(rw_unlock(&world->rw), 0);
  // Neither does the child keep its parent's read holds.
  EXPECT_EQ(rw_rdlock(&world->rw), 0);
  Child([&] {
    EXPECT_FALSE(RW_LOCK_HELD(&world->rw));
    EXPECT_EQ(rw_unlock(&world->rw), EPERM);
    EXPECT_EQ(rw_trywrlock(&world->rw), EBUSY);
  }).ExpectGood();
  EXPECT_EQ(rw_unlock(&world->rw), 0);
}

TEST_P(SharedProcessTest, CounterUnderContention) {
  constexpr int kChildren = 3;
  constexpr int kThreads = 3;
  constexpr int kRounds = 500;
  ForEachMemory([this](const Shared<World>& world) {
    const auto count = [](World& w) {
      for (int i = 0; i < kRounds; ++i) {
        int error = EBUSY;
        if (i % 8 == 0) error = mutex_trylock(&w.mutex);
        if (error == EBUSY) error = mutex_lock(&w.mutex);
        EXPECT_EQ(error, 0);
        const long before = w.count;
        if (i % 16 == 0) thr_yield();
        w.count = before + 1;
        EXPECT_EQ(mutex_unlock(&w.mutex), 0);
      }
    };
    std::deque<Child> children;
    for (int c = 0; c < kChildren; ++c) {
      children.push_back(Fork(
          world,
          [&](World& its) {
            if (c == 0) return count(its);
            RunThreads(kThreads, [&](int) { count(its); });
          },
          /*in_main=*/true));
    }
    RunThreads(kThreads, [&](int) { count(*world); });
    for (Child& child : children) child.ExpectGood();
    EXPECT_EQ(world->count,
              (1L + kThreads * (kChildren - 1) + kThreads) * kRounds);
  });
}

// Turns from one process to the other and back.
TEST_P(SharedProcessTest, ConditionInBothDirections) {
  constexpr int kTurns = 200;
  ForEachMemory([this](const Shared<World>& world) {
    const auto play = [](World& w, int me) {
      EXPECT_EQ(mutex_lock(&w.mutex), 0);
      for (int i = 0; i < kTurns; ++i) {
        while (w.count % 2 != me) {
          EXPECT_EQ(cond_wait(me == 0 ? &w.cond : &w.cond_too, &w.mutex), 0);
        }
        ++w.count;
        EXPECT_EQ(cond_signal(me == 0 ? &w.cond_too : &w.cond), 0);
      }
      EXPECT_EQ(mutex_unlock(&w.mutex), 0);
    };
    Child child = Fork(world, [&](World& its) { play(its, 1); });
    InThread([&] { play(*world, 0); });
    child.ExpectGood();
    EXPECT_EQ(world->count, 2L * kTurns);
  });
}

TEST_P(SharedProcessTest, BroadcastReachesAllProcesses) {
  constexpr int kChildren = 3;
  constexpr int kThreads = 2;
  ForEachMemory([this](const Shared<World>& world) {
    const auto wait = [](World& w) {
      EXPECT_EQ(mutex_lock(&w.mutex), 0);
      ++w.ready;
      while (w.count == 0) EXPECT_EQ(cond_wait(&w.cond, &w.mutex), 0);
      ++w.done;
      EXPECT_EQ(mutex_unlock(&w.mutex), 0);
    };
    std::deque<Child> children;
    for (int c = 0; c < kChildren; ++c) {
      children.push_back(Fork(
          world,
          [&](World& its) { RunThreads(kThreads, [&](int) { wait(its); }); },
          /*in_main=*/true));
    }
    const thread_t own = Spawn([&] { wait(*world); });
    constexpr int kAll = kChildren * kThreads + 1;
    EXPECT_TRUE(
        EventuallyLocked(&world->mutex, [&] { return world->ready == kAll; }));
    EXPECT_EQ(mutex_lock(&world->mutex), 0);
    world->count = 1;
    EXPECT_EQ(cond_broadcast(&world->cond), 0);
    EXPECT_EQ(mutex_unlock(&world->mutex), 0);
    Join(own);
    for (Child& child : children) child.ExpectGood();
    EXPECT_EQ(world->done, kAll);
  });
}

TEST_P(SharedProcessTest, TimesEndInTheOtherProcess) {
  ForEachMemory([this](const Shared<World>& world) {
    Fork(world, [](World& w) {
      EXPECT_EQ(mutex_lock(&w.mutex), 0);
      const timespec_t when = TimeOfDayIn(3);
      int error = 0;
      while ((error = cond_timedwait(&w.cond, &w.mutex, &when)) == 0) {
      }
      EXPECT_EQ(error, ETIME);
      EXPECT_TRUE(TimeOfDayReached(when));
      EXPECT_EQ(mutex_unlock(&w.mutex), 0);
      const timespec_t interval = Interval(3);
      EXPECT_EQ(sema_reltimedwait(&w.sema, &interval), ETIME);
    }).ExpectGood();
    EXPECT_EQ(sema_post(&world->sema), 0);
    EXPECT_EQ(sema_trywait(&world->sema), 0);
  });
}

void WaitInterrupted(World& w) {
  EXPECT_EQ(mutex_lock(&w.mutex), 0);
  w.ready = 1;
  int error = 0;
  while ((error = cond_wait(&w.cond, &w.mutex)) == 0) {
  }
  EXPECT_EQ(error, EINTR);
  EXPECT_EQ(mutex_unlock(&w.mutex), 0);
  w.ready = 2;
  EXPECT_EQ(sema_wait(&w.sema), EINTR);
  EXPECT_EQ(seen.runs, 2);
}

// A process whose only thread waits.
TEST_P(SharedProcessTest, KillEndsTheWaitsOfTheOtherProcess) {
  const ScopedAction action(SIGUSR1, See, SA_RESTART);
  ForEachMemory([this](const Shared<World>& world) {
    Child child = Fork(world, WaitInterrupted, /*in_main=*/true);
    for (int i = 1; i <= 2; ++i) {
      EXPECT_TRUE(Eventually([&] { return world->ready == i; }));
      EXPECT_TRUE(child.Quiesce());
      child.Kill(SIGUSR1);
    }
    child.ExpectGood();
  });
}

TEST_P(SharedProcessTest, ThrKillEndsTheWaitsInAChild) {
  const ScopedAction action(SIGUSR1, See, SA_RESTART);
  ForEachMemory([this](const Shared<World>& world) {
    Fork(
        world,
        [this](World& its) {
          const thread_t id = Spawn([&] { WaitInterrupted(its); });
          for (int i = 1; i <= 2; ++i) {
            EXPECT_TRUE(Eventually([&] { return its.ready == i; }));
            EXPECT_TRUE(lt::Quiesce());
            EXPECT_EQ(thr_kill(id, SIGUSR1), 0);
          }
          Join(id);
          EXPECT_EQ(seen.thread, id);
        },
        /*in_main=*/true)
        .ExpectGood();
  });
}

// ---- Semaphores as a pipe ----

TEST_P(SharedProcessTest, PipeWithBackPressure) {
  constexpr long kItems = 500;
  constexpr int kWriters = 2;
  static constexpr long kCells = 4;
  ForEachMemory([this](const Shared<World>& world) {
    for (long i = 0; i < kCells; ++i) EXPECT_EQ(sema_post(&world->sema), 0);
    std::deque<Child> children;
    for (int c = 0; c < kWriters; ++c) {
      children.push_back(Fork(
          world,
          [](World& w) {
            for (long i = 1; i <= kItems; ++i) {
              EXPECT_EQ(sema_wait(&w.sema), 0);
              EXPECT_EQ(mutex_lock(&w.mutex), 0);
              EXPECT_LT(w.written - w.read, kCells);
              w.buffer[w.written++ % kCells] = i;
              EXPECT_EQ(mutex_unlock(&w.mutex), 0);
              EXPECT_EQ(sema_post(&w.sema_too), 0);
            }
          },
          /*in_main=*/c == 0));
    }
    std::atomic<long> sum{0};
    RunThreads(kWriters, [&](int) {
      World& w = *world;
      for (long i = 1; i <= kItems; ++i) {
        EXPECT_EQ(sema_wait(&w.sema_too), 0);
        EXPECT_EQ(mutex_lock(&w.mutex), 0);
        sum += w.buffer[w.read++ % kCells];
        EXPECT_EQ(mutex_unlock(&w.mutex), 0);
        EXPECT_EQ(sema_post(&w.sema), 0);
      }
    });
    for (Child& child : children) child.ExpectGood();
    EXPECT_EQ(sum, kWriters * kItems * (kItems + 1) / 2);
    EXPECT_EQ(world->sema.count, static_cast<unsigned>(kCells));
    EXPECT_EQ(world->sema_too.count, 0U);
  });
}

// ---- Readers/writer locks ----

TEST_P(SharedProcessTest, RwlockKeepsDataConsistent) {
  constexpr int kChildren = 3;
  constexpr int kThreads = 2;
  constexpr int kRounds = 400;
  ForEachMemory([this](const Shared<World>& world) {
    const auto use = [](World& w) {
      for (int i = 0; i < kRounds; ++i) {
        if (i % 4 == 0) {
          EXPECT_EQ(rw_wrlock(&w.rw), 0);
          const long next = w.cells[0] + 1;
          for (long& cell : w.cells) {
            cell = next;
            if (i % 32 == 0) thr_yield();
          }
        } else {
          EXPECT_EQ(rw_rdlock(&w.rw), 0);
          const long first = w.cells[0];
          if (i % 16 == 1) thr_yield();
          for (const long& cell : w.cells) EXPECT_EQ(cell, first);
        }
        EXPECT_EQ(rw_unlock(&w.rw), 0);
      }
    };
    std::deque<Child> children;
    for (int c = 0; c < kChildren; ++c) {
      children.push_back(Fork(
          world,
          [&](World& its) { RunThreads(kThreads, [&](int) { use(its); }); },
          /*in_main=*/true));
    }
    RunThreads(kThreads, [&](int) { use(*world); });
    for (Child& child : children) child.ExpectGood();
    EXPECT_EQ(world->cells[0], (kChildren + 1L) * kThreads * kRounds / 4);
    EXPECT_EQ(rw_trywrlock(&world->rw), 0);
    EXPECT_EQ(rw_unlock(&world->rw), 0);
  });
}

}  // namespace
}  // namespace lt
