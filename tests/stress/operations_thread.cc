// SPDX-License-Identifier: MIT
//
// Stress operations that make and join threads, and those on what belongs to
// one thread.

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <exception>
#include <memory>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "stress/world.h"

namespace lt::stress {
namespace {

struct ChildStart {
  uint64_t seed;
  std::function<void(Actor&)> body;
};

extern "C" void* RunChild(void* arg) {
  bool by_exit = false;
  {
    const std::unique_ptr<ChildStart> start(static_cast<ChildStart*>(arg));
    Actor actor(start->seed);
    start->body(actor);
    by_exit = actor.random().OneIn(2);
  }
  --world.live_children;
  LT_REQUIRE(sema_post(&world.children) == 0);
  if (by_exit) thr_exit(StatusOf(thr_self()));
  return StatusOf(thr_self());
}

size_t AnyStackSize(Random& random) {
  const size_t sizes[] = {0, 0, 64 << 10, 100'000, 256 << 10, 1 << 20};
  return sizes[random.Below(static_cast<int>(std::size(sizes)))];
}

long AnyKind(Random& random) {
  long flags = 0;
  if (random.OneIn(4)) flags |= THR_BOUND;
  if (random.OneIn(6)) flags |= THR_NEW_LWP;
  return flags;
}

void TakeRoomForChildren(int count) {
  for (int i = 0; i < count; ++i) LT_REQUIRE(sema_wait(&world.children) == 0);
}

// What a child does: a little of everything that cannot make threads.
void LiveShortly(Actor& actor) {
  static constexpr Operation kSmall[] = {
      {"child: mutex", UseMutex},
      {"child: semaphore", UseSemaphore},
      {"child: rwlock", UseRwlock},
      {"child: keys", UseKeys},
      {"child: libc", UseLibc},
      {"child: timed waits", UseTimedWaits},
      {"child: two mutexes", UseTwoMutexes},
  };
  const int operations = actor.random().Below(4);
  for (int i = 0; i < operations; ++i) {
    const Operation& operation =
        kSmall[actor.random().Below(static_cast<int>(std::size(kSmall)))];
    actor.Begin(operation.name);
    operation.run(actor);
  }
}

}  // namespace

void* StatusOf(thread_t id) {
  return reinterpret_cast<void*>(static_cast<uintptr_t>(id));
}

bool TryTakeRoomForChildren(int count) {
  for (int taken = 0; taken < count; ++taken) {
    if (sema_trywait(&world.children) != 0) {
      for (; taken > 0; --taken) LT_REQUIRE(sema_post(&world.children) == 0);
      return false;
    }
  }
  return true;
}

Child Spawn(Random& random, long flags, std::function<void(Actor&)> body) {
  auto start =
      std::make_unique<ChildStart>(ChildStart{random.Seed(), std::move(body)});
  Child child;
  child.joinable = (flags & (THR_DETACHED | THR_DAEMON)) == 0;
  ++world.live_children;
  if (child.joinable) ++world.joinable_made;
  const size_t stack_bytes = AnyStackSize(random);
  LT_REQUIRE(thr_create(nullptr, stack_bytes, RunChild, start.get(), flags,
                        &child.id) == 0);
  start.release();  // the child's
  if ((flags & THR_SUSPENDED) != 0) {
    Dawdle(random);
    LT_REQUIRE(thr_continue(child.id) == 0);
  }
  return child;
}

void JoinChild(const Child& child) {
  if (!child.joinable) {
    LT_REQUIRE(thr_join(child.id, nullptr, nullptr) == ESRCH);
    return;
  }
  thread_t departed = 0;
  void* status = nullptr;
  const int error = thr_join(child.id, &departed, &status);
  LT_REQUIRE(error == 0 || error == ESRCH);
  if (error != 0) return;
  LT_REQUIRE(departed == child.id);
  LT_REQUIRE(status == StatusOf(child.id));
  ++world.joined;
}

void* ReapUntilNobodyIsLeft(void*) {
  thread_t departed = 0;
  void* status = nullptr;
  int error = 0;
  while ((error = thr_join(0, &departed, &status)) == 0) {
    LT_REQUIRE(status == StatusOf(departed));
    ++world.joined;
  }
  // Only main is left, and waits for this thread.
  LT_REQUIRE(error == EDEADLK);
  LT_REQUIRE(world.live_workers == 0);
  return nullptr;
}

void MakeChild(Actor& actor) {
  Random& random = actor.random();
  TakeRoomForChildren(1);
  long flags = AnyKind(random);
  if (random.OneIn(4)) flags |= THR_DETACHED;
  if (random.OneIn(8)) flags |= THR_DAEMON;
  if (random.OneIn(4)) flags |= THR_SUSPENDED;
  const Child child = Spawn(random, flags, LiveShortly);
  Dawdle(random);
  // Otherwise it is left to the reaper.
  if (random.OneIn(2)) JoinChild(child);
}

// Two threads hand a ball over, with nobody else to wake them.
struct Table {
  mutex_t mutex = DEFAULTMUTEX;
  cond_t turned = DEFAULTCV;
  int turn = 0;  // under the mutex
  sema_t sides[2] = {DEFAULTSEMA, DEFAULTSEMA};
  int rounds = 0;
};

void PlayByCond(Table& table, int side) {
  LT_REQUIRE(mutex_lock(&table.mutex) == 0);
  for (int i = 0; i < table.rounds; ++i) {
    while (table.turn != side) {
      LT_REQUIRE(cond_wait(&table.turned, &table.mutex) == 0);
    }
    table.turn = 1 - side;
    LT_REQUIRE(cond_signal(&table.turned) == 0);
  }
  LT_REQUIRE(mutex_unlock(&table.mutex) == 0);
}

void PlayBySema(Table& table, int side) {
  for (int i = 0; i < table.rounds; ++i) {
    if (side == 0) LT_REQUIRE(sema_post(&table.sides[1]) == 0);
    LT_REQUIRE(sema_wait(&table.sides[side]) == 0);
    if (side == 1) LT_REQUIRE(sema_post(&table.sides[0]) == 0);
  }
}

void PlayPingPong(Actor& actor) {
  Random& random = actor.random();
  if (!TryTakeRoomForChildren(1)) return;
  Table table;
  table.rounds = 1 + random.Below(20);
  const auto play = random.OneIn(2) ? PlayByCond : PlayBySema;
  const Child child =
      Spawn(random, AnyKind(random), [&table, play](Actor& other) {
        other.Begin("child: ping-pong");
        play(table, 1);
      });
  play(table, 0);
  JoinChild(child);
}

// Several threads that all wait for the last one, some times over.
struct Barrier {
  mutex_t mutex = DEFAULTMUTEX;
  cond_t complete = DEFAULTCV;
  // All under the mutex.
  int parties = 0;
  int arrived = 0;
  int generation = 0;
};

void Meet(Barrier& barrier) {
  LT_REQUIRE(mutex_lock(&barrier.mutex) == 0);
  const int generation = barrier.generation;
  if (++barrier.arrived == barrier.parties) {
    barrier.arrived = 0;
    ++barrier.generation;
    LT_REQUIRE(cond_broadcast(&barrier.complete) == 0);
  }
  while (barrier.generation == generation) {
    LT_REQUIRE(cond_wait(&barrier.complete, &barrier.mutex) == 0);
  }
  LT_REQUIRE(mutex_unlock(&barrier.mutex) == 0);
}

void MeetAtBarrier(Actor& actor) {
  Random& random = actor.random();
  const int children = 1 + random.Below(6);
  const int rounds = 1 + random.Below(5);
  if (!TryTakeRoomForChildren(children)) return;
  Barrier barrier;
  barrier.parties = children + 1;
  std::vector<Child> made;
  for (int i = 0; i < children; ++i) {
    made.push_back(
        Spawn(random, AnyKind(random), [&barrier, rounds](Actor& other) {
          for (int round = 0; round < rounds; ++round) {
            other.Begin("child: barrier");
            Dawdle(other.random());
            Meet(barrier);
          }
        }));
  }
  for (int round = 0; round < rounds; ++round) Meet(barrier);
  LT_REQUIRE(barrier.generation == rounds);
  for (const Child& child : made) JoinChild(child);
}

// Each value says whose it is and under which key.
void UseKeys(Actor& actor) {
  Random& random = actor.random();
  for (int i = 0; i < 5; ++i) {
    const auto index = random.Below(static_cast<int>(World::kKeys));
    const thread_key_t key = world.keys[static_cast<size_t>(index)];
    const int64_t expected = int64_t{thr_self()} * 1000 + index;
    void* value = nullptr;
    LT_REQUIRE(thr_getspecific(key, &value) == 0);
    if (value != nullptr) {
      auto* box = static_cast<int64_t*>(value);
      LT_REQUIRE(*box == expected);
      if (!random.OneIn(3)) continue;
      LT_REQUIRE(thr_setspecific(key, nullptr) == 0);
      delete box;
      --world.boxes;
    } else {
      ++world.boxes;
      LT_REQUIRE(thr_setspecific(key, new int64_t(expected)) == 0);
    }
    Dawdle(random);
  }
}

// What libc and the C++ library keep per thread.
void UseLibc(Actor& actor) {
  Random& random = actor.random();
  const int code = 1000 + random.Below(100'000);
  errno = code;
  thr_yield();
  LT_REQUIRE(errno == code);

  const std::string what = std::to_string(code);
  bool caught = false;
  try {
    try {
      throw std::runtime_error(what);
    } catch (const std::exception&) {
      Dawdle(random);
      throw;
    }
  } catch (const std::runtime_error& error) {
    Dawdle(random);
    caught = error.what() == what;
  }
  LT_REQUIRE(caught);
  LT_REQUIRE(std::uncaught_exceptions() == 0);

  const auto size = static_cast<size_t>(1 + random.Below(100'000));
  const std::unique_ptr<char, decltype(&free)> block(
      static_cast<char*>(malloc(size)), &free);
  LT_REQUIRE(block != nullptr);
  memset(block.get(), code & 0x7f, size);
  Dawdle(random);
  LT_REQUIRE(block.get()[size - 1] == (code & 0x7f));
}

// A child that blocks where the library cannot see it until it is written to.
void UseKernel(Actor& actor) {
  Random& random = actor.random();
  // There the child would stop the writer with it.
  static const bool one_lwp = [] {
    const char* model = getenv("LIBTHREAD_MODEL");
    return model != nullptr && strcmp(model, "many-to-one") == 0;
  }();
  const Pipe pipe;
  if (one_lwp || !TryTakeRoomForChildren(1)) {
    LT_REQUIRE(RawWrite(pipe.in) == 1);
    LT_REQUIRE(RawRead(pipe.out) == 1);
  } else {
    const Child child = Spawn(random, AnyKind(random), [&](Actor& other) {
      other.Begin("child: read");
      LT_REQUIRE(RawRead(pipe.out) == 1);
    });
    Dawdle(random);
    LT_REQUIRE(RawWrite(pipe.in) == 1);
    JoinChild(child);
  }
  close(pipe.in);
  close(pipe.out);
}

void UseScheduling(Actor& actor) {
  Random& random = actor.random();
  const thread_t self = thr_self();
  const int priority = random.Below(3);
  LT_REQUIRE(thr_setprio(self, priority) == 0);
  for (int i = random.Below(5); i > 0; --i) thr_yield();
  int seen = -1;
  LT_REQUIRE(thr_getprio(self, &seen) == 0);
  LT_REQUIRE(seen == priority);
  LT_REQUIRE(thr_setprio(self, 128) == EINVAL);

  const std::string name = "actor " + std::to_string(self);
  char buffer[THREAD_NAME_MAX];
  LT_REQUIRE(thr_setname(self, name.c_str()) == 0);
  thr_yield();
  LT_REQUIRE(thr_getname(self, buffer, sizeof buffer) == 0);
  LT_REQUIRE(name == buffer);

  stack_t segment{};
  LT_REQUIRE(thr_stksegment(&segment) == 0);
  const auto high = reinterpret_cast<uintptr_t>(segment.ss_sp);
  const auto here = reinterpret_cast<uintptr_t>(&segment);
  LT_REQUIRE(here < high && here >= high - segment.ss_size);
  LT_REQUIRE(thr_self() == self);
  LT_REQUIRE(thr_getconcurrency() >= 1);
  LT_REQUIRE(thr_continue(self) == 0);
}

}  // namespace lt::stress
