// SPDX-License-Identifier: MIT
//
// The data of the torture of robust mutexes (robust_torture.cc), and what its
// workers do with them.
//
// Each slot has a mutex, data, and a journal.  A worker that updates a slot
// first writes to the journal what was there; whoever gets the mutex after its
// death brings the update to an end or takes it back.  Either way all of
// INV-slot holds again: the two halves of the data are equal, and equal to the
// sum of the updates by each worker.
//
// A slot also says whose it is, so that a lost death is seen (the mutex comes
// without EOWNERDEAD and still has an owner) and an invented one too (the owner
// lives, or more nameless deaths are told of than threads died).

#ifndef LIBTHREAD_TESTS_PROGRAMS_TORTURE_H_
#define LIBTHREAD_TESTS_PROGRAMS_TORTURE_H_

#include <synch.h>

#include <atomic>
#include <cstddef>

#include "programs/herd.h"

namespace lt::torture {

inline constexpr int kSlots = 100;
inline constexpr int kMembers = 3;
inline constexpr int kThreadsEach = 3;
inline constexpr int kWorkers = kMembers * kThreadsEach;
inline constexpr int kMostAtOnce = 4;  // slots that a worker locks at once
inline constexpr int kMostLives = 100'000;
inline constexpr int kConds = 4;

using Cell = std::atomic<long>;

struct Slot {
  mutex_t mutex;
  std::atomic<int> owner;  // the life that has the mutex; 0: nobody
  Cell first;
  Cell by_worker[kWorkers];
  Cell second;
  struct Journal {
    std::atomic<int> active;
    std::atomic<int> worker;
    Cell before;
    Cell before_by_worker;
  } journal;
};

struct Arena {
  Slot slots[kSlots];
  cond_t conds[kConds];
  std::atomic<int> stop;
  std::atomic<int> ready;
  // Slots that a worker set out to update, and that it is done with: only it
  // writes here.
  Cell started[kWorkers];
  Cell finished[kWorkers];
  // What died, or is about to.  A life is one thread of one round, from 1 on.
  std::atomic<int> dead[kMostLives];
  std::atomic<int> deaths;         // of threads, all rounds
  std::atomic<int> named_orphans;  // mutexes got with EOWNERDEAD and an owner
  std::atomic<int> nameless_orphans;
};

void Init(Arena& arena);

// The worker `worker` (0 … kWorkers - 1) in its life `life`.
class Worker {
 public:
  Worker(Arena& arena, int worker, int life, uint64_t seed)
      : arena_(arena), worker_(worker), life_(life), dice_(seed) {}

  // Updates slots until told to stop.  Then it ends as it is, or, if it
  // `may_die`, perhaps with mutexes in its hands.
  void Run(bool may_die);

  // Takes the mutex of a slot, after repairs if they are due; gives it back.
  void Lock(Slot& slot);
  void Unlock(Slot& slot);

 private:
  void Turn(bool die);
  void Update(Slot& slot);
  void Acquired(Slot& slot, int error);
  void Repair(Slot& slot);
  void WaitOn(cond_t* cond, Slot& slot);

  Arena& arena_;
  const int worker_;
  const int life_;
  Dice dice_;
};

// INV-slot, for who has the mutex.
bool IsConsistent(const Slot& slot);

}  // namespace lt::torture

#endif  // LIBTHREAD_TESTS_PROGRAMS_TORTURE_H_
