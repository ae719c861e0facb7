// SPDX-License-Identifier: MIT
//
// Deadlocks by the dozen, and locking that never comes to one.  The threads are
// bound with a second argument; SEED in the environment varies the order.

#include <signal.h>

#include <array>
#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <iterator>
#include <random>
#include <vector>

#include "programs/check.h"

namespace lt {
namespace {

long g_flags = 0;

// The words of the objects say whether somebody sleeps.
bool HasWaiters(const mutex_t& mutex) {
  const auto* word = reinterpret_cast<const uint32_t*>(&mutex) + 3;
  return (__atomic_load_n(word, __ATOMIC_RELAXED) & 2) != 0;
}
bool HasWaiters(const rwlock_t& lock) {
  const auto* word = reinterpret_cast<const uint32_t*>(&lock);
  return (__atomic_load_n(word, __ATOMIC_RELAXED) & 0x80000000) != 0;
}

void Lock(mutex_t& mutex) {
  LT_REQUIRE(mutex_lock(&mutex) == 0);
}
void Read(rwlock_t& lock) {
  LT_REQUIRE(rw_rdlock(&lock) == 0);
}
void Write(rwlock_t& lock) {
  LT_REQUIRE(rw_wrlock(&lock) == 0);
}

unsigned Seed() {
  const char* seed = getenv("SEED");
  return seed != nullptr ? static_cast<unsigned>(atoi(seed)) : 1;
}

constexpr int kMostActors = 6;
constexpr int kRounds = 60;

std::atomic<int> g_handled{0};
void OnSignal(int) {
  ++g_handled;
}

// Circles of 2 to 6 threads over mutexes and rwlocks, closed in any order.  The
// first object is a mutex: unlocked by this thread, it ends the deadlock.
int Random() {
  std::mt19937 random(Seed());
  signal(SIGUSR1, OnSignal);
  for (int round = 0; round < kRounds; ++round) {
    const int count = 2 + static_cast<int>(random() % (kMostActors - 1));
    static mutex_t mutexes[kMostActors];
    static rwlock_t locks[kMostActors];
    std::array<int, kMostActors> kinds;  // 0: mutex, 1: written, 2: read
    memset(static_cast<void*>(mutexes), 0, sizeof mutexes);
    memset(static_cast<void*>(locks), 0, sizeof locks);
    std::vector<thread_t> ids(count);
    struct Part {
      int kind, wanted_kind, wish;
      mutex_t *mine, *wanted;
      rwlock_t *my_lock, *wanted_lock;
    };
    static std::array<Part, kMostActors> parts;
    static std::atomic<int> holding;
    static std::atomic<int> may_go;
    holding = 0;
    may_go = -1;
    for (int i = 0; i < count; ++i) {
      kinds[i] = i == 0 ? 0 : static_cast<int>(random() % 3);
    }
    for (int i = 0; i < count; ++i) {
      const int next = (i + 1) % count;
      parts[i] = {kinds[i],    kinds[next],    static_cast<int>(random() % 2),
                  &mutexes[i], &mutexes[next], &locks[i],
                  &locks[next]};
      ids[i] = MustCreate(
          [](void* arg) -> void* {
            auto& part = *static_cast<Part*>(arg);
            if (part.kind == 0) Lock(*part.mine);
            if (part.kind == 1) Write(*part.my_lock);
            if (part.kind == 2) Read(*part.my_lock);
            ++holding;
            const int me = static_cast<int>(&part - parts.data());
            Await([&] {
              return (may_go.load() & (1 << me)) != 0 && may_go.load() >= 0;
            });
            if (part.wanted_kind == 0) {
              Lock(*part.wanted);
              mutex_unlock(part.wanted);
            } else {
              // Of a lock held for reading only a writer waits.
              if (part.wanted_kind == 2 || part.wish == 0) {
                Write(*part.wanted_lock);
              } else {
                Read(*part.wanted_lock);
              }
              LT_REQUIRE(rw_unlock(part.wanted_lock) == 0);
            }
            if (part.kind != 0) LT_REQUIRE(rw_unlock(part.my_lock) == 0);
            if (part.kind == 0 && me != 0) {
              LT_REQUIRE(mutex_unlock(part.mine) == 0);
            }
            return nullptr;
          },
          &parts[i], g_flags);
    }
    Await([&] { return holding.load() == count; });
    printf("deadlock: %d threads wait for each other\n", count);
    fflush(stdout);
    may_go = 0;
    for (int mask = 0; mask != (1 << count) - 1;) {
      mask |= 1 << random() % count;
      may_go = mask;
      if (random() % 2 == 0) thr_yield();
    }
    Await([&] {
      for (int i = 0; i < count; ++i) {
        if (kinds[i] == 0 ? !HasWaiters(mutexes[i]) : !HasWaiters(locks[i])) {
          return false;
        }
      }
      return true;
    });
    // They all wait; a handler changes nothing.
    const int before = g_handled.load();
    LT_REQUIRE(thr_kill(ids[random() % count], SIGUSR1) == 0);
    Await([&] { return g_handled.load() > before; });
    LT_REQUIRE(mutex_unlock(&mutexes[0]) == 0);
    for (const thread_t id : ids) MustJoin(id);
  }
  return 0;
}

// Threads that take locks in the order of their numbers, others without
// waiting, and never meet in a deadlock; handlers run all the while.
int Ordered() {
  constexpr int kThreads = 6;
  constexpr int kLocks = 5;
  constexpr int kTurns = 400;
  static std::array<mutex_t, kLocks> mutexes;
  static std::array<rwlock_t, kLocks> locks;
  static cond_t cond;
  static std::atomic<int> ended;
  signal(SIGUSR1, OnSignal);
  std::vector<thread_t> ids;
  for (long i = 0; i < kThreads; ++i) {
    ids.push_back(MustCreate(
        [](void* arg) -> void* {
          std::mt19937 random(
              Seed() * 100 +
              static_cast<unsigned>(reinterpret_cast<uintptr_t>(arg)));
          for (int turn = 0; turn < kTurns; ++turn) {
            unsigned mutexes_held = 0;
            unsigned locks_held = 0;
            for (int k = 0; k < kLocks; ++k) {
              if (random() % 2 == 0) {
                Lock(mutexes[k]);
                mutexes_held |= 1u << k;
              }
              if (random() % 3 == 0) thr_yield();
              if (random() % 2 == 0) {
                random() % 3 == 0 ? Write(locks[k]) : Read(locks[k]);
                locks_held |= 1u << k;
              }
            }
            const unsigned one = random() % kLocks;
            if ((mutexes_held & 1u << one) == 0 &&
                mutex_trylock(&mutexes[one]) == 0) {
              mutexes_held |= 1u << one;
            }
            // The last mutex may be waited with.
            if (mutexes_held == 1u << (kLocks - 1) && locks_held == 0) {
              timespec_t soon = {0, 20'000};
              cond_reltimedwait(&cond, &mutexes[kLocks - 1], &soon);
              cond_broadcast(&cond);
            }
            for (int k = 0; k < kLocks; ++k) {
              if ((mutexes_held & 1u << k) != 0) mutex_unlock(&mutexes[k]);
              if ((locks_held & 1u << k) != 0) rw_unlock(&locks[k]);
            }
          }
          ++ended;
          return nullptr;
        },
        reinterpret_cast<void*>(i), g_flags));
  }
  for (unsigned k = 0; ended.load() < kThreads; ++k) {
    thr_kill(ids[k % kThreads], SIGUSR1);
    thr_yield();
  }
  for (const thread_t id : ids) MustJoin(id);
  return 0;
}

const Case kCases[] = {{"random", Random}, {"ordered", Ordered}};

}  // namespace
}  // namespace lt

int main(int argc, char** argv) {
  if (argc > 2) lt::g_flags = THR_BOUND;
  return lt::RunCase(argc, argv, lt::kCases, std::size(lt::kCases));
}
