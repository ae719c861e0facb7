// SPDX-License-Identifier: MIT
//
// usage: shared_herd [--seed=N] [--rounds=N] [--models=MODEL,…]
//
// Processes of several models use the same mutexes, condition variables,
// semaphores and readers/writer locks.  The main thread of each takes part, and
// threads of all kinds; members of the model "plain" have pthreads only.  No
// count is lost, no one is inside who must not be, and everyone comes to the
// end.

#include <errno.h>
#include <signal.h>
#include <stdio.h>

#include <array>
#include <atomic>

#include "programs/check.h"
#include "programs/herd.h"

namespace {

using lt::Dice;
using lt::WorkerKind;

constexpr int kMembers = 4;
const std::vector<WorkerKind> kKinds = {WorkerKind::kMain, WorkerKind::kUnbound,
                                        WorkerKind::kBound,
                                        WorkerKind::kPthread};
constexpr int kWorkersEach = 4;
constexpr int kWorkers = kMembers * kWorkersEach;
constexpr long kItems = 60;  // of each worker, in each phase
constexpr long kCells = 5;

// What goes through from the even workers to the odd ones.
struct Queue {
  long cells[kCells];
  long written;
  long read;

  void Put(long item) {
    LT_REQUIRE(written - read < kCells);
    cells[written++ % kCells] = item;
  }
  long Take() {
    LT_REQUIRE(written > read);
    return cells[read++ % kCells];
  }
};

struct Arena {
  // Counters, one for each type of mutex.
  struct Counter {
    mutex_t mutex;
    long value;
    std::atomic<int> inside;
  };
  std::array<Counter, 4> counters;
  // A queue with condition variables, one with semaphores.
  mutex_t queue_mutex;
  cond_t not_full;
  cond_t not_empty;
  Queue queue;
  sema_t free_cells;
  sema_t full_cells;
  sema_t pipe_guard;
  Queue pipe;
  std::atomic<long> put;
  std::atomic<long> taken;
  // Data under a readers/writer lock.
  rwlock_t rw;
  std::array<long, 6> numbers;
  std::atomic<long> writes;
  // The barrier between the phases.
  mutex_t barrier_mutex;
  cond_t barrier;
  int arrived;
  long generation;
};

constexpr int kTypes[] = {USYNC_PROCESS, USYNC_PROCESS | LOCK_ERRORCHECK,
                          USYNC_PROCESS | LOCK_RECURSIVE,
                          USYNC_PROCESS | LOCK_RECURSIVE | LOCK_ERRORCHECK};

void Init(Arena& arena) {
  for (size_t i = 0; i < arena.counters.size(); ++i) {
    LT_REQUIRE(mutex_init(&arena.counters[i].mutex, kTypes[i], nullptr) == 0);
  }
  LT_REQUIRE(mutex_init(&arena.queue_mutex, USYNC_PROCESS, nullptr) == 0);
  LT_REQUIRE(cond_init(&arena.not_full, USYNC_PROCESS, nullptr) == 0);
  LT_REQUIRE(cond_init(&arena.not_empty, USYNC_PROCESS, nullptr) == 0);
  LT_REQUIRE(sema_init(&arena.free_cells, kCells, USYNC_PROCESS, nullptr) == 0);
  LT_REQUIRE(sema_init(&arena.full_cells, 0, USYNC_PROCESS, nullptr) == 0);
  LT_REQUIRE(sema_init(&arena.pipe_guard, 1, USYNC_PROCESS, nullptr) == 0);
  LT_REQUIRE(rwlock_init(&arena.rw, USYNC_PROCESS, nullptr) == 0);
  LT_REQUIRE(mutex_init(&arena.barrier_mutex, USYNC_PROCESS, nullptr) == 0);
  LT_REQUIRE(cond_init(&arena.barrier, USYNC_PROCESS, nullptr) == 0);
}

// A wait that may end early for any reason that cond_wait(3) allows.
void Wait(cond_t* c, mutex_t* m, Dice& dice) {
  if (dice.OneIn(4)) {
    const timespec_t interval = {0, 1000L * dice.Below(200)};
    const int error = cond_reltimedwait(c, m, &interval);
    LT_REQUIRE(error == 0 || error == ETIME || error == EINTR);
  } else {
    const int error = cond_wait(c, m);
    LT_REQUIRE(error == 0 || error == EINTR);
  }
}

void WaitFor(sema_t* s, Dice& dice) {
  for (;;) {
    int error = EBUSY;
    if (dice.OneIn(4)) {
      const timespec_t interval = {0, 1000L * dice.Below(200)};
      error = sema_reltimedwait(s, &interval);
      LT_REQUIRE(error == 0 || error == ETIME || error == EINTR);
    } else {
      error = sema_wait(s);
      LT_REQUIRE(error == 0 || error == EINTR);
    }
    if (error == 0) return;
  }
}

// Gives others an opportunity where they must not have one.
void Linger(Dice& dice) {
  if (dice.OneIn(8)) thr_yield();
  if (dice.OneIn(64)) {
    const timespec pause = {0, 1000L * dice.Below(50)};
    nanosleep(&pause, nullptr);
  }
}

void Count(Arena& arena, Dice& dice) {
  for (long i = 0; i < kItems; ++i) {
    const auto which = static_cast<size_t>(dice.Below(4));
    Arena::Counter& counter = arena.counters[which];
    int error = EBUSY;
    if (dice.OneIn(4)) error = mutex_trylock(&counter.mutex);
    if (error == EBUSY) error = mutex_lock(&counter.mutex);
    LT_REQUIRE(error == 0);
    LT_REQUIRE(MUTEX_HELD(&counter.mutex));
    const bool twice = which >= 2 && dice.OneIn(2);
    if (twice) LT_REQUIRE(mutex_lock(&counter.mutex) == 0);
    LT_REQUIRE(counter.inside.exchange(1) == 0);
    const long before = counter.value;
    Linger(dice);
    counter.value = before + 1;
    LT_REQUIRE(counter.inside.exchange(0) == 1);
    if (twice) LT_REQUIRE(mutex_unlock(&counter.mutex) == 0);
    LT_REQUIRE(mutex_unlock(&counter.mutex) == 0);
  }
}

void UseQueue(Arena& arena, int worker, Dice& dice) {
  for (long i = 1; i <= kItems; ++i) {
    LT_REQUIRE(mutex_lock(&arena.queue_mutex) == 0);
    if (worker % 2 == 0) {
      while (arena.queue.written - arena.queue.read == kCells) {
        Wait(&arena.not_full, &arena.queue_mutex, dice);
      }
      arena.queue.Put(i * worker);
      arena.put += i * worker;
      LT_REQUIRE(cond_signal(&arena.not_empty) == 0);
    } else {
      while (arena.queue.written == arena.queue.read) {
        Wait(&arena.not_empty, &arena.queue_mutex, dice);
      }
      arena.taken += arena.queue.Take();
      LT_REQUIRE(cond_signal(&arena.not_full) == 0);
    }
    LT_REQUIRE(mutex_unlock(&arena.queue_mutex) == 0);
    Linger(dice);
  }
}

void UsePipe(Arena& arena, int worker, Dice& dice) {
  const bool puts = worker % 2 == 0;
  for (long i = 1; i <= kItems; ++i) {
    WaitFor(puts ? &arena.free_cells : &arena.full_cells, dice);
    WaitFor(&arena.pipe_guard, dice);
    if (puts) {
      arena.pipe.Put(i * worker);
      arena.put += i * worker;
    } else {
      arena.taken += arena.pipe.Take();
    }
    LT_REQUIRE(sema_post(&arena.pipe_guard) == 0);
    LT_REQUIRE(sema_post(puts ? &arena.full_cells : &arena.free_cells) == 0);
    Linger(dice);
  }
}

void ReadAndWrite(Arena& arena, Dice& dice) {
  for (long i = 0; i < kItems; ++i) {
    const bool write = dice.OneIn(4);
    int error = EBUSY;
    if (dice.OneIn(4)) {
      error = write ? rw_trywrlock(&arena.rw) : rw_tryrdlock(&arena.rw);
    }
    if (error == EBUSY) {
      error = write ? rw_wrlock(&arena.rw) : rw_rdlock(&arena.rw);
    }
    LT_REQUIRE(error == 0);
    const long first = arena.numbers[0];
    if (write) {
      ++arena.writes;
      for (size_t n = 0; n < arena.numbers.size(); ++n) {
        LT_REQUIRE(arena.numbers[n] == first);
        arena.numbers[n] = first + 1;
        if (n == 2) Linger(dice);
      }
    } else {
      Linger(dice);
      for (const long number : arena.numbers) LT_REQUIRE(number == first);
    }
    LT_REQUIRE(rw_unlock(&arena.rw) == 0);
  }
}

void MeetOthers(Arena& arena, Dice& dice) {
  LT_REQUIRE(mutex_lock(&arena.barrier_mutex) == 0);
  const long generation = arena.generation;
  if (++arena.arrived == kWorkers) {
    arena.arrived = 0;
    ++arena.generation;
    LT_REQUIRE(cond_broadcast(&arena.barrier) == 0);
  }
  while (arena.generation == generation) {
    Wait(&arena.barrier, &arena.barrier_mutex, dice);
  }
  LT_REQUIRE(mutex_unlock(&arena.barrier_mutex) == 0);
}

int BeMember(const lt::MemberArguments& member) {
  Dice dice(member.seed);
  auto& arena =
      *static_cast<Arena*>(lt::MapMemory(member.fd, sizeof(Arena), dice));
  std::array<uint64_t, kWorkersEach> seeds;
  for (uint64_t& seed : seeds) seed = dice.Next();
  lt::RunWorkers(kKinds, member.plain, [&](int index) {
    Dice own(seeds[static_cast<size_t>(index)]);
    // Each process has as many that put as that take.
    const int worker = member.index * kWorkersEach + index;
    Count(arena, own);
    MeetOthers(arena, own);
    UseQueue(arena, worker, own);
    MeetOthers(arena, own);
    UsePipe(arena, worker, own);
    MeetOthers(arena, own);
    ReadAndWrite(arena, own);
    MeetOthers(arena, own);
  });
  return 0;
}

void Check(const Arena& arena) {
  long count = 0;
  for (const Arena::Counter& counter : arena.counters) count += counter.value;
  LT_REQUIRE(count == kWorkers * kItems);
  LT_REQUIRE(arena.put == arena.taken);
  LT_REQUIRE(arena.queue.written == kWorkers / 2 * kItems);
  LT_REQUIRE(arena.queue.read == arena.queue.written);
  LT_REQUIRE(arena.pipe.read == arena.pipe.written);
  LT_REQUIRE(arena.free_cells.count == kCells);
  LT_REQUIRE(arena.full_cells.count == 0);
  for (const long number : arena.numbers) LT_REQUIRE(number == arena.writes);
  LT_REQUIRE(arena.generation == 4);
}

}  // namespace

int main(int argc, char** argv) {
  const lt::MemberArguments member = lt::ParseMember(argc, argv);
  if (member.index >= 0) return BeMember(member);
  Dice dice(lt::SeedOption(argc, argv));
  const std::vector<std::string> models = lt::ModelsOption(argc, argv);
  const long rounds = lt::Option(argc, argv, "rounds", 20);
  for (long round = 0; round < rounds; ++round) {
    lt::SetDeadline(60, "a round of the herd");
    const lt::HerdMemory memory = lt::MakeMemory(sizeof(Arena));
    Arena& arena = *static_cast<Arena*>(memory.address);
    Init(arena);
    std::vector<pid_t> members;
    for (int i = 0; i < kMembers; ++i) {
      lt::MemberArguments arguments;
      arguments.index = i;
      arguments.fd = memory.fd;
      arguments.seed = dice.Next();
      members.push_back(lt::StartMember(
          models[static_cast<size_t>(i) % models.size()], arguments));
    }
    for (const pid_t pid : members) lt::RequireGoodEnd(pid);
    Check(arena);
    lt::ReleaseMemory(memory, sizeof(Arena));
  }
  puts("done");
  return 0;
}
