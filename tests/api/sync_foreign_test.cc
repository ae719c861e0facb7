// SPDX-License-Identifier: MIT
//
// Kernel threads that the library did not make use every kind of object
// together with its own threads.

#include <errno.h>
#include <pthread.h>

#include <atomic>
#include <deque>
#include <functional>
#include <memory>
#include <vector>

#include "support/fixture.h"
#include "support/sync_objects.h"

namespace lt {
namespace {

constexpr int kOwnThreads = 4;
constexpr int kForeignThreads = 4;
constexpr int kThreads = kOwnThreads + kForeignThreads;
constexpr int kRounds = 3000;

class ForeignTest : public SyncTest {
 protected:
  // Runs body(0) … body(kThreads - 1): even numbers in threads of the kind
  // under test, odd ones in foreign threads.
  void RunMixed(const std::function<void(int)>& body) const {
    std::vector<thread_t> own;
    std::vector<std::unique_ptr<ForeignThread>> foreign;
    for (int i = 0; i < kThreads; ++i) {
      if (i % 2 == 0) {
        own.push_back(Spawn([&body, i] { body(i); }));
      } else {
        foreign.push_back(
            std::make_unique<ForeignThread>([&body, i] { body(i); }));
      }
    }
    for (const thread_t id : own) Join(id);
    for (const auto& thread : foreign) thread->Join();
  }
};

LT_OVER_KINDS(ForeignTest);

TEST_P(ForeignTest, Mutex) {
  for (const LockType& lock : kLockTypes) {
    SCOPED_TRACE(lock.name);
    mutex_t m;
    ASSERT_EQ(mutex_init(&m, lock.type, nullptr), 0);
    long count = 0;
    RunMixed([&](int) {
      for (int i = 0; i < kRounds; ++i) {
        EXPECT_EQ(mutex_lock(&m), 0);
        EXPECT_TRUE(MUTEX_HELD(&m));
        EXPECT_EQ(mutex_trylock(&m), lock.recursive ? 0 : EBUSY);
        if (lock.recursive) {
          EXPECT_EQ(mutex_unlock(&m), 0);
        }
        const long before = count;
        if (i % 32 == 0) thr_yield();
        count = before + 1;
        EXPECT_EQ(mutex_unlock(&m), 0);
      }
    });
    EXPECT_EQ(count, long{kThreads} * kRounds);
  }
}

TEST_P(ForeignTest, MutexErrors) {
  mutex_t m = ERRORCHECKMUTEX;
  ForeignThread([&] {
    EXPECT_EQ(mutex_unlock(&m), EPERM);
    EXPECT_EQ(mutex_lock(&m), 0);
    EXPECT_EQ(mutex_lock(&m), EDEADLK);
    EXPECT_EQ(mutex_unlock(&m), 0);
  }).Join();
  ASSERT_EQ(mutex_lock(&m), 0);
  ForeignThread([&] {
    EXPECT_FALSE(MUTEX_HELD(&m));
    EXPECT_EQ(mutex_unlock(&m), EPERM);
    EXPECT_EQ(mutex_trylock(&m), EBUSY);
  }).Join();
  EXPECT_EQ(mutex_unlock(&m), 0);
}

// Two foreign threads, one after the other, are two owners, even where the
// second gets the memory of the first.
TEST_P(ForeignTest, OwnershipDoesNotPassToTheNextForeignThread) {
  mutex_t m = ERRORCHECKMUTEX;
  ForeignThread([&] { EXPECT_EQ(mutex_lock(&m), 0); }).Join();
  for (int i = 0; i < 10; ++i) {
    ForeignThread([&] {
      EXPECT_FALSE(MUTEX_HELD(&m));
      EXPECT_EQ(mutex_unlock(&m), EPERM);
    }).Join();
  }
}

TEST_P(ForeignTest, PthreadCreateWithoutTheCxxLibrary) {
  sema_t s = DEFAULTSEMA;
  pthread_t thread{};
  ASSERT_EQ(pthread_create(
                &thread, nullptr,
                [](void* arg) -> void* {
                  return sema_post(static_cast<sema_t*>(arg)) == 0 ? arg
                                                                   : nullptr;
                },
                &s),
            0);
  InThread([&] { EXPECT_EQ(sema_wait(&s), 0); });
  void* result = nullptr;
  ASSERT_EQ(pthread_join(thread, &result), 0);
  EXPECT_EQ(result, &s);
}

TEST_P(ForeignTest, Condition) {
  constexpr size_t kCapacity = 3;
  mutex_t m = DEFAULTMUTEX;
  cond_t not_empty = DEFAULTCV;
  cond_t not_full = DEFAULTCV;
  std::deque<long> buffer;
  long sum = 0;
  // Numbers 0, 1 produce, 2, 3 consume, and so on: both roles in both worlds.
  RunMixed([&](int index) {
    const bool producer = index % 4 < 2;
    for (long i = 1; i <= kRounds; ++i) {
      EXPECT_EQ(mutex_lock(&m), 0);
      if (producer) {
        while (buffer.size() == kCapacity) {
          EXPECT_EQ(cond_wait(&not_full, &m), 0);
        }
        buffer.push_back(i);
        EXPECT_EQ(cond_signal(&not_empty), 0);
      } else {
        while (buffer.empty()) EXPECT_EQ(cond_wait(&not_empty, &m), 0);
        sum += buffer.front();
        buffer.pop_front();
        EXPECT_EQ(cond_signal(&not_full), 0);
      }
      EXPECT_EQ(mutex_unlock(&m), 0);
    }
  });
  EXPECT_EQ(sum, long{kThreads} / 2 * kRounds * (kRounds + 1) / 2);
}

TEST_P(ForeignTest, ConditionBroadcastAndTimeout) {
  mutex_t m = DEFAULTMUTEX;
  cond_t c = DEFAULTCV;
  int arrived = 0;
  int generation = 0;
  RunMixed([&](int) {
    for (int round = 1; round <= 50; ++round) {
      EXPECT_EQ(mutex_lock(&m), 0);
      if (++arrived == kThreads) {
        arrived = 0;
        generation = round;
        EXPECT_EQ(cond_broadcast(&c), 0);
      }
      while (generation < round) {
        const timespec_t wait = Interval(1);
        const int error = cond_reltimedwait(&c, &m, &wait);
        EXPECT_TRUE(error == 0 || error == ETIME) << error;
      }
      EXPECT_EQ(mutex_unlock(&m), 0);
    }
  });
  EXPECT_EQ(generation, 50);
}

TEST_P(ForeignTest, Rwlock) {
  rwlock_t rw = DEFAULTRWLOCK;
  long first = 0;
  long second = 0;
  RunMixed([&](int index) {
    for (int i = 0; i < kRounds; ++i) {
      if ((i + index) % 4 == 0) {
        EXPECT_EQ(rw_wrlock(&rw), 0);
        EXPECT_TRUE(RW_WRITE_HELD(&rw));
        EXPECT_EQ(rw_rdlock(&rw), EDEADLK);
        ++first;
        if (i % 32 == 0) thr_yield();
        ++second;
      } else {
        EXPECT_EQ(rw_rdlock(&rw), 0);
        EXPECT_TRUE(RW_READ_HELD(&rw));
        EXPECT_EQ(rw_rdlock(&rw), 0);  // again, writers or not
        EXPECT_EQ(first, second);
        EXPECT_EQ(rw_unlock(&rw), 0);
      }
      EXPECT_EQ(rw_unlock(&rw), 0);
    }
    EXPECT_EQ(rw_unlock(&rw), EPERM);
  });
  EXPECT_EQ(first, long{kThreads} * kRounds / 4);
  EXPECT_EQ(rw_trywrlock(&rw), 0);
  EXPECT_EQ(rw_unlock(&rw), 0);
}

TEST_P(ForeignTest, SemaphoreRing) {
  std::vector<sema_t> semas(kThreads);
  for (sema_t& s : semas) ASSERT_EQ(sema_init(&s, 0, USYNC_THREAD, nullptr), 0);
  ASSERT_EQ(sema_post(&semas[0]), 0);
  int steps = 0;
  constexpr int kLaps = 500;
  RunMixed([&](int index) {
    for (int lap = 0; lap < kLaps; ++lap) {
      EXPECT_EQ(sema_wait(&semas[static_cast<size_t>(index)]), 0);
      EXPECT_EQ(steps % kThreads, index);
      ++steps;
      EXPECT_EQ(sema_post(&semas[static_cast<size_t>((index + 1) % kThreads)]),
                0);
    }
  });
  EXPECT_EQ(steps, kThreads * kLaps);
}

}  // namespace
}  // namespace lt
