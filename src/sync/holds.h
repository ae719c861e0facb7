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

#include "sync/objects.h"

namespace lt {

inline ReadHold* FindHold(const Thread& self, const void* lock) {
  ReadHold* table = self.hold_table;
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
  const bool first = self.hold_table == self.inline_holds;
  auto* table = static_cast<ReadHold*>(
      std::realloc(first ? nullptr : self.hold_table, room * sizeof(ReadHold)));
  if (table == nullptr) return false;
  if (first) {
    std::memcpy(table, self.inline_holds, sizeof self.inline_holds);
  }
  self.hold_table = table;
  self.hold_room = room;
  return true;
}

inline void AddHold(Thread& self, const void* lock) {
  self.hold_table[self.holds++] = {lock, 1};
}

inline void DropHold(Thread& self, ReadHold& hold) {
  hold = self.hold_table[--self.holds];
}

// What most threads do most of the time, in a few instructions.

// It is plain that the thread does not hold the lock, and has room for it.
inline bool IsNewHold(const Thread& self, const void* lock) {
  static_assert(kInlineHolds > 1);
  return self.holds == 0 ||
         (self.holds == 1 && self.hold_table[0].lock != lock);
}

// The lock is the last one that the thread took, and held once.
inline bool IsLastHold(const Thread& self, const void* lock) {
  if (self.holds == 0) return false;
  const ReadHold& last = self.hold_table[self.holds - 1];
  return last.lock == lock && last.count == 1;
}

inline void DropLastHold(Thread& self) {
  --self.holds;
}

// In the child of a fork: the holds of locks between processes are the
// parent's.
inline void DropSharedHolds(Thread& self) {
  for (int i = self.holds - 1; i >= 0; --i) {
    ReadHold& hold = self.hold_table[i];
    if ((static_cast<const Rwlock*>(hold.lock)->type & kProcess) != 0) {
      DropHold(self, hold);
    }
  }
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
