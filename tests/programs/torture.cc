// SPDX-License-Identifier: MIT
//
// Workers of the torture of robust mutexes: see torture.h.

#include "programs/torture.h"

#include <errno.h>
#include <time.h>

#include <algorithm>

#include "programs/check.h"

namespace lt::torture {
namespace {

constexpr int kTypes[] = {
    USYNC_PROCESS | LOCK_ROBUST,
    USYNC_PROCESS | LOCK_ROBUST | LOCK_ERRORCHECK,
    USYNC_PROCESS | LOCK_ROBUST | LOCK_RECURSIVE,
    USYNC_PROCESS_ROBUST,
};

}  // namespace

void Init(Arena& arena) {
  for (int i = 0; i < kSlots; ++i) {
    LT_REQUIRE(mutex_init(&arena.slots[i].mutex, kTypes[i % 4], nullptr) == 0);
  }
  for (cond_t& cond : arena.conds) {
    LT_REQUIRE(cond_init(&cond, USYNC_PROCESS, nullptr) == 0);
  }
}

bool IsConsistent(const Slot& slot) {
  long sum = 0;
  for (const Cell& cell : slot.by_worker) sum += cell;
  return slot.first == sum && slot.second == sum && slot.journal.active == 0;
}

void Worker::Lock(Slot& slot) {
  int error = EBUSY;
  if (dice_.OneIn(4)) error = mutex_trylock(&slot.mutex);
  if (error == EBUSY) error = mutex_lock(&slot.mutex);
  Acquired(slot, error);
}

void Worker::Acquired(Slot& slot, int error) {
  const int before = slot.owner;
  if (error == 0) {
    LT_REQUIRE(before == 0);  // or a death was lost
    LT_REQUIRE(slot.journal.active == 0);
    slot.owner = life_;
  } else {
    LT_REQUIRE(error == EOWNERDEAD);
    if (before == 0) {
      // It died between taking the mutex and saying so, or before giving back.
      ++arena_.nameless_orphans;
      LT_REQUIRE(slot.journal.active == 0);
    } else {
      LT_REQUIRE(arena_.dead[before] == 1);
      ++arena_.named_orphans;
    }
    slot.owner = life_;
    Repair(slot);
    LT_REQUIRE(mutex_consistent(&slot.mutex) == 0);
  }
  LT_REQUIRE(MUTEX_HELD(&slot.mutex));
  LT_REQUIRE(IsConsistent(slot));
}

// Sets values and adds nothing: it may be done twice.
void Worker::Repair(Slot& slot) {
  Slot::Journal& journal = slot.journal;
  if (journal.active == 0) return;
  const long more = dice_.OneIn(2) ? 1 : 0;
  slot.first = journal.before + more;
  slot.second = journal.before + more;
  slot.by_worker[journal.worker] = journal.before_by_worker + more;
  journal.active = 0;
}

void Worker::Update(Slot& slot) {
  Slot::Journal& journal = slot.journal;
  journal.worker = worker_;
  journal.before = slot.first.load();
  journal.before_by_worker = slot.by_worker[worker_].load();
  journal.active = 1;
  slot.first = slot.first + 1;
  if (dice_.OneIn(16)) thr_yield();
  slot.by_worker[worker_] = slot.by_worker[worker_] + 1;
  slot.second = slot.second + 1;
  journal.active = 0;
}

void Worker::Unlock(Slot& slot) {
  slot.owner = 0;
  LT_REQUIRE(mutex_unlock(&slot.mutex) == 0);
}

// Whatever ends the wait: the mutex is ours again, perhaps after a death.
void Worker::WaitOn(cond_t* cond, Slot& slot) {
  slot.owner = 0;
  const timespec_t interval = {0, 1000L * dice_.Below(300)};
  const int error = cond_reltimedwait(cond, &slot.mutex, &interval);
  Acquired(slot, error == ETIME ? 0 : error);
}

void Worker::Turn(bool die) {
  int chosen[kMostAtOnce];
  const int count = 1 + dice_.Below(kMostAtOnce);
  for (int i = 0; i < count; ++i) chosen[i] = dice_.Below(kSlots);
  std::sort(chosen, chosen + count);
  const int* const end = std::unique(chosen, chosen + count);
  arena_.started[worker_] += end - chosen;
  for (const int* slot = chosen; slot != end; ++slot) {
    Lock(arena_.slots[*slot]);
    if (dice_.OneIn(4)) thr_yield();
  }
  for (const int* slot = chosen; slot != end; ++slot) {
    Update(arena_.slots[*slot]);
  }
  cond_t* const cond = &arena_.conds[chosen[0] % kConds];
  if (end - chosen == 1 && dice_.OneIn(8)) WaitOn(cond, arena_.slots[*chosen]);
  if (dice_.OneIn(8)) {
    LT_REQUIRE((dice_.OneIn(2) ? cond_signal(cond) : cond_broadcast(cond)) ==
               0);
  }
  if (dice_.OneIn(64)) {
    const timespec pause = {0, 1000L * dice_.Below(100)};
    nanosleep(&pause, nullptr);
  }
  if (die) {
    // The updates are done; the mutexes are left to others.
    arena_.finished[worker_] += end - chosen;
    arena_.dead[life_] = 1;
    ++arena_.deaths;
    return;
  }
  const bool forward = dice_.OneIn(2);
  for (int i = 0; i < end - chosen; ++i) {
    Unlock(arena_.slots[forward ? chosen[i] : end[-1 - i]]);
  }
  arena_.finished[worker_] += end - chosen;
}

void Worker::Run(bool may_die) {
  while (arena_.stop == 0) Turn(/*die=*/false);
  if (may_die && dice_.OneIn(3)) Turn(/*die=*/true);
}

}  // namespace lt::torture
