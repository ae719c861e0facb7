// SPDX-License-Identifier: MIT
//
// libc's locks between threads of the library.

#include <pthread.h>
#include <semaphore.h>
#include <time.h>

#include "support/blocking.h"

namespace lt {
namespace {

using BlockingPthreadTest = ApiTest;
LT_OVER_KINDS(BlockingPthreadTest);

timespec Soon(clockid_t clock = CLOCK_REALTIME) {
  timespec at = {};
  clock_gettime(clock, &at);
  at.tv_nsec += 20'000'000;
  if (at.tv_nsec >= 1'000'000'000) {
    at.tv_nsec -= 1'000'000'000;
    ++at.tv_sec;
  }
  return at;
}

timespec InAnHour(clockid_t clock = CLOCK_REALTIME) {
  timespec at = Soon(clock);
  at.tv_sec += 3600;
  return at;
}

class TypedMutex {
 public:
  explicit TypedMutex(int type, int robust = PTHREAD_MUTEX_STALLED) {
    pthread_mutexattr_t attributes;
    pthread_mutexattr_init(&attributes);
    pthread_mutexattr_settype(&attributes, type);
    pthread_mutexattr_setrobust(&attributes, robust);
    EXPECT_EQ(pthread_mutex_init(&mutex_, &attributes), 0);
    pthread_mutexattr_destroy(&attributes);
  }
  ~TypedMutex() { EXPECT_EQ(pthread_mutex_destroy(&mutex_), 0); }
  pthread_mutex_t* get() { return &mutex_; }

