// SPDX-License-Identifier: MIT
//
// Which rwlocks a thread holds for reading, and how often.  A handful as a
// rule: a short table in the thread object, searched from the end.  A thread
// looks at its own table only.

#ifndef LIBTHREAD_SYNC_HOLDS_H_
#define LIBTHREAD_SYNC_HOLDS_H_

#include <cerrno>
#include <cstdlib>
#include <cstring>

#include "sched/thread.h"

namespace lt {

inline ReadHold* HoldTable(const Thread& self) {
  return self.hold_table != nullptr ? self.hold_table
                                    : const_cast<ReadHold*>(self.inline_holds);
}

inline ReadHold* FindHold(const Thread& self, const void* lock) {
  ReadHold* table = HoldTable(self);
  for (int i = self.holds - 1; i >= 0; --i) {
    if (table[i].lock == lock) return &table[i];
  }
  return nullptr;
}

// Makes room for one more before the lock is taken, so that noting it cannot
// fail.  False: no memory.
inline bool ReserveHold(Thread& self) {
  if (self.holds < self.hold_room) return true;
  const int room = self.hold_room * 2;
  auto* table = static_cast<ReadHold*>(
      std::realloc(self.hold_table, room * sizeof(ReadHold)));
  if (table == nullptr) return false;
  if (self.hold_table == nullptr) {
    std::memcpy(table, self.inline_holds, sizeof self.inline_holds);
  }
  self.hold_table = table;
  self.hold_room = room;
  return true;
}

inline void AddHold(Thread& self, const void* lock) {
  HoldTable(self)[self.holds++] = {lock, 1};
}

inline void DropHold(Thread& self, ReadHold& hold) {
  hold = HoldTable(self)[--self.holds];
}

// A read lock for a thread that has this lock already, or room for it; -1: the
// thread does not hold it yet.
inline int HoldAgain(Thread& self, const void* lock) {
  constexpr int kMostHolds = 100'000;  // READ_LOCK_MAX
  ReadHold* hold = FindHold(self, lock);
  if (hold == nullptr) return ReserveHold(self) ? -1 : EAGAIN;
  if (hold->count == kMostHolds) return EAGAIN;
  ++hold->count;
  return 0;
}

}  // namespace lt

#endif  // LIBTHREAD_SYNC_HOLDS_H_
