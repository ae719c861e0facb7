// SPDX-License-Identifier: MIT
//
// The futex system call, raw: no errno (it belongs to the user's thread), no
// cancellation point.  FutexWait() blocks the LWP.

#ifndef LIBTHREAD_BASE_FUTEX_H_
#define LIBTHREAD_BASE_FUTEX_H_

#include <linux/futex.h>

#include <cerrno>
#include <cstdint>

#include "base/clock.h"
#include "base/syscall.h"

namespace lt {

// Private to the process.  Sleeps while *word == expected, at the latest until
// `deadline`.
// Returns 0 (woken, or the word differed, or a signal came) or ETIME.
inline int FutexWait(const void* word, uint32_t expected, Deadline deadline) {
  timespec at;
  timespec* at_ptr = nullptr;
  if (!deadline.never()) {
    at = deadline.ToTimespec();
    at_ptr = &at;
  }
  const long error =
      RawSyscall(SYS_futex, reinterpret_cast<long>(word),
                 FUTEX_WAIT_BITSET | FUTEX_PRIVATE_FLAG, expected,
                 reinterpret_cast<long>(at_ptr), 0, FUTEX_BITSET_MATCH_ANY);
  return error == -ETIMEDOUT ? ETIME : 0;
}

// Private to the process.
inline void FutexWake(const void* word, int count) {
  RawSyscall(SYS_futex, reinterpret_cast<long>(word),
             FUTEX_WAKE | FUTEX_PRIVATE_FLAG, count, 0, 0, 0);
}

// Wakes sleepers of any process whose bits (kernel_wait.h) meet `bits`.
// Returns how many, 0 also where the memory is gone.
inline int FutexWakeShared(const void* word, int count,
                           uint32_t bits = FUTEX_BITSET_MATCH_ANY) {
  const long woken = RawSyscall(SYS_futex, reinterpret_cast<long>(word),
                                FUTEX_WAKE_BITSET, count, 0, 0, bits);
  return woken < 0 ? 0 : static_cast<int>(woken);
}

}  // namespace lt

#endif  // LIBTHREAD_BASE_FUTEX_H_
