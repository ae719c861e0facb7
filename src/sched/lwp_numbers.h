// SPDX-License-Identifier: MIT
//
// The numbers of LWPs: 1 is the process's first kernel thread, then 2, 3, 4 ...
// One is used again only after all up to INT_MAX were.  Which LWP has a number
// stands in a hash of buckets with a lock each (rank 10).
//
// INV-LN1: a number is in the table from before its kernel thread runs code of
//   the program, until before that kernel thread ends: who holds the number's
//   bucket knows that the kernel thread, if it has begun, is there.  Only the
//   process's first kernel thread outlives its number, where main has ended.

#ifndef LIBTHREAD_SCHED_LWP_NUMBERS_H_
#define LIBTHREAD_SCHED_LWP_NUMBERS_H_

#include <atomic>
#include <cstdint>

#include "base/spinlock.h"
#include "sched/thread.h"

namespace lt {

// A number that no LWP has had, and that is not below `least`.  After all up to
// INT_MAX some LWP may have it still.
uint32_t NextLwpNumber(uint32_t least = 1);

// All in a critical section.
// Gives the LWP the next number that none has.
void EnterLwp(LwpEntry& entry);
// Gives it that number; false when another LWP has it.
[[nodiscard]] bool TryEnterLwp(LwpEntry& entry, uint32_t number);
// `to` has the number of `from` now.
void MoveLwpNumber(LwpEntry& from, LwpEntry& to);
// Its number is nobody's.  Does nothing where it has none.
void RemoveLwp(LwpEntry& entry);

// The kernel's id of its kernel thread; 0: that does not run yet.
pid_t KernelIdOf(const LwpEntry& entry);

// Holds the number's bucket, in a critical section: the LWP does not end
// meanwhile.  For a few instructions, or a system call that does not block.
class ABSL_SCOPED_LOCKABLE LwpHold {
 public:
  explicit LwpHold(uint32_t number) ABSL_NO_THREAD_SAFETY_ANALYSIS;
  ~LwpHold() ABSL_UNLOCK_FUNCTION() ABSL_NO_THREAD_SAFETY_ANALYSIS;
  LwpHold(const LwpHold&) = delete;
  LwpHold& operator=(const LwpHold&) = delete;

  // Null: no LWP has the number.
  LwpEntry* entry() const { return entry_; }

 private:
  SpinLock& lock_;
  LwpEntry* entry_;
};

// In the child of a fork: no LWP has a number.
void ForgetLwpNumbers();

}  // namespace lt

#endif  // LIBTHREAD_SCHED_LWP_NUMBERS_H_
