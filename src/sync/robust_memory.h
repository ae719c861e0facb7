// SPDX-License-Identifier: MIT
//
// Robust mutexes whose memory goes away while they are held.

#ifndef LIBTHREAD_SYNC_ROBUST_MEMORY_H_
#define LIBTHREAD_SYNC_ROBUST_MEMORY_H_

#include "sync/robust.h"

namespace lt {

// True once any list was made: else there is nothing to do.
inline bool RobustUsed() {
  return RobustList::All() != nullptr;
}

// The memory from `low` to `high` is about to be unmapped: mutexes in it that
// threads of this process hold are abandoned.
void AbandonRange(Thread& self, uintptr_t low, uintptr_t high);

// Marks those that tell it: their memory is about to be unmapped, all of it.
// In a critical section.
void MarkUnmapping(bool unmapping);

}  // namespace lt

#endif  // LIBTHREAD_SYNC_ROBUST_MEMORY_H_
