// SPDX-License-Identifier: MIT
//
// Threads that sleep in queues: the checker's SleepMachine
// (src/sync/machine.h). As in sched/sleepq.h, a thread enters the queue under
// the bucket's lock, lets go of the lock, and runs again when somebody who took
// it out makes it ready, or when it took itself out because its time was up.
//
// What is simpler here: every address has a bucket of its own, a lock's waiters
// do not spin, and threads have an LWP each.  What tells of something that no
// algorithm relies on (owners, depths) is no step.

#ifndef LIBTHREAD_TESTS_MODEL_SLEEPERS_H_
#define LIBTHREAD_TESTS_MODEL_SLEEPERS_H_

#include "base/list.h"
#include "machine.h"

namespace lt::model {

class SpinLock {
 public:
  void Lock(Place place = Place::Here()) { mutex_.lock(place.info()); }
  void Unlock(Place place = Place::Here()) {
    // No step of its own: others see no difference, but who waits for the lock.
    NoSwitch no_switch;
    mutex_.unlock(place.info());
  }

 private:
  rl::mutex mutex_;
};

class SpinLockHolder {
 public:
  explicit SpinLockHolder(SpinLock& lock) : lock_(lock) { lock_.Lock(); }
  ~SpinLockHolder() { lock_.Unlock(); }
  SpinLockHolder(const SpinLockHolder&) = delete;
  SpinLockHolder& operator=(const SpinLockHolder&) = delete;

 private:
  SpinLock& lock_;
};

// An atomic whose value and order nobody relies on: no step.
template <typename T>
class Hint {
 public:
  T load(std::memory_order) const { return value_; }
  void store(T value, std::memory_order) { value_ = value; }

 private:
  T value_ = T();
};

// What makes a sleeper run: each Post() ends one Wait().
class Token {
 public:
  void Post(Place place = Place::Here()) {
    rl::ctx().sched();
    NoSwitch no_switch;
    Require(there_.Newest() == 0, "a thread is made ready once", place);
    there_.exchange(1, std::memory_order_release, place);
    waiters_.WakeFirst(place);
  }
  // False when the time was up.
  bool Wait(bool timed, Place place = Place::Here()) {
    while (there_.Newest() == 0) {
      if (!waiters_.Wait(timed, place)) return false;
    }
    NoSwitch no_switch;
    there_.exchange(0, std::memory_order_acquire, place);
    return true;
  }

 private:
  Atomic<int> there_{0};
  Waiters waiters_;
};

struct Bucket;

struct Thread {
  uint64_t tag = 0;
  int priority = 0;
  Thread* next = nullptr;
  const void* address = nullptr;  // where it sleeps
  int wait_key = 0;
  int wait_result = 0;
  bool wait_timed = false;
  void* wait_arg = nullptr;
  Hint<uint32_t> requests;
  int critical = 0;
  Token token;
};

struct Bucket {
  SpinLock lock;

  Thread* First(const void* address) {
    return Weakened("sleepers are seen") ? nullptr : Find(address);
  }
  Thread* TakeFirst(const void* address) {
    Thread* first = Find(address);
    if (first != nullptr) Remove(*first);
    return first;
  }
  // The order where QUEUE_FIFO is not set.
  Thread* Next(const void* address) { return First(address); }
  Thread* TakeNext(const void* address) { return TakeFirst(address); }
  // Larger keys first, first come first served within one.
  void Insert(Thread& thread, const void* address, int key) {
    guarded_.Set(0);
    thread.address = address;
    thread.wait_key = key;
    Thread* inserted = &thread;
    for (Thread*& sleeper : sleepers_) {
      if (sleeper == nullptr || sleeper->wait_key < inserted->wait_key) {
        std::swap(sleeper, inserted);
      }
      if (inserted == nullptr) return;
    }
    Require(false, "there are not so many threads");
  }
  void Remove(Thread& thread) {
    guarded_.Set(0);
    thread.address = nullptr;
    Thread** to = sleepers_;
    for (Thread*& sleeper : sleepers_) {
      Thread* const stays = sleeper != &thread ? sleeper : nullptr;
      sleeper = nullptr;
      if (stays != nullptr) *to++ = stays;
    }
  }

 private:
  static constexpr int kMost = 4;

  Thread* Find(const void* address) {
    guarded_.Set(0);
    for (Thread* sleeper : sleepers_) {
      if (sleeper != nullptr && sleeper->address == address) return sleeper;
    }
    return nullptr;
  }

