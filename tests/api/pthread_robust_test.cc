// SPDX-License-Identifier: MIT
//
// Robust mutexes of pthreads: a thread of ours that ends while it holds one
// leaves it to the next locker with EOWNERDEAD.

#include <errno.h>
#include <pthread.h>

#include "support/fixture.h"
#include "support/pthreads.h"

namespace lt {
namespace {

class RobustMutex {
 public:
  explicit RobustMutex(int shared = PTHREAD_PROCESS_PRIVATE) {
    pthread_mutexattr_t attr;
    EXPECT_EQ(pthread_mutexattr_init(&attr), 0);
    EXPECT_EQ(pthread_mutexattr_setrobust(&attr, PTHREAD_MUTEX_ROBUST), 0);
    EXPECT_EQ(pthread_mutexattr_setpshared(&attr, shared), 0);
    EXPECT_EQ(pthread_mutex_init(&mutex_, &attr), 0);
    pthread_mutexattr_destroy(&attr);
  }
  ~RobustMutex() { EXPECT_EQ(pthread_mutex_destroy(&mutex_), 0); }
  RobustMutex(const RobustMutex&) = delete;
  RobustMutex& operator=(const RobustMutex&) = delete;

  int Lock() { return pthread_mutex_lock(&mutex_); }
  int TryLock() { return pthread_mutex_trylock(&mutex_); }
  int Unlock() { return pthread_mutex_unlock(&mutex_); }
  int MakeConsistent() { return pthread_mutex_consistent(&mutex_); }

 private:
  pthread_mutex_t mutex_;
};

using PthreadRobustTest = ApiTest;
LT_OVER_KINDS(PthreadRobustTest);

TEST_P(PthreadRobustTest, TheNextLockerIsTold) {
  RobustMutex mutex;
  Join(Spawn([&] { EXPECT_EQ(mutex.Lock(), 0); }));
  EXPECT_EQ(mutex.Lock(), EOWNERDEAD);
  EXPECT_EQ(mutex.MakeConsistent(), 0);
  EXPECT_EQ(mutex.Unlock(), 0);
  EXPECT_EQ(mutex.Lock(), 0);
  EXPECT_EQ(mutex.Unlock(), 0);
}

TEST_P(PthreadRobustTest, SoIsAThreadOfOursAfterThrExitOfTheOwner) {
  RobustMutex mutex(PTHREAD_PROCESS_SHARED);
  Join(Spawn([&] {
    EXPECT_EQ(mutex.Lock(), 0);
    thr_exit(nullptr);
  }));
  Join(Spawn([&] {
    EXPECT_EQ(mutex.TryLock(), EOWNERDEAD);
    EXPECT_EQ(mutex.MakeConsistent(), 0);
    EXPECT_EQ(mutex.Unlock(), 0);
  }));
}

TEST_P(PthreadRobustTest, UnlockedInconsistentItIsLost) {
  RobustMutex mutex;
  Join(Spawn([&] { EXPECT_EQ(mutex.Lock(), 0); }));
  EXPECT_EQ(mutex.Lock(), EOWNERDEAD);
  EXPECT_EQ(mutex.Unlock(), 0);
  EXPECT_EQ(mutex.Lock(), ENOTRECOVERABLE);
  Join(Spawn([&] { EXPECT_EQ(mutex.Lock(), ENOTRECOVERABLE); }));
}

TEST_P(PthreadRobustTest, OneThatWaitsIsWoken) {
  if (ModelName() == "many-to-one" && GetParam() == Kind::kUnbound) {
    GTEST_SKIP() << "the only LWP would block with the waiter";
  }
  RobustMutex mutex;
  Gate held;
  std::atomic<bool> waits{false};
  Gate go;
  const thread_t owner = Spawn([&] {
    EXPECT_EQ(mutex.Lock(), 0);
    held.Open();
    go.Wait();
  });
  held.Wait();
  const thread_t waiter = Spawn([&] {
    waits = true;
    EXPECT_EQ(mutex.Lock(), EOWNERDEAD);
    EXPECT_EQ(mutex.MakeConsistent(), 0);
    EXPECT_EQ(mutex.Unlock(), 0);
  });
  EXPECT_TRUE(Eventually([&] { return waits.load(); }));
  go.Open();
  Join(owner);
  Join(waiter);
}

TEST_P(PthreadRobustTest, SeveralOfACancelledThread) {
  RobustMutex mutexes[5];
  sema_t sema = DEFAULTSEMA;
  std::atomic<bool> holds{false};
  const thread_t id = Spawn([&] {
    for (RobustMutex& mutex : mutexes) EXPECT_EQ(mutex.Lock(), 0);
    EXPECT_EQ(mutexes[2].Unlock(), 0);
    holds = true;
    sema_wait(&sema);
  });
  EXPECT_TRUE(Eventually([&] { return holds.load(); }));
  EXPECT_EQ(pthread_cancel(AsHandle(id)), 0);
  Join(id);
  for (int i = 0; i < 5; ++i) {
    EXPECT_EQ(mutexes[i].Lock(), i == 2 ? 0 : EOWNERDEAD);
    if (i != 2) {
      EXPECT_EQ(mutexes[i].MakeConsistent(), 0);
    }
    EXPECT_EQ(mutexes[i].Unlock(), 0);
  }
}

// The list of a thread that has ended is not the next one's.
TEST_P(PthreadRobustTest, ReuseOfTheThreadIsClean) {
  for (int round = 0; round < 50; ++round) {
    RobustMutex left;
    RobustMutex kept;
    Join(Spawn([&] { EXPECT_EQ(left.Lock(), 0); }));
    Join(Spawn([&] {
      EXPECT_EQ(kept.Lock(), 0);
      thr_yield();
      EXPECT_EQ(kept.Unlock(), 0);
    }));
    EXPECT_EQ(kept.TryLock(), 0);
    EXPECT_EQ(kept.Unlock(), 0);
    EXPECT_EQ(left.TryLock(), EOWNERDEAD);
    EXPECT_EQ(left.MakeConsistent(), 0);
    EXPECT_EQ(left.Unlock(), 0);
  }
}

}  // namespace
}  // namespace lt
