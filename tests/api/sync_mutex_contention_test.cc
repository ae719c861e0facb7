// SPDX-License-Identifier: MIT
//
// mutex_init(3): many threads at one mutex, and what must hold between them.

#include <errno.h>

#include <atomic>
#include <memory>
#include <vector>

#include "support/fixture.h"
#include "support/sync_objects.h"

namespace lt {
namespace {

class MutexContentionTest : public ApiTest {};

LT_OVER_KINDS(MutexContentionTest);

constexpr int kThreads = 8;
constexpr int kRounds = 5000;

// A plain counter and the check that nobody else is inside.
class Guarded {
 public:
  // The caller holds the mutex.  Every 32nd time it gives the LWP away inside,
  // so that threads also meet where only one of them runs at a time.
  void Increment() {
    EXPECT_FALSE(inside_.exchange(true, std::memory_order_relaxed));
    const long before = count_;
    if (before % 32 == 0) thr_yield();
    count_ = before + 1;
    inside_.store(false, std::memory_order_relaxed);
  }
  long count() const { return count_; }

 private:
  long count_ = 0;
  std::atomic<bool> inside_{false};
};

TEST_P(MutexContentionTest, NoIncrementIsLost) {
  for (const LockType& lock : kLockTypes) {
    SCOPED_TRACE(lock.name);
    mutex_t m;
    ASSERT_EQ(mutex_init(&m, lock.type, nullptr), 0);
    Guarded guarded;
    RunThreads(kThreads, [&](int) {
      for (int i = 0; i < kRounds; ++i) {
        EXPECT_EQ(mutex_lock(&m), 0);
        guarded.Increment();
        EXPECT_EQ(mutex_unlock(&m), 0);
      }
    });
    EXPECT_EQ(guarded.count(), long{kThreads} * kRounds);
    EXPECT_EQ(mutex_destroy(&m), 0);
  }
}

TEST_P(MutexContentionTest, TrylockersAndLockersTogether) {
  mutex_t m = DEFAULTMUTEX;
  Guarded guarded;
  RunThreads(kThreads, [&](int index) {
    for (int i = 0; i < kRounds; ++i) {
      if (index % 2 == 0) {
        EXPECT_EQ(mutex_lock(&m), 0);
      } else {
        int error = 0;
        while ((error = mutex_trylock(&m)) == EBUSY) LetOthersRun();
        EXPECT_EQ(error, 0);
      }
      guarded.Increment();
      EXPECT_EQ(mutex_unlock(&m), 0);
    }
  });
  EXPECT_EQ(guarded.count(), long{kThreads} * kRounds);
}

TEST_P(MutexContentionTest, RecursionUnderContention) {
  mutex_t m = RECURSIVEMUTEX;
  Guarded guarded;
  RunThreads(kThreads, [&](int) {
    for (int i = 0; i < kRounds; ++i) {
      const int depth = 1 + i % 3;
      for (int d = 0; d < depth; ++d) EXPECT_EQ(mutex_lock(&m), 0);
      guarded.Increment();
      for (int d = 0; d < depth; ++d) EXPECT_EQ(mutex_unlock(&m), 0);
    }
  });
  EXPECT_EQ(guarded.count(), long{kThreads} * kRounds);
}

// The owner field belongs to whoever holds the lock: MUTEX_HELD never says yes
// to a stranger while the lock changes hands.
TEST_P(MutexContentionTest, HeldStaysExactWhileTheLockMoves) {
  mutex_t m = DEFAULTMUTEX;
  RunThreads(kThreads, [&](int) {
    for (int i = 0; i < kRounds; ++i) {
      EXPECT_FALSE(MUTEX_HELD(&m));
      EXPECT_EQ(mutex_lock(&m), 0);
      EXPECT_TRUE(MUTEX_HELD(&m));
      if (i % 64 == 0) thr_yield();
      EXPECT_EQ(mutex_unlock(&m), 0);
    }
  });
}

class MutexMixedKindsTest : public ModelTest {};

TEST_F(MutexMixedKindsTest, BoundAndUnboundThreadsMeet) {
  mutex_t m = DEFAULTMUTEX;
  Guarded guarded;
  std::vector<thread_t> ids;
  for (int i = 0; i < kThreads; ++i) {
    ids.push_back(SpawnWithFlags(
        [&] {
          for (int round = 0; round < kRounds; ++round) {
            EXPECT_EQ(mutex_lock(&m), 0);
            guarded.Increment();
            EXPECT_EQ(mutex_unlock(&m), 0);
          }
        },
        i % 2 == 0 ? 0 : THR_BOUND));
  }
  for (const thread_t id : ids) Join(id);
  EXPECT_EQ(guarded.count(), long{kThreads} * kRounds);
}

// Interpreters use a default mutex as a binary semaphore: one thread locks it,
// another one unlocks it.
TEST_P(MutexContentionTest, DefaultMutexAsBinarySemaphore) {
  mutex_t ping = DEFAULTMUTEX;
  mutex_t pong = DEFAULTMUTEX;
  ASSERT_EQ(mutex_lock(&ping), 0);
  ASSERT_EQ(mutex_lock(&pong), 0);
  constexpr int kTurns = 2000;
  int turns = 0;
  const thread_t player = Spawn([&] {
    for (int i = 0; i < kTurns; ++i) {
      EXPECT_EQ(mutex_lock(&ping), 0);
      EXPECT_EQ(turns, 2 * i + 1);
      ++turns;
      EXPECT_EQ(mutex_unlock(&pong), 0);
    }
  });
  for (int i = 0; i < kTurns; ++i) {
    EXPECT_EQ(turns, 2 * i);
    ++turns;
    EXPECT_EQ(mutex_unlock(&ping), 0);
    EXPECT_EQ(mutex_lock(&pong), 0);
  }
  Join(player);
  EXPECT_EQ(turns, 2 * kTurns);
}

// Each of many waiters of a released mutex gets its turn, one after another.
TEST_P(MutexContentionTest, EveryWaiterGetsTheLock) {
  mutex_t m = DEFAULTMUTEX;
  ASSERT_EQ(mutex_lock(&m), 0);
  constexpr int kWaiters = 100;
  std::vector<thread_t> ids;
  int turns = 0;
  for (int i = 0; i < kWaiters; ++i) {
    ids.push_back(Spawn([&] {
      EXPECT_EQ(mutex_lock(&m), 0);
      ++turns;
      EXPECT_EQ(mutex_unlock(&m), 0);
    }));
  }
  EXPECT_TRUE(Quiesce());
  EXPECT_EQ(turns, 0);
  EXPECT_EQ(mutex_unlock(&m), 0);
  for (const thread_t id : ids) Join(id);
  EXPECT_EQ(turns, kWaiters);
}

// Unlock, then free.  Threads share an object that counts its users; whoever
// leaves last destroys and unmaps it while the one before may not yet have
// returned from mutex_unlock().  A mutex_unlock() that touches the object after
// it has let it go faults here, or releases a lock of the next object there.
class UnlockThenFreeTest : public ApiTest {
 protected:
  static constexpr int kUsers = 3;
  static constexpr int kObjects = 1500;

