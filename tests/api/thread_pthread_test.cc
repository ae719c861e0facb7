// SPDX-License-Identifier: MIT
//
// POSIX and C++ threads in one program with ours: pthread_self(), pthread keys,
// pthread mutexes held over switches, std::thread and std::mutex.
//
// In many-to-one a call that blocks blocks every unbound thread, so a mutex
// that is held over a thr_yield() must be asked for with trylock there.

#include <errno.h>
#include <pthread.h>

#include <condition_variable>
#include <cstdint>
#include <mutex>
#include <set>
#include <vector>

#include "support/fixture.h"

namespace lt {
namespace {

using ThreadPthreadTest = ApiTest;
LT_OVER_KINDS(ThreadPthreadTest);

constexpr int kThreads = 16;
constexpr int kTurns = 50;

void* AsValue(uintptr_t value) {
  return reinterpret_cast<void*>(value);
}

class PthreadMutex {
 public:
  explicit PthreadMutex(int type) {
    pthread_mutexattr_t attributes;
    pthread_mutexattr_init(&attributes);
    EXPECT_EQ(pthread_mutexattr_settype(&attributes, type), 0);
    EXPECT_EQ(pthread_mutex_init(&mutex_, &attributes), 0);
    pthread_mutexattr_destroy(&attributes);
  }
  PthreadMutex(const PthreadMutex&) = delete;
  PthreadMutex& operator=(const PthreadMutex&) = delete;
  ~PthreadMutex() { EXPECT_EQ(pthread_mutex_destroy(&mutex_), 0); }

  void Lock() {
    if (ModelName() != "many-to-one") {
      EXPECT_EQ(pthread_mutex_lock(&mutex_), 0);
      return;
    }
    int error = 0;
    while ((error = TryLock()) == EBUSY) thr_yield();
    EXPECT_EQ(error, 0);
  }
  int TryLock() { return pthread_mutex_trylock(&mutex_); }
  int Unlock() { return pthread_mutex_unlock(&mutex_); }
  pthread_mutex_t* get() { return &mutex_; }