  Thread* sleepers_[kMost] = {};
  Plain<int> guarded_{0};  // the checker sees who comes without the lock
};

// A counter that a thread raises before it sleeps; weakened, after it has
// entered the queue and let go of all it held.
struct Counter : Atomic<uint32_t> {
  using Atomic<uint32_t>::Atomic;
  uint32_t fetch_add(uint32_t value, std::memory_order order,
                     Place place = Place::Here());
};
struct Late {
  void Add() {
    if (counter == nullptr) return;
    Counter& raised = *counter;
    counter = nullptr;
    raised.Atomic<uint32_t>::fetch_add(1, std::memory_order_relaxed);
  }
  Counter* counter = nullptr;
};

// The threads and buckets of one run.
struct World {
  World() {
    g_world = this;
    for (int i = 0; i < kThreads; ++i) threads[i].tag = i + 1;
  }
  static constexpr int kThreads = 3;
  static constexpr int kBuckets = 2;
  static inline World* g_world;

  Thread threads[kThreads];
  Bucket buckets[kBuckets];
  const void* addresses[kBuckets] = {};
  Late late;
};

inline uint32_t Counter::fetch_add(uint32_t value, std::memory_order order,
                                   Place place) {
  if (!Weakened("counters are raised first")) {
    return Atomic<uint32_t>::fetch_add(value, order, place);
  }
  World::g_world->late.counter = this;
  return Newest();
}

inline Thread& Self() {
  return World::g_world->threads[rl::thread_index()];
}

// Critical sections are what signals make a difference to.
inline void EnterCritical(Thread& self) {
  ++self.critical;
}
inline void LeaveCritical(Thread& self) {
  --self.critical;
}

// Nobody sends signals.
inline uint32_t HandlersRun(const Thread&) {
  return 0;
}
inline void TestCancel(const Thread&) {}

class Critical {
 public:
  explicit Critical(Thread& self) : self_(self) { EnterCritical(self_); }
  ~Critical() { LeaveCritical(self_); }
  Critical(const Critical&) = delete;
  Critical& operator=(const Critical&) = delete;

 private:
  Thread& self_;
};

inline Bucket& BucketOf(const void* address) {
  World& world = *World::g_world;
  for (int i = 0; i < World::kBuckets; ++i) {
    if (world.addresses[i] == nullptr) world.addresses[i] = address;
    if (world.addresses[i] == address) return world.buckets[i];
  }
  Require(false, "there are not so many addresses");
  return world.buckets[0];
}

inline Bucket& AnnounceSleep(Thread&, const void* address) {
  return BucketOf(address);
}

inline int WaitKey(const Thread& thread) {
  return 2 * thread.priority;
}

inline void Ready(Thread& thread) {
  thread.token.Post();
}

struct AfterSleep {
  void (*run)(void*) = nullptr;
  void* arg = nullptr;
};

inline int SleepOn(Thread& self, Bucket& bucket, const void* address, int key,
                   Deadline deadline, AfterSleep after = {}) {
  self.wait_result = 0;
  self.wait_timed = !deadline.never();
  if (Weakened("sleepers enter the queue first")) {
    bucket.lock.Unlock();
    if (after.run != nullptr) after.run(after.arg);
    bucket.lock.Lock();
    bucket.Insert(self, address, key);
    bucket.lock.Unlock();
  } else {
    bucket.Insert(self, address, key);
    bucket.lock.Unlock();
    if (after.run != nullptr) after.run(after.arg);
  }
  World::g_world->late.Add();
  if (self.token.Wait(self.wait_timed)) return self.wait_result;
  // The time is up, but somebody may have taken it out since.
  bucket.lock.Lock();
  const bool sleeps = self.address != nullptr;
  if (sleeps) bucket.Remove(self);
  bucket.lock.Unlock();
  if (sleeps) return ETIME;
  self.token.Wait(false);
  return Weakened("who was woken is not late") ? ETIME : self.wait_result;
}

struct SleepMachine : Machine {
  struct Mutex {
    uint8_t type = 0;
    uint8_t depth = 0;
    Atomic<uint32_t> word{0};
    Hint<uint64_t> owner;
  };
  struct Cond {
    Counter waiters{0};
    uint16_t type = 0;
  };
  struct Rwlock {
    Atomic<uint32_t> word{0};
    Hint<uint64_t> owner;
  };
  struct Sema {
    Atomic<uint64_t> word{0};
  };
  using Thread = model::Thread;
  using Bucket = model::Bucket;
  using LockHolder = model::SpinLockHolder;
  using Critical = model::Critical;

  static Bucket& BucketOf(const void* address) {
    return model::BucketOf(address);
  }

  // Nobody watches.
  template <typename... Args>
  static void WaitGoesOn(Args&&...) {}
  static AfterSleep AfterQueued(Thread&) { return {}; }
};

}  // namespace lt::model

#endif  // LIBTHREAD_TESTS_MODEL_SLEEPERS_H_
