// SPDX-License-Identifier: MIT
//
// usage: robust_torture [--rounds=N] [--seed=N] [--seconds=N]
// [--models=MODEL,…]
//
// Nine threads in three processes, unbound ones among them, use a hundred
// robust mutexes, up to four at once.  In each round some of the processes are
// killed at any instant, and some threads of the others end with mutexes in
// their hands.  No mutex is lost, no death is missed or invented, and every
// count is exact: see torture.h.  Stops after --seconds, if given.

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>

#include "programs/check.h"
#include "programs/herd.h"
#include "programs/torture.h"

namespace {

using lt::Dice;
using lt::WorkerKind;
using lt::torture::Arena;
using lt::torture::kMembers;
using lt::torture::kSlots;
using lt::torture::kThreadsEach;
using lt::torture::kWorkers;
using lt::torture::Slot;
using lt::torture::Worker;

constexpr unsigned kRoundSeconds = 60;
// The main program's own life; those of the workers follow.
constexpr int kMainLife = 1;

int LifeOf(int round, int worker) {
  return kMainLife + 1 + round * kWorkers + worker;
}

// Unbound threads are the majority.
const std::array<std::vector<WorkerKind>, kMembers> kKinds = {{
    {WorkerKind::kMain, WorkerKind::kUnbound, WorkerKind::kBound},
    {WorkerKind::kMain, WorkerKind::kUnbound, WorkerKind::kUnbound},
    {WorkerKind::kMain, WorkerKind::kUnbound, WorkerKind::kPthread},
}};

int BeMember(const lt::MemberArguments& member) {
  Dice dice(member.seed);
  auto& arena =
      *static_cast<Arena*>(lt::MapMemory(member.fd, sizeof(Arena), dice));
  std::array<uint64_t, kThreadsEach> seeds;
  for (uint64_t& seed : seeds) seed = dice.Next();
  lt::RunWorkers(kKinds[static_cast<size_t>(member.index)], member.plain,
                 [&](int index) {
                   const int number = member.index * kThreadsEach + index;
                   Worker worker(arena, number, LifeOf(member.serial, number),
                                 seeds[static_cast<size_t>(index)]);
                   ++arena.ready;
                   worker.Run(/*may_die=*/index != 0);
                 });
  return 0;
}

class Torture {
 public:
  Torture(uint64_t seed, std::vector<std::string> models)
      : dice_(seed),
        models_(std::move(models)),
        memory_(lt::MakeMemory(sizeof(Arena))),
        arena_(*static_cast<Arena*>(memory_.address)) {
    lt::torture::Init(arena_);
  }
  ~Torture() { lt::ReleaseMemory(memory_, sizeof(Arena)); }

  void Round(int round) {
    lt::SetDeadline(kRoundSeconds, "a round of the torture");
    arena_.stop = 0;
    arena_.ready = 0;
    std::array<pid_t, kMembers> members;
    for (int i = 0; i < kMembers; ++i) {
      lt::MemberArguments arguments;
      arguments.index = i;
      arguments.fd = memory_.fd;
      arguments.seed = dice_.Next();
      arguments.serial = round;
      const auto model = static_cast<size_t>(round + i) % models_.size();
      members[static_cast<size_t>(i)] =
          lt::StartMember(models_[model], arguments);
    }
    lt::Await([&] { return arena_.ready == kWorkers; });
    WorkOn(50 + dice_.Below(300));
    Kill(round, members);
    bool survivors = false;
    for (const pid_t pid : members) survivors |= pid != 0;
    if (survivors) WorkOn(200);
    arena_.stop = 1;
    for (const pid_t pid : members) {
      if (pid != 0) lt::RequireGoodEnd(pid);
    }
    Check();
    lt::SetDeadline(0, "");
  }

  void Report() const {
    printf("deaths=%d named=%d nameless=%d\n", arena_.deaths.load(),
           arena_.named_orphans.load(), arena_.nameless_orphans.load());
  }

