// SPDX-License-Identifier: MIT
//
// usage: robust_kills [--kills=N] [--seed=N]
//
// Processes that do nothing but lock and unlock robust mutexes are killed at
// any instant, a thousand of them.  Whoever waits gets the mutex; each death is
// told of at most once, and never one of a process that lives.

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <vector>

#include "programs/check.h"
#include "programs/herd.h"

namespace {

using lt::Dice;
using lt::WorkerKind;

constexpr int kLocks = 2;
constexpr int kVictims = 3;
constexpr int kMostLives = 100'000;

struct Board {
  struct Lock {
    mutex_t mutex;
    std::atomic<int> owner;  // a life; 0: nobody
    std::atomic<long> first;
    std::atomic<long> second;
  } locks[kLocks];
  std::atomic<int> stop;
  std::atomic<int> nameless;  // deaths with no owner noted
  std::atomic<int> named;
  std::atomic<long> survivor_turns;
  // By life: it dies; how often that was told.
  std::atomic<int> dead[kMostLives];
  std::atomic<int> told[kMostLives];
};

void Turn(Board& board, int life, Dice& dice) {
  Board::Lock& lock = board.locks[dice.Below(kLocks)];
  const int error = mutex_lock(&lock.mutex);
  LT_REQUIRE(error == 0 || error == EOWNERDEAD);
  // From here on it is ours, whoever had it: so a death is told of once though
  // we may die at once too.
  const int before = lock.owner.exchange(life);
  if (error == 0) {
    LT_REQUIRE(before == 0);
  } else {
    if (before == 0) {
      ++board.nameless;
    } else {
      LT_REQUIRE(board.dead[before] == 1);
      LT_REQUIRE(++board.told[before] == 1);
      ++board.named;
    }
    lock.second = lock.first.load();
    LT_REQUIRE(mutex_consistent(&lock.mutex) == 0);
  }
  LT_REQUIRE(lock.first == lock.second);
  lock.first = lock.first + 1;
  lock.second = lock.second + 1;
  lock.owner = 0;
  LT_REQUIRE(mutex_unlock(&lock.mutex) == 0);
}

pid_t Fork(const std::function<void()>& body) {
  const pid_t parent = getpid();
  const pid_t pid = fork();
  LT_REQUIRE(pid >= 0);
  if (pid != 0) return pid;
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (getppid() != parent) _exit(96);
  signal(SIGALRM, SIG_DFL);
  alarm(180);
  body();
  _exit(0);
}

pid_t StartVictim(Board& board, int life, uint64_t seed) {
  return Fork([&, life, seed] {
    // Each kind of thread in turn; the main thread of the others only waits.
    const auto kind = static_cast<WorkerKind>(life % 4);
    lt::RunWorkers({WorkerKind::kMain, kind}, /*plain=*/false, [&](int index) {
      if ((index == 0) != (kind == WorkerKind::kMain)) return;
      Dice dice(seed);
      while (board.stop == 0) Turn(board, life, dice);
    });
  });
}

// A process that nobody kills, with a thread of each kind.
pid_t StartSurvivor(Board& board, int first_life, uint64_t seed) {
  return Fork([&, first_life, seed] {
    lt::RunWorkers(
        {WorkerKind::kMain, WorkerKind::kUnbound, WorkerKind::kBound},
        /*plain=*/false, [&](int index) {
          Dice dice(seed + static_cast<uint64_t>(index));
          while (board.stop == 0) {
            Turn(board, first_life + index, dice);
            ++board.survivor_turns;
            thr_yield();
          }
        });
  });
}

void Run(long kills, Dice& dice) {
  const lt::HerdMemory memory = lt::MakeMemory(sizeof(Board));
  Board& board = *static_cast<Board*>(memory.address);
  LT_REQUIRE(mutex_init(&board.locks[0].mutex, USYNC_PROCESS | LOCK_ROBUST,
                        nullptr) == 0);
  LT_REQUIRE(mutex_init(&board.locks[1].mutex, USYNC_PROCESS_ROBUST, nullptr) ==
             0);
  const pid_t survivor = StartSurvivor(board, 1, dice.Next());
  int life = 10;
  struct Victim {
    pid_t pid;
    int life;
  };
  std::vector<Victim> victims;
  const auto start = [&] {
    ++life;
    victims.push_back({StartVictim(board, life, dice.Next()), life});
  };
  for (int i = 0; i < kVictims; ++i) start();
  for (long i = 0; i < kills; ++i) {
    lt::SetDeadline(60, "a victim's turn");
    const int64_t end = lt::NowNs() + 1000L * dice.Below(1500);
    while (lt::NowNs() < end) smt_pause();
    const auto which = victims.begin() + dice.Below(kVictims);
    board.dead[which->life] = 1;
    LT_REQUIRE(kill(which->pid, SIGKILL) == 0);
    const int status = lt::AwaitEnd(which->pid);
    LT_REQUIRE(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
    victims.erase(which);
    start();
    // Nobody waits for a mutex whose owner is gone.
    if (i % 8 == 0) {
      const long before = board.survivor_turns;
      lt::Await([&] { return board.survivor_turns > before + 2; });
    }
  }
  lt::SetDeadline(60, "the end");
  board.stop = 1;
  for (const Victim& victim : victims) lt::RequireGoodEnd(victim.pid);
  lt::RequireGoodEnd(survivor);
  Dice own(1);
  for (int i = 0; i < 100; ++i) Turn(board, 1, own);
  printf("kills=%ld named=%d nameless=%d turns=%ld\n", kills,
         board.named.load(), board.nameless.load(),
         board.survivor_turns.load());
  LT_REQUIRE(board.named + board.nameless <= kills);
  lt::ReleaseMemory(memory, sizeof(Board));
}

}  // namespace

int main(int argc, char** argv) {
  Dice dice(lt::SeedOption(argc, argv));
  const long kills = lt::Option(argc, argv, "kills", 1000);
  LT_REQUIRE(kills + 100 < kMostLives);
  Run(kills, dice);
  puts("done");
  return 0;
}
