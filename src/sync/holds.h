// SPDX-License-Identifier: MIT
//
// Which rwlocks a thread holds for reading, and how often.  A handful as a
// rule: the first few in the thread object, the others in a table.  A thread
// looks at its own holds only.
//
// INV-HO1: of those in the thread object that are not in use `again` is 0.  So
//   to note a new hold is to write its lock: one store less before the next
//   locked instruction, which waits for all of them.

#ifndef LIBTHREAD_SYNC_HOLDS_H_
#define LIBTHREAD_SYNC_HOLDS_H_

#include <cerrno>
#include <cstdlib>
#include <utility>

#include "sync/objects.h"

namespace lt {

inline ReadHold& HoldAt(Thread& self, int i) {
  return i < kInlineHolds ? self.inline_holds[i]
                          : self.more_holds[i - kInlineHolds];
}

// Searched from the end.
inline const ReadHold* FindHold(const Thread& self, const void* lock) {
  for (int i = self.holds - 1; i >= 0; --i) {
    const ReadHold& hold = HoldAt(const_cast<Thread&>(self), i);
    if (hold.lock == lock) return &hold;
  }
  return nullptr;
}
inline ReadHold* FindHold(Thread& self, const void* lock) {
  return const_cast<ReadHold*>(FindHold(std::as_const(self), lock));
}

// Makes room for one more before the lock is taken, so that noting it cannot
// fail.  False: no memory.
inline bool ReserveHold(Thread& self) {
  if (self.holds < self.hold_room) return true;
  const int room = self.hold_room * 2;
  auto* table = static_cast<ReadHold*>(
      std::realloc(self.more_holds, (room - kInlineHolds) * sizeof(ReadHold)));
  if (table == nullptr) return false;
  self.more_holds = table;
  self.hold_room = room;
  return true;
}

inline void AddHold(Thread& self, const void* lock) {
  HoldAt(self, self.holds) = {lock, 0};
  ++self.holds;
}

inline void DropHold(Thread& self, ReadHold& hold) {
  ReadHold& last = HoldAt(self, --self.holds);
  hold = last;
  last.again = 0;  // INV-HO1
}

// Gives up one hold; true when the thread has this lock no more.
inline bool EndHold(Thread& self, ReadHold& hold) {
  if (hold.again > 0) {
    --hold.again;
    return false;
  }
  DropHold(self, hold);
  return true;
}

// What most threads do most of the time, in a few instructions.

// It is plain that the thread does not hold the lock, and that AddNewHold() may
// note it.
inline bool IsNewHold(const Thread& self, const void* lock) {
  return self.holds == 0 ||
         (self.holds == 1 && self.inline_holds[0].lock != lock);
}

inline void AddNewHold(Thread& self, const void* lock) {
  static_assert(kInlineHolds > 1);
  self.inline_holds[self.holds].lock = lock;  // INV-HO1
  ++self.holds;
}

// It is plain that the thread holds this lock alone, or as the second of two,
// and once.  By constants, so that no address waits for the number of holds.
inline bool IsOnlyHold(const Thread& self, const void* lock) {
  const ReadHold& only = self.inline_holds[0];
  return self.holds == 1 && only.lock == lock && only.again == 0;
}
inline bool IsSecondHold(const Thread& self, const void* lock) {
  const ReadHold& second = self.inline_holds[1];
  return self.holds == 2 && second.lock == lock && second.again == 0;
}

// In the child of a fork: the holds of locks between processes are the
// parent's.
inline void DropSharedHolds(Thread& self) {
  for (int i = self.holds - 1; i >= 0; --i) {
    ReadHold& hold = HoldAt(self, i);
    if ((static_cast<const Rwlock*>(hold.lock)->type & kProcess) != 0) {
      DropHold(self, hold);
    }
  }
}

// A read lock for a thread that has this lock already, or room for it; -1: the
// thread does not hold it yet.
inline int HoldAgain(Thread& self, const void* lock) {
  constexpr int kMostAgain = 100'000 - 1;  // READ_LOCK_MAX
  ReadHold* hold = FindHold(self, lock);
  if (hold == nullptr) return ReserveHold(self) ? -1 : EAGAIN;
  if (hold->again == kMostAgain) return EAGAIN;
  ++hold->again;
  return 0;
}

}  // namespace lt

#endif  // LIBTHREAD_SYNC_HOLDS_H_