 private:
  pthread_mutex_t mutex_;
};

TEST_P(ThreadPthreadTest, PthreadSelfIsDistinctAndStable) {
  std::vector<pthread_t> handles(kThreads);
  std::atomic<int> arrived{0};
  std::atomic<int> wrong{0};
  RunThreads(kThreads, [&](int i) {
    const pthread_t self = pthread_self();
    handles[static_cast<size_t>(i)] = self;
    ++arrived;
    EXPECT_TRUE(Eventually([&] { return arrived == kThreads; }));
    for (int turn = 0; turn < kTurns; ++turn) {
      thr_yield();
      if (!pthread_equal(pthread_self(), self)) ++wrong;
    }
  });
  std::set<pthread_t> distinct(handles.begin(), handles.end());
  distinct.insert(pthread_self());
  EXPECT_EQ(distinct.size(), static_cast<size_t>(kThreads) + 1);
  EXPECT_EQ(wrong, 0);
  // No real handle may be taken for a thread_t.
  for (const pthread_t handle : distinct) EXPECT_GT(handle, UINT32_MAX);
}

std::atomic<int> destroyed{0};

extern "C" void CountDestruction(void*) {
  ++destroyed;
}

TEST_P(ThreadPthreadTest, PthreadKeysAreDestroyedAtExit) {
  pthread_key_t key = 0;
  ASSERT_EQ(pthread_key_create(&key, CountDestruction), 0);
  for (int generation = 0; generation < 3; ++generation) {
    destroyed = 0;
    std::atomic<int> wrong{0};
    RunThreads(kThreads, [&](int i) {
      const auto mine = AsValue(static_cast<uintptr_t>(i) + 1);
      if (pthread_getspecific(key) != nullptr) ++wrong;
      EXPECT_EQ(pthread_setspecific(key, mine), 0);
      for (int turn = 0; turn < kTurns; ++turn) {
        thr_yield();
        if (pthread_getspecific(key) != mine) ++wrong;
      }
      if (i % 2 == 0) thr_exit(nullptr);
    });
    EXPECT_EQ(wrong, 0);
    EXPECT_EQ(destroyed, kThreads);
  }
  EXPECT_EQ(pthread_key_delete(key), 0);
}

TEST_P(ThreadPthreadTest, PthreadKeysOfTheSecondLevelWorkToo) {
  // glibc keeps the first 32 keys inside the control block, others beside it.
  std::vector<pthread_key_t> keys(64);
  for (auto& key : keys) {
    ASSERT_EQ(pthread_key_create(&key, CountDestruction), 0);
  }
  destroyed = 0;
  RunThreads(kThreads, [&](int) {
    for (const pthread_key_t key : keys) {
      EXPECT_EQ(pthread_getspecific(key), nullptr);
      EXPECT_EQ(pthread_setspecific(key, AsValue(key + 1)), 0);
    }
    thr_yield();
    for (const pthread_key_t key : keys) {
      EXPECT_EQ(pthread_getspecific(key), AsValue(key + 1));
    }
  });
  EXPECT_EQ(destroyed, kThreads * 64);
  for (const pthread_key_t key : keys) EXPECT_EQ(pthread_key_delete(key), 0);
}

TEST_P(ThreadPthreadTest, ARecursiveMutexIsHeldOverSwitches) {
  PthreadMutex mutex(PTHREAD_MUTEX_RECURSIVE);
  int inside = 0;
  int64_t total = 0;
  std::atomic<int> wrong{0};
  RunThreads(kThreads, [&](int) {
    for (int turn = 0; turn < kTurns; ++turn) {
      mutex.Lock();
      if (++inside != 1) ++wrong;
      thr_yield();
      // The owner is let in at once, wherever it runs by now.
      if (mutex.TryLock() != 0) ++wrong;
      ++total;
      thr_yield();
      if (mutex.Unlock() != 0) ++wrong;
      if (--inside != 0) ++wrong;
      if (mutex.Unlock() != 0) ++wrong;
      thr_yield();
    }
  });
  EXPECT_EQ(total, int64_t{kThreads} * kTurns);
  EXPECT_EQ(wrong, 0);
}

// ThreadSanitizer reports each of the unlocks that are to be refused.
#ifndef __SANITIZE_THREAD__
TEST_P(ThreadPthreadTest, AnErrorCheckingMutexKnowsItsOwner) {
  PthreadMutex mutex(PTHREAD_MUTEX_ERRORCHECK);
  std::atomic<int> wrong{0};
  std::atomic<int> strangers{0};
  int64_t total = 0;
  RunThreads(kThreads, [&](int) {
    for (int turn = 0; turn < kTurns; ++turn) {
      if (mutex.Unlock() != EPERM) {
        ++wrong;
      } else {
        ++strangers;
      }
      mutex.Lock();
      thr_yield();
      if (pthread_mutex_lock(mutex.get()) != EDEADLK) ++wrong;
      ++total;
      thr_yield();
      if (mutex.Unlock() != 0) ++wrong;
    }
  });
  EXPECT_EQ(wrong, 0);
  EXPECT_EQ(strangers, kThreads * kTurns);
  EXPECT_EQ(total, int64_t{kThreads} * kTurns);
}
#endif

TEST_P(ThreadPthreadTest, StdMutexExcludesOursAndForeignThreads) {
  std::mutex mutex;
  int64_t total = 0;
  const auto add = [&] {
    for (int i = 0; i < 2000; ++i) {
      const std::lock_guard lock(mutex);
      ++total;
    }
  };
  ForeignThread first(add);
  ForeignThread second(add);
  RunThreads(kThreads, [&](int) {
    add();
    thr_yield();
  });
  first.Join();
  second.Join();
  EXPECT_EQ(total, (kThreads + 2) * 2000);
}

TEST_P(ThreadPthreadTest, OurMutexExcludesOursAndForeignThreads) {
  mutex_t mutex = DEFAULTMUTEX;
  int64_t total = 0;
  const auto add = [&] {
    for (int i = 0; i < 1000; ++i) {
      EXPECT_EQ(mutex_lock(&mutex), 0);
      ++total;
      if (i % 50 == 0) thr_yield();
      EXPECT_EQ(mutex_unlock(&mutex), 0);
    }
  };
  ForeignThread first(add);
  ForeignThread second(add);
  RunThreads(kThreads, [&](int) { add(); });
  first.Join();
  second.Join();
  EXPECT_EQ(total, (kThreads + 2) * 1000);
}

TEST_P(ThreadPthreadTest, AStdConditionVariableWakesOurThreads) {
  std::mutex mutex;
  std::condition_variable ready;
  int items = 0;
  std::atomic<int> taken{0};
  // The producer is foreign: in many-to-one a consumer that waits here blocks
  // every other unbound thread.
  ForeignThread producer([&] {
    for (int i = 0; i < kThreads; ++i) {
      {
        const std::lock_guard lock(mutex);
        ++items;
      }
      ready.notify_one();
    }
  });
  RunThreads(kThreads, [&](int) {
    std::unique_lock lock(mutex);
    ready.wait(lock, [&] { return items > 0; });
    --items;
    ++taken;
  });
  producer.Join();
  EXPECT_EQ(taken, kThreads);
  EXPECT_EQ(items, 0);
}

TEST_P(ThreadPthreadTest, OnceRunsOnceAndInOneThread) {
  std::once_flag once;
  std::atomic<int> runs{0};
  RunThreads(kThreads, [&](int) {
    std::call_once(once, [&] { ++runs; });
    EXPECT_EQ(runs, 1);
  });
  EXPECT_EQ(runs, 1);
}

TEST_P(ThreadPthreadTest, OurThreadsMayMakeForeignOnes) {
  std::atomic<int> ran{0};
  RunThreads(8, [&](int) {
    std::vector<std::thread> foreign;
    for (int i = 0; i < 3; ++i) foreign.emplace_back([&] { ++ran; });
    for (std::thread& thread : foreign) thread.join();
  });
  EXPECT_EQ(ran, 24);
}

TEST_P(ThreadPthreadTest, ForeignThreadsMayMakeOurs) {
  std::atomic<int> ran{0};
  ForeignThread([&] { RunThreads(20, [&](int) { ++ran; }); }).Join();
  EXPECT_EQ(ran, 20);
}

}  // namespace
}  // namespace lt
