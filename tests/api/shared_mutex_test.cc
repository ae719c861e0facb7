// SPDX-License-Identifier: MIT
//
// mutex_init(3) with USYNC_PROCESS, between the threads of one process: the
// lock types, error numbers, contention.

#include <errno.h>

#include <atomic>
#include <cstring>
#include <memory>
#include <vector>

#include "support/fixture.h"
#include "support/shared_memory.h"
#include "support/signals.h"
#include "support/sync_objects.h"

namespace lt {
namespace {

constexpr LockType kSharedTypes[] = {
    {"shared", USYNC_PROCESS, false, false},
    {"shared errorcheck", USYNC_PROCESS | LOCK_ERRORCHECK, false, true},
    {"shared recursive", USYNC_PROCESS | LOCK_RECURSIVE, true, false},
    {"shared recursive errorcheck",
     USYNC_PROCESS | LOCK_RECURSIVE | LOCK_ERRORCHECK, true, true},
};

class SharedMutexTest : public SignalTest {
 protected:
  // Runs `body` with a fresh mutex of each type.
  void ForEachType(
      const std::function<void(const LockType&, mutex_t*)>& body) const {
    for (const LockType& lock : kSharedTypes) {
      SCOPED_TRACE(lock.name);
      const Shared<mutex_t> m;
      ASSERT_EQ(mutex_init(m.get(), lock.type, nullptr), 0);
      body(lock, m.get());
      EXPECT_EQ(mutex_destroy(m.get()), 0);
      EXPECT_TRUE(AllBytesZero(*m));
    }
  }
};

LT_OVER_KINDS(SharedMutexTest);

TEST_P(SharedMutexTest, LockExcludesOthersUntilUnlock) {
  ForEachType([this](const LockType&, mutex_t* m) {
    ASSERT_EQ(mutex_lock(m), 0);
    EXPECT_EQ(TrylockElsewhere(m), EBUSY);
    Gate acquired;
    const thread_t waiter = Spawn([&] {
      EXPECT_EQ(mutex_lock(m), 0);
      acquired.Open();
      EXPECT_EQ(mutex_unlock(m), 0);
    });
    EXPECT_TRUE(Quiesce());
    EXPECT_FALSE(acquired.IsOpen());
    EXPECT_EQ(mutex_unlock(m), 0);
    acquired.Wait();
    Join(waiter);
    EXPECT_EQ(TrylockElsewhere(m), 0);
  });
}

TEST_P(SharedMutexTest, RelockByOwner) {
  ForEachType([this](const LockType& lock, mutex_t* m) {
    InThread([&] {
      EXPECT_EQ(mutex_lock(m), 0);
      // A second mutex_lock() of a normal one would be a deadlock.
      if (lock.type != USYNC_PROCESS) {
        EXPECT_EQ(mutex_lock(m), lock.recursive ? 0 : EDEADLK);
        if (lock.recursive) {
          EXPECT_EQ(mutex_unlock(m), 0);
        }
      }
      EXPECT_EQ(mutex_trylock(m), lock.recursive ? 0 : EBUSY);
      if (lock.recursive) {
        EXPECT_EQ(mutex_unlock(m), 0);
      }
      EXPECT_TRUE(MUTEX_HELD(m));
      EXPECT_EQ(mutex_unlock(m), 0);
      EXPECT_FALSE(MUTEX_HELD(m));
    });
    EXPECT_EQ(TrylockElsewhere(m), 0);
  });
}

TEST_P(SharedMutexTest, RecursionEndsAt256Holds) {
  ForEachType([this](const LockType& lock, mutex_t* m) {
    if (!lock.recursive) return;
    InThread([&] {
      for (int i = 0; i < kMaxHolds; ++i) {
        EXPECT_EQ(i % 2 == 0 ? mutex_lock(m) : mutex_trylock(m), 0);
      }
      EXPECT_EQ(mutex_lock(m), EAGAIN);
      EXPECT_EQ(mutex_trylock(m), EAGAIN);
      for (int i = 1; i < kMaxHolds; ++i) EXPECT_EQ(mutex_unlock(m), 0);
      EXPECT_TRUE(MUTEX_HELD(m));
      EXPECT_EQ(mutex_unlock(m), 0);
    });
    EXPECT_EQ(TrylockElsewhere(m), 0);
  });
}

TEST_P(SharedMutexTest, UnlockByStrangers) {
  ForEachType([this](const LockType& lock, mutex_t* m) {
    EXPECT_EQ(mutex_unlock(m), lock.checks_owner ? EPERM : 0);
    EXPECT_EQ(mutex_lock(m), 0);
    EXPECT_EQ(TrylockElsewhere(m), EBUSY);
    InThread(
        [&] { EXPECT_EQ(mutex_unlock(m), lock.checks_owner ? EPERM : 0); });
    EXPECT_EQ(TrylockElsewhere(m), lock.checks_owner ? EBUSY : 0);
  });
}

TEST_P(SharedMutexTest, HeldIsAboutTheCaller) {
  ForEachType([this](const LockType&, mutex_t* m) {
    EXPECT_FALSE(MUTEX_HELD(m));
    EXPECT_EQ(mutex_lock(m), 0);
    EXPECT_TRUE(MUTEX_HELD(m));
    InThread([&] { EXPECT_FALSE(MUTEX_HELD(m)); });
    ForeignThread([&] { EXPECT_FALSE(MUTEX_HELD(m)); }).Join();
    EXPECT_EQ(mutex_unlock(m), 0);
    EXPECT_FALSE(MUTEX_HELD(m));
  });
}

TEST_P(SharedMutexTest, InitialiserAndReinitialisation) {
  const Shared<mutex_t> m;
  const mutex_t initialiser = SHAREDMUTEX;
  *m = initialiser;
  mutex_t made;
  std::memset(&made, 0xa5, sizeof(made));
  ASSERT_EQ(mutex_init(&made, USYNC_PROCESS, nullptr), 0);
  EXPECT_EQ(std::memcmp(&made, &initialiser, sizeof(made)), 0);
  EXPECT_EQ(mutex_lock(m.get()), 0);
  EXPECT_EQ(TrylockElsewhere(m.get()), EBUSY);
  // In use or not: it is new.
  EXPECT_EQ(mutex_init(m.get(), USYNC_PROCESS, nullptr), 0);
  EXPECT_EQ(TrylockElsewhere(m.get()), 0);
}

TEST_P(SharedMutexTest, HeldAtThreadExitStaysLocked) {
  ForEachType([this](const LockType& lock, mutex_t* m) {
    InThread([&] { EXPECT_EQ(mutex_lock(m), 0); });
    EXPECT_EQ(mutex_trylock(m), EBUSY);
    for (int i = 0; i < 5; ++i) {
      InThread([&] {
        EXPECT_FALSE(MUTEX_HELD(m));
        EXPECT_EQ(mutex_trylock(m), EBUSY);
        if (lock.checks_owner) {
          EXPECT_EQ(mutex_unlock(m), EPERM);
        }
      });
    }
  });
}

TEST_P(SharedMutexTest, CallsLeaveErrnoAlone) {
  const Shared<mutex_t> m;
  InThread([&] {
    errno = 4711;
    EXPECT_EQ(mutex_init(m.get(), USYNC_PROCESS | LOCK_ERRORCHECK, nullptr), 0);
    EXPECT_EQ(mutex_lock(m.get()), 0);
    EXPECT_EQ(mutex_lock(m.get()), EDEADLK);
    EXPECT_EQ(mutex_trylock(m.get()), EBUSY);
    EXPECT_EQ(mutex_unlock(m.get()), 0);
    EXPECT_EQ(mutex_unlock(m.get()), EPERM);
    EXPECT_EQ(errno, 4711);
  });
  // A waiter that slept, too.
  EXPECT_EQ(mutex_lock(m.get()), 0);
  const thread_t waiter = Spawn([&] {
    errno = 4711;
    EXPECT_EQ(mutex_lock(m.get()), 0);
    EXPECT_EQ(mutex_unlock(m.get()), 0);
    EXPECT_EQ(errno, 4711);
  });
  EXPECT_TRUE(Quiesce());
  EXPECT_EQ(mutex_unlock(m.get()), 0);
  Join(waiter);
}

// A handler runs while its thread waits, and the wait goes on.
TEST_P(SharedMutexTest, HandlersDoNotEndTheWait) {
  for (const int flags : {0, SA_RESTART}) {
    SCOPED_TRACE(flags);
    seen.runs = 0;
    const ScopedAction action(SIGUSR1, See, flags);
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
      EXPECT_EQ(seen.thread, waiter);
      EXPECT_TRUE(Quiesce());
      EXPECT_FALSE(acquired);
      EXPECT_EQ(mutex_unlock(m), 0);
      Join(waiter);
    });
  }
}

