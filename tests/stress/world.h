// SPDX-License-Identifier: MIT
//
// The random stress test: what its threads share.
//
// Workers carry out random operations until the time is up.  An operation takes
// objects of the world or makes its own, may make threads, and checks what must
// hold: who is inside alone, what was counted, what a timed wait said.  Where a
// wait has no time limit, somebody is bound to end it, so that a lost wakeup
// shows as a worker that never comes back: the watchdog then says what each
// thread was doing and ends the process.
//
// Nothing here spins for another thread: in many-to-one, or with a thread of a
// higher priority, that would be a hang of the test's own making.

#ifndef LIBTHREAD_TESTS_STRESS_WORLD_H_
#define LIBTHREAD_TESTS_STRESS_WORLD_H_

#include <synch.h>
#include <thread.h>

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <random>

#include "programs/check.h"

namespace lt::stress {

class Random {
 public:
  explicit Random(uint64_t seed) : engine_(seed) {}
  // 0 to limit - 1.
  int Below(int limit) {
    return static_cast<int>(engine_() % static_cast<uint64_t>(limit));
  }
  bool OneIn(int n) { return Below(n) == 0; }
  uint64_t Seed() { return engine_(); }

 private:
  std::mt19937_64 engine_;
};

// A counter that its mutex keeps whole.
struct GuardedCounter {
  mutex_t mutex;
  int type = 0;
  // Both under the mutex.
  thread_t owner = 0;
  int64_t value = 0;
  // What the value must be in the end.
  std::atomic<int64_t> added{0};
};

// A bounded buffer that the balancer keeps from being empty or full for good.
struct Buffer {
  static constexpr int kRoom = 6;
  mutex_t mutex = DEFAULTMUTEX;
  cond_t not_empty = DEFAULTCV;
  cond_t not_full = DEFAULTCV;
  cond_t next_round = DEFAULTCV;
  // All under the mutex.
  int level = 0;
  int64_t put = 0;
  int64_t taken = 0;
  uint64_t round = 0;
};

// Readers see two equal numbers, writers change both.
struct Twins {
  rwlock_t lock = DEFAULTRWLOCK;
  int64_t first = 0;
  int64_t second = 0;
  std::atomic<int> readers{0};
  std::atomic<int> writers{0};
};

// A semaphore that lets so many in.
struct Room {
  static constexpr int kSeats = 3;
  sema_t seats;
  std::atomic<int> inside{0};
};

// What a thread is doing, for the watchdog's report.
struct Activity {
  std::atomic<bool> used{false};
  std::atomic<thread_t> id{0};
  std::atomic<const char*> doing{nullptr};
  std::atomic<uint64_t> operations{0};
};

struct World {
  static constexpr size_t kKeys = 40;
  static constexpr size_t kMostThreads = 256;
  // Threads made by operations that may live at once.
  static constexpr unsigned kMostChildren = 48;

  std::array<GuardedCounter, 8> counters;
  std::array<Buffer, 2> buffers;
  std::array<Twins, 3> twins;
  std::array<Room, 2> rooms;
  std::array<thread_key_t, kKeys> keys;
  std::atomic<int> boxes{0};  // values of keys that nobody destroyed yet

  sema_t children = DEFAULTSEMA;  // how many more may be made
  std::atomic<int> live_children{0};
  std::atomic<int> live_workers{0};
  std::atomic<int64_t> joinable_made{0};
  std::atomic<int64_t> joined{0};

  std::atomic<bool> stop{false};
  std::atomic<uint64_t> operations{0};
  std::atomic<const char*> stage{"start"};  // what main is about
  std::array<Activity, kMostThreads> activities;
};

extern World world;

// A thread of the test: its random numbers and its line in the report.
class Actor {
 public:
  explicit Actor(uint64_t seed);
  Actor(const Actor&) = delete;
  Actor& operator=(const Actor&) = delete;
  ~Actor();

  Random& random() { return random_; }
  // Says what comes next and counts it.
  void Begin(const char* what);

 private:
  Random random_;
  Activity* activity_;
};

struct Operation {
  const char* name;
  void (*run)(Actor& actor);
};

// The operations of each file.
void UseMutex(Actor& actor);
void UseTwoMutexes(Actor& actor);
void UseBuffer(Actor& actor);
void UseRwlock(Actor& actor);
void UseSemaphore(Actor& actor);
void UseTimedWaits(Actor& actor);
void UseKeys(Actor& actor);
void UseLibc(Actor& actor);
void UseKernel(Actor& actor);
void UseScheduling(Actor& actor);
void MakeChild(Actor& actor);
void PlayPingPong(Actor& actor);
void MeetAtBarrier(Actor& actor);
void SendSignals(Actor& actor);
void UseSuspension(Actor& actor);

// Loses time in one of the ways in which a thread can: not at all, with a
// yield, in the kernel.
void Dawdle(Random& random);

void InitWorld();
// Those of SendSignals.
void InstallHandlers();
// Fails where a sum is not right at the end.
void CheckWorld();

// Takes the room of so many children; false when there is not that much now.
bool TryTakeRoomForChildren(int count);

// Makes a thread that runs `body` with an actor of its own, counted among the
// children.  The caller makes room first (world.children).  Returns its id and
// whether it can be joined.
struct Child {
  thread_t id = 0;
  bool joinable = false;
};
Child Spawn(Random& random, long flags, std::function<void(Actor&)> body);
// Joins it, unless the reaper was quicker.
void JoinChild(const Child& child);

// Joins whatever can be joined until nothing is left.
void* ReapUntilNobodyIsLeft(void*);

// Gives the buffers what they need: for a bound thread.
void* BalanceBuffers(void*);

// What a thread of the test that can be joined leaves: its id, so that the
// joiner can check it.
void* StatusOf(thread_t id);

// Ends the process with a report when no operation ends for `patience_s`, or
// when the test is not over after `limit_s`.
void StartWatchdog(int patience_s, int limit_s);

}  // namespace lt::stress

#endif  // LIBTHREAD_TESTS_STRESS_WORLD_H_