  struct Object {
    mutex_t mutex;
    int users;
  };

  // `linger` is called inside the critical section.
  void Run(const LockType& lock, const std::function<void(int)>& linger) {
    SCOPED_TRACE(lock.name);
    std::vector<Object*> objects(kObjects);
    for (Object*& object : objects) {
      object = MapZeroed<Object>();
      ASSERT_NE(object, nullptr);
      ASSERT_EQ(mutex_init(&object->mutex, lock.type, nullptr), 0);
      object->users = kUsers;
    }
    const auto arrived = std::make_unique<std::atomic<int>[]>(kObjects);
    std::atomic<int> freed{0};
    RunThreads(kUsers, [&](int) {
      for (int i = 0; i < kObjects; ++i) {
        Object* const object = objects[static_cast<size_t>(i)];
        arrived[i].fetch_add(1);
        while (arrived[i].load() < kUsers) LetOthersRun();
        EXPECT_EQ(mutex_lock(&object->mutex), 0);
        const bool last = --object->users == 0;
        linger(i);
        EXPECT_EQ(mutex_unlock(&object->mutex), 0);
        if (last) {
          EXPECT_EQ(mutex_destroy(&object->mutex), 0);
          Unmap(object);
          freed.fetch_add(1);
        }
      }
    });
    EXPECT_EQ(freed.load(), kObjects);
  }
};

LT_OVER_KINDS(UnlockThenFreeTest);

TEST_P(UnlockThenFreeTest, ShortSections) {
  for (const LockType& lock : kLockTypes) Run(lock, [](int) {});
}

TEST_P(UnlockThenFreeTest, SectionsThatMakeOthersSleep) {
  Run(kLockTypes[0], [](int i) {
    for (int n = 0; n < i % 8; ++n) thr_yield();
  });
}

// Unlock, then use the memory for something else.  The last user of a mutex
// makes a semaphore of it; a wakeup that was meant for the mutex and comes late
// must not pass for a unit.
TEST_P(UnlockThenFreeTest, MemoryBecomesASemaphore) {
  constexpr int kManyUsers = 6;
  union Cell {
    mutex_t mutex;
    sema_t sema;
  };
  std::vector<Cell> cells(kObjects / 2);
  std::vector<int> users(cells.size(), kManyUsers);
  const auto arrived = std::make_unique<std::atomic<int>[]>(cells.size());
  const auto is_sema = std::make_unique<std::atomic<bool>[]>(cells.size());
  const auto posted = std::make_unique<std::atomic<bool>[]>(cells.size());
  std::atomic<size_t> waiting{0};
  for (Cell& cell : cells) {
    ASSERT_EQ(mutex_init(&cell.mutex, LOCK_NORMAL, nullptr), 0);
  }
  RunThreads(kManyUsers + 2, [&](int index) {
    for (size_t i = 0; i < cells.size(); ++i) {
      if (index < kManyUsers) {
        arrived[i].fetch_add(1);
        while (arrived[i].load() < kManyUsers) LetOthersRun();
        EXPECT_EQ(mutex_lock(&cells[i].mutex), 0);
        const bool last = --users[i] == 0;
        if ((i + static_cast<size_t>(index)) % 2 == 0) LetOthersRun();
        EXPECT_EQ(mutex_unlock(&cells[i].mutex), 0);
        if (last) {
          EXPECT_EQ(mutex_destroy(&cells[i].mutex), 0);
          EXPECT_EQ(sema_init(&cells[i].sema, 0, USYNC_THREAD, nullptr), 0);
          is_sema[i] = true;
        }
      } else if (index == kManyUsers) {
        while (!is_sema[i].load()) LetOthersRun();
        waiting = i + 1;
        EXPECT_EQ(sema_wait(&cells[i].sema), 0);
        EXPECT_TRUE(posted[i].load()) << "cell " << i;
      } else {
        while (waiting.load() < i + 1) LetOthersRun();
        for (int n = 0; n < 10; ++n) LetOthersRun();
        posted[i] = true;
        EXPECT_EQ(sema_post(&cells[i].sema), 0);
      }
    }
  });
}

}  // namespace
}  // namespace lt