// Who waits can be suspended; he has the lock only once he goes on.
TEST_P(SharedMutexTest, AWaiterCanBeSuspended) {
  ForEachType([this](const LockType&, mutex_t* m) {
    EXPECT_EQ(mutex_lock(m), 0);
    std::atomic<bool> acquired{false};
    const thread_t waiter = Spawn([&] {
      EXPECT_EQ(mutex_lock(m), 0);
      acquired = true;
      EXPECT_EQ(mutex_unlock(m), 0);
    });
    EXPECT_TRUE(Quiesce());
    EXPECT_EQ(thr_suspend(waiter), 0);
    EXPECT_EQ(mutex_unlock(m), 0);
    EXPECT_TRUE(Quiesce());
    EXPECT_FALSE(acquired);
    EXPECT_EQ(thr_continue(waiter), 0);
    Join(waiter);
    EXPECT_TRUE(acquired);
  });
}

// ---- Contention ----

constexpr int kThreads = 8;
constexpr int kRounds = 1000;

// A counter and the check that nobody else is inside.  Every 32nd time the LWP
// is given away inside.
struct Guarded {
  void Increment() {
    EXPECT_FALSE(inside.exchange(true, std::memory_order_relaxed));
    const long before = count;
    if (before % 32 == 0) thr_yield();
    count = before + 1;
    inside.store(false, std::memory_order_relaxed);
  }
  long count = 0;
  std::atomic<bool> inside{false};
};