 private:
  pthread_mutex_t mutex_;
};

// The owner gives the LWP away while it holds the mutex: in many-to-one, who
// waits must let it run.
TEST_P(BlockingPthreadTest, MutexesExcludeAcrossSwitches) {
  for (const int type : {PTHREAD_MUTEX_NORMAL, PTHREAD_MUTEX_RECURSIVE,
                         PTHREAD_MUTEX_ERRORCHECK, PTHREAD_MUTEX_ADAPTIVE_NP}) {
    SCOPED_TRACE(type);
    TypedMutex mutex(type);
    int inside = 0;
    int turns = 0;
    RunThreads(8, [&](int i) {
      for (int n = 0; n < 30; ++n) {
        const timespec until = InAnHour();
        const timespec until_monotonic = InAnHour(CLOCK_MONOTONIC);
        switch ((i + n) % 3) {
          case 0:
            EXPECT_EQ(pthread_mutex_lock(mutex.get()), 0);
            break;
          case 1:
            EXPECT_EQ(pthread_mutex_timedlock(mutex.get(), &until), 0);
            break;
          default:
            EXPECT_EQ(pthread_mutex_clocklock(mutex.get(), CLOCK_MONOTONIC,
                                              &until_monotonic),
                      0);
        }
        EXPECT_EQ(++inside, 1);
        thr_yield();
        ++turns;
        --inside;
        EXPECT_EQ(pthread_mutex_unlock(mutex.get()), 0);
      }
    });
    EXPECT_EQ(turns, 8 * 30);
  }
}

TEST_P(BlockingPthreadTest, MutexErrorsAreLibcs) {
  Join(Spawn([] {
    TypedMutex checked(PTHREAD_MUTEX_ERRORCHECK);
    TypedMutex normal(PTHREAD_MUTEX_NORMAL);
    const timespec soon = Soon();
    const timespec soon_monotonic = Soon(CLOCK_MONOTONIC);
    const timespec odd = {0, -1};
    EXPECT_EQ(pthread_mutex_lock(checked.get()), 0);
    EXPECT_EQ(pthread_mutex_lock(checked.get()), EDEADLK);
    EXPECT_EQ(pthread_mutex_timedlock(checked.get(), &soon), EDEADLK);
    EXPECT_EQ(pthread_mutex_unlock(checked.get()), 0);
    EXPECT_EQ(pthread_mutex_unlock(checked.get()), EPERM);
    EXPECT_EQ(pthread_mutex_lock(normal.get()), 0);
    EXPECT_EQ(pthread_mutex_timedlock(normal.get(), &soon), ETIMEDOUT);
    EXPECT_EQ(pthread_mutex_timedlock(normal.get(), &odd), EINVAL);
    EXPECT_EQ(
        pthread_mutex_clocklock(normal.get(), CLOCK_MONOTONIC, &soon_monotonic),
        ETIMEDOUT);
    EXPECT_EQ(pthread_mutex_clocklock(normal.get(), 12345, &soon), EINVAL);
    EXPECT_EQ(pthread_mutex_unlock(normal.get()), 0);
  }));
}

TEST_P(BlockingPthreadTest, ARobustMutexTellsOfItsDeadOwner) {
  TypedMutex mutex(PTHREAD_MUTEX_NORMAL, PTHREAD_MUTEX_ROBUST);
  std::thread([&] { EXPECT_EQ(pthread_mutex_lock(mutex.get()), 0); }).join();
  Join(Spawn([&] {
    EXPECT_EQ(pthread_mutex_lock(mutex.get()), EOWNERDEAD);
    EXPECT_EQ(pthread_mutex_consistent(mutex.get()), 0);
    EXPECT_EQ(pthread_mutex_unlock(mutex.get()), 0);
  }));
}

TEST_P(BlockingPthreadTest, AForeignOwnerIsWaitedFor) {
  TypedMutex mutex(PTHREAD_MUTEX_NORMAL);
  Gate locked;
  std::atomic<bool> wanted{false};
  ForeignThread owner([&] {
    EXPECT_EQ(pthread_mutex_lock(mutex.get()), 0);
    locked.Open();
    while (!wanted) sched_yield();
    EXPECT_EQ(pthread_mutex_unlock(mutex.get()), 0);
  });
  locked.Wait();
  Join(Spawn([&] {
    EXPECT_EQ(pthread_mutex_trylock(mutex.get()), EBUSY);
    wanted = true;
    EXPECT_EQ(pthread_mutex_lock(mutex.get()), 0);
    EXPECT_EQ(pthread_mutex_unlock(mutex.get()), 0);
  }));
  owner.Join();
}

TEST_P(BlockingPthreadTest, ConditionsAreWaitedFor) {
  Join(Spawn([] {
    pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
    pthread_cond_t cond = PTHREAD_COND_INITIALIZER;
    const timespec hour = InAnHour();
    const timespec hour_monotonic = InAnHour(CLOCK_MONOTONIC);
    bool ready = false;
    const std::function<int()> calls[] = {
        [&] { return pthread_cond_wait(&cond, &mutex); },
        [&] { return pthread_cond_timedwait(&cond, &mutex, &hour); },
        [&] {
          return pthread_cond_clockwait(&cond, &mutex, CLOCK_MONOTONIC,
                                        &hour_monotonic);
        },
    };
    for (const auto& call : calls) {
      ready = false;
      const WhenAsleep signaller([&] {
        EXPECT_EQ(pthread_mutex_lock(&mutex), 0);
        ready = true;
        EXPECT_EQ(pthread_cond_signal(&cond), 0);
        EXPECT_EQ(pthread_mutex_unlock(&mutex), 0);
      });
      EXPECT_EQ(pthread_mutex_lock(&mutex), 0);
      while (!ready) EXPECT_EQ(call(), 0);
      EXPECT_EQ(pthread_mutex_unlock(&mutex), 0);
    }
    EXPECT_EQ(pthread_mutex_lock(&mutex), 0);
    const timespec soon = Soon();
    EXPECT_EQ(pthread_cond_timedwait(&cond, &mutex, &soon), ETIMEDOUT);
    EXPECT_EQ(pthread_mutex_unlock(&mutex), 0);
  }));
}

TEST_P(BlockingPthreadTest, RwlocksAreWaitedFor) {
  Join(Spawn([] {
    pthread_rwlock_t lock = PTHREAD_RWLOCK_INITIALIZER;
    const timespec hour = InAnHour();
    const timespec hour_monotonic = InAnHour(CLOCK_MONOTONIC);
    const std::function<int()> calls[] = {
        [&] { return pthread_rwlock_rdlock(&lock); },
        [&] { return pthread_rwlock_wrlock(&lock); },
        [&] { return pthread_rwlock_timedrdlock(&lock, &hour); },
        [&] { return pthread_rwlock_timedwrlock(&lock, &hour); },
        [&] {
          return pthread_rwlock_clockrdlock(&lock, CLOCK_MONOTONIC,
                                            &hour_monotonic);
        },
        [&] {
          return pthread_rwlock_clockwrlock(&lock, CLOCK_MONOTONIC,
                                            &hour_monotonic);
        },
    };
    for (const auto& call : calls) {
      std::atomic<bool> locked{false};
      std::atomic<bool> wanted{false};
      std::thread owner([&] {
        EXPECT_EQ(pthread_rwlock_wrlock(&lock), 0);
        locked = true;
        while (!wanted) sched_yield();
        EXPECT_EQ(pthread_rwlock_unlock(&lock), 0);
      });
      while (!locked) sched_yield();
      const timespec soon = Soon();
      EXPECT_EQ(pthread_rwlock_timedrdlock(&lock, &soon), ETIMEDOUT);
      {
        const WhenAsleep letter([&] { wanted = true; });
        EXPECT_EQ(call(), 0);
      }
      EXPECT_EQ(pthread_rwlock_unlock(&lock), 0);
      owner.join();
    }
  }));
}

TEST_P(BlockingPthreadTest, SemaphoresAreWaitedFor) {
  Join(Spawn([] {
    sem_t semaphore;
    ASSERT_EQ(sem_init(&semaphore, 0, 0), 0);
    const timespec hour = InAnHour();
    const timespec hour_monotonic = InAnHour(CLOCK_MONOTONIC);
    const std::function<int()> calls[] = {
        [&] { return sem_wait(&semaphore); },
        [&] { return sem_timedwait(&semaphore, &hour); },
        [&] {
          return sem_clockwait(&semaphore, CLOCK_MONOTONIC, &hour_monotonic);
        },
    };
    for (const auto& call : calls) {
      const WhenAsleep poster([&] { EXPECT_EQ(sem_post(&semaphore), 0); });
      EXPECT_EQ(call(), 0);
    }
    const timespec soon = Soon();
    EXPECT_FAILS(sem_timedwait(&semaphore, &soon), ETIMEDOUT);
    EXPECT_EQ(sem_destroy(&semaphore), 0);
  }));
}

TEST_P(BlockingPthreadTest, BarriersAreWaitedFor) {
  Join(Spawn([] {
    pthread_barrier_t barrier;
    ASSERT_EQ(pthread_barrier_init(&barrier, nullptr, 2), 0);
    std::atomic<int> serial{0};
    const auto wait = [&] {
      const int result = pthread_barrier_wait(&barrier);
      EXPECT_TRUE(result == 0 || result == PTHREAD_BARRIER_SERIAL_THREAD);
      if (result != 0) ++serial;
    };
    {
      const WhenAsleep other(wait);
      wait();
    }
    EXPECT_EQ(serial, 1);
    EXPECT_EQ(pthread_barrier_destroy(&barrier), 0);
  }));
}

}  // namespace
}  // namespace lt