 private:
  long Finished() const {
    long sum = 0;
    for (const auto& cell : arena_.finished) sum += cell;
    return sum;
  }

  // Lets the workers get on by `updates`.
  void WorkOn(long updates) const {
    const long end = Finished() + updates;
    lt::Await([&] { return Finished() >= end; });
  }

  // One, two or all of the members, at any instant; 0 in their place.
  void Kill(int round, std::array<pid_t, kMembers>& members) {
    killed_.fill(false);
    const int count = 1 + dice_.Below(kMembers);
    for (int n = 0; n < count; ++n) {
      const auto i = static_cast<size_t>(dice_.Below(kMembers));
      if (members[i] == 0) continue;
      const timespec pause = {0, 1000L * dice_.Below(1000)};
      nanosleep(&pause, nullptr);
      for (int t = 0; t < kThreadsEach; ++t) {
        const int worker = static_cast<int>(i) * kThreadsEach + t;
        arena_.dead[LifeOf(round, worker)] = 1;
        ++arena_.deaths;
        killed_[static_cast<size_t>(worker)] = true;
      }
      LT_REQUIRE(kill(members[i], SIGKILL) == 0);
      const int status = lt::AwaitEnd(members[i]);
      LT_REQUIRE(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
      members[i] = 0;
    }
  }

  // Everybody is gone.  Every mutex can be had, and no update is lost.
  void Check() {
    Worker self(arena_, 0, kMainLife, dice_.Next());
    std::array<long, kWorkers> counts{};
    for (Slot& slot : arena_.slots) {
      self.Lock(slot);
      for (size_t w = 0; w < kWorkers; ++w) counts[w] += slot.by_worker[w];
      self.Unlock(slot);
      LT_REQUIRE(mutex_lock(&slot.mutex) == 0);
      LT_REQUIRE(slot.owner == 0 && lt::torture::IsConsistent(slot));
      LT_REQUIRE(mutex_unlock(&slot.mutex) == 0);
    }
    for (size_t w = 0; w < kWorkers; ++w) {
      if (killed_[w]) {
        // Of what it was about, each update is there or not.
        LT_REQUIRE(arena_.finished[w] <= counts[w]);
        LT_REQUIRE(counts[w] <= arena_.started[w]);
        LT_REQUIRE(arena_.started[w] <=
                   arena_.finished[w] + lt::torture::kMostAtOnce);
      } else {
        LT_REQUIRE(arena_.started[w] == arena_.finished[w]);
        LT_REQUIRE(counts[w] == arena_.finished[w]);
      }
      arena_.started[w] = counts[w];
      arena_.finished[w] = counts[w];
    }
    // A thread that dies leaves at most one mutex without its name, and its
    // name on no more than it had.
    LT_REQUIRE(arena_.nameless_orphans <= arena_.deaths);
    LT_REQUIRE(arena_.named_orphans <=
               arena_.deaths * lt::torture::kMostAtOnce);
  }

  Dice dice_;
  const std::vector<std::string> models_;
  const lt::HerdMemory memory_;
  Arena& arena_;
  std::array<bool, kWorkers> killed_{};
};

}  // namespace

int main(int argc, char** argv) {
  const lt::MemberArguments member = lt::ParseMember(argc, argv);
  if (member.index >= 0) return BeMember(member);
  const uint64_t seed = lt::SeedOption(argc, argv);
  const long rounds = lt::Option(argc, argv, "rounds", 50);
  LT_REQUIRE(rounds * kWorkers + kMainLife < lt::torture::kMostLives);
  const long seconds = lt::Option(argc, argv, "seconds", 0);
  const int64_t end = lt::NowNs() + seconds * 1'000'000'000;
  Torture torture(seed, lt::ModelsOption(argc, argv));
  int round = 0;
  while (round < rounds && (seconds == 0 || lt::NowNs() < end)) {
    torture.Round(round++);
  }
  torture.Report();
  printf("rounds=%d\ndone\n", round);
  return 0;
}