TEST_P(SharedMutexTest, NoIncrementIsLost) {
  ForEachType([this](const LockType& lock, mutex_t* m) {
    Guarded guarded;
    RunThreads(kThreads, [&](int index) {
      for (int i = 0; i < kRounds; ++i) {
        const int depth = lock.recursive ? 1 + i % 3 : 1;
        int error = EBUSY;
        while (index % 3 == 0 && (error = mutex_trylock(m)) == EBUSY) {
          LetOthersRun();
        }
        if (index % 3 != 0) error = mutex_lock(m);
        EXPECT_EQ(error, 0);
        for (int d = 1; d < depth; ++d) EXPECT_EQ(mutex_lock(m), 0);
        guarded.Increment();
        for (int d = 0; d < depth; ++d) EXPECT_EQ(mutex_unlock(m), 0);
      }
    });
    EXPECT_EQ(guarded.count, long{kThreads} * kRounds);
  });
}

// Far more waiters than LWPs: they block, and the one that is to unlock runs.
TEST_P(SharedMutexTest, EveryWaiterGetsTheLock) {
  const Shared<mutex_t> m;
  ASSERT_EQ(mutex_init(m.get(), USYNC_PROCESS, nullptr), 0);
  constexpr int kWaiters = 60;
  Gate go;
  int turns = 0;
  const thread_t holder = Spawn([&] {
    EXPECT_EQ(mutex_lock(m.get()), 0);
    go.Wait();
    EXPECT_EQ(mutex_unlock(m.get()), 0);
  });
  EXPECT_TRUE(Eventually([&] {
    const int error = mutex_trylock(m.get());
    if (error == 0) {
      EXPECT_EQ(mutex_unlock(m.get()), 0);
    }
    return error == EBUSY;
  }));
  std::vector<thread_t> ids;
  std::atomic<int> begun{0};
  for (int i = 0; i < kWaiters; ++i) {
    ids.push_back(Spawn([&] {
      ++begun;
      EXPECT_EQ(mutex_lock(m.get()), 0);
      ++turns;
      EXPECT_EQ(mutex_unlock(m.get()), 0);
    }));
  }
  EXPECT_TRUE(Eventually([&] { return begun == kWaiters; }));
  EXPECT_EQ(turns, 0);
  go.Open();
  Join(holder);
  for (const thread_t id : ids) Join(id);
  EXPECT_EQ(turns, kWaiters);
}

TEST_P(SharedMutexTest, OneMutexAtTwoAddresses) {
  for (const Memory memory : {Memory::kFile, Memory::kSegment}) {
    SCOPED_TRACE(memory);
    struct Data {
      mutex_t mutex;
      long count;
    };
    const Shared<Data> data(memory);
    Data* const other = data.Elsewhere();
    ASSERT_EQ(mutex_init(&data->mutex, USYNC_PROCESS, nullptr), 0);
    RunThreads(4, [&](int index) {
      Data* const mine = index % 2 == 0 ? data.get() : other;
      for (int i = 0; i < kRounds; ++i) {
        EXPECT_EQ(mutex_lock(&mine->mutex), 0);
        const long before = mine->count;
        if (i % 32 == 0) thr_yield();
        mine->count = before + 1;
        EXPECT_EQ(mutex_unlock(&mine->mutex), 0);
      }
    });
    EXPECT_EQ(data->count, 4L * kRounds);
    data.Release(other);
  }
}

// Unlock, then free: the last user destroys and unmaps the mutex while the one
// before him may not have returned from mutex_unlock().
TEST_P(SharedMutexTest, UnlockThenUnmap) {
  constexpr int kUsers = 3;
  constexpr size_t kObjects = 50;
  struct Object {
    mutex_t mutex;
    int users;
  };
  for (const LockType& lock : kSharedTypes) {
    SCOPED_TRACE(lock.name);
    std::vector<std::unique_ptr<Shared<Object>>> objects(kObjects);
    for (auto& object : objects) {
      object = std::make_unique<Shared<Object>>();
      ASSERT_EQ(mutex_init(&(*object)->mutex, lock.type, nullptr), 0);
      (*object)->users = kUsers;
    }
    const auto arrived = std::make_unique<std::atomic<int>[]>(kObjects);
    std::atomic<size_t> freed{0};
    RunThreads(kUsers, [&](int) {
      for (size_t i = 0; i < kObjects; ++i) {
        Object* const object = objects[i]->get();
        ++arrived[i];
        while (arrived[i] < kUsers) LetOthersRun();
        EXPECT_EQ(mutex_lock(&object->mutex), 0);
        const bool last = --object->users == 0;
        if (i % 4 == 0) thr_yield();
        EXPECT_EQ(mutex_unlock(&object->mutex), 0);
        if (last) {
          EXPECT_EQ(mutex_destroy(&object->mutex), 0);
          objects[i].reset();
          ++freed;
        }
      }
    });
    EXPECT_EQ(freed, kObjects);
  }
}

}  // namespace
}  // namespace lt
