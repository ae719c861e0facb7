// SPDX-License-Identifier: MIT
//
// Threads that do what they are told, and a look at their effective priorities.

#ifndef LIBTHREAD_TESTS_UNIT_ACTORS_H_
#define LIBTHREAD_TESTS_UNIT_ACTORS_H_

#include <gtest/gtest.h>
#include <pthread.h>
#include <synch.h>
#include <thread.h>
#include <time.h>

#include <atomic>
#include <functional>
#include <utility>

#include "sched/critical.h"
#include "sched/inherit.h"
#include "thread/registry.h"
#include "thread/runtime.h"

namespace lt {

enum class Make { kUnbound, kBound, kForeign };

inline constexpr int kHighest = kPriorities - 1;

struct TestMutex : mutex_t {
  explicit TestMutex(int type = LOCK_PRIO_INHERIT, int ceiling = 0)
      : mutex_t{} {
    EXPECT_EQ(mutex_init(this, type, &ceiling), 0);
  }
};

// The thread object; threads that are asked for do not end meanwhile.
inline Thread& Object(thread_t id) {
  Critical critical(Self());
  RegistryBucket& bucket = RegistryBucketOf(id);
  SpinLockHolder hold(bucket.lock);
  return *bucket.Find(id);
}

inline int Effective(thread_t id) {
  return Object(id).priority.load(std::memory_order_relaxed);
}

// 30 s turn a hang into a failure.
inline bool Eventually(const std::function<bool()>& condition) {
  const timespec pause{0, 100'000};
  for (int looks = 0; looks < 300'000; ++looks) {
    if (condition()) return true;
    nanosleep(&pause, nullptr);
  }
  return false;
}

inline bool Becomes(thread_t id, int priority) {
  return Eventually([=] { return Effective(id) == priority; });
}

// It sleeps for a mutex of a protocol.
inline bool Waits(thread_t id) {
  return Eventually([=] {
    const Thread& thread = Object(id);
    Critical critical(Self());
    SpinLockHolder hold(g_priority_lock);
    return thread.protocol_wait != nullptr;
  });
}

// A thread that does what it is told, one thing at a time, and ends with its
// object.
class Actor {
 public:
  Actor(Make make, int priority) {
    if (make == Make::kForeign) {
      EXPECT_EQ(pthread_create(&pthread_, nullptr, Run, this), 0);
      foreign_ = true;
    } else {
      EXPECT_EQ(thr_create(nullptr, 0, Run, this,
                           make == Make::kBound ? THR_BOUND : 0, nullptr),
                0);
    }
    EXPECT_TRUE(Eventually([this] { return id_ != 0; }));
    EXPECT_EQ(thr_setprio(id_, priority), 0);
  }
  ~Actor() { End(); }

  thread_t id() const { return id_; }
  int effective() const { return Effective(id_); }

  // Tells it something to do; Finish() waits until it is done.
  void Begin(std::function<void()> act) {
    Finish();
    act_ = std::move(act);
    done_ = false;
    EXPECT_EQ(sema_post(&told_), 0);
  }
  void Finish() {
    EXPECT_TRUE(Eventually([this] { return done_.load(); }));
  }
  void Do(std::function<void()> act) {
    Begin(std::move(act));
    Finish();
  }
  void Lock(mutex_t& m) {
    Do([&m] { EXPECT_EQ(mutex_lock(&m), 0); });
  }
  void Unlock(mutex_t& m) {
    Do([&m] { EXPECT_EQ(mutex_unlock(&m), 0); });
  }
  // Begins to lock it and sleeps.
  void WaitFor(mutex_t& m) {
    Begin([&m] { EXPECT_EQ(mutex_lock(&m), 0); });
    EXPECT_TRUE(Waits(id_));
  }
  void End() {
    if (id_ == 0) return;
    Finish();
    end_ = true;
    EXPECT_EQ(sema_post(&told_), 0);
    if (foreign_) {
      EXPECT_EQ(pthread_join(pthread_, nullptr), 0);
    } else {
      EXPECT_EQ(thr_join(id_, nullptr, nullptr), 0);
    }
    id_ = 0;
  }

 private:
  static void* Run(void* arg) {
    auto& self = *static_cast<Actor*>(arg);
    self.id_ = thr_self();
    for (;;) {
      EXPECT_EQ(sema_wait(&self.told_), 0);
      if (self.end_) return nullptr;
      self.act_();
      self.done_ = true;
    }
  }

  std::atomic<thread_t> id_{0};
  sema_t told_ = DEFAULTSEMA;
  std::function<void()> act_;
  std::atomic<bool> done_{true};
  std::atomic<bool> end_{false};
  bool foreign_ = false;
  pthread_t pthread_ = {};
};

}  // namespace lt

#endif  // LIBTHREAD_TESTS_UNIT_ACTORS_H_
