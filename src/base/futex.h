// SPDX-License-Identifier: MIT
//
// The futex system call, raw: no errno (it belongs to the user's thread), no
// cancellation point, private to the process.  These block the LWP.

#ifndef LIBTHREAD_BASE_FUTEX_H_
#define LIBTHREAD_BASE_FUTEX_H_

#include <linux/futex.h>

#include <cerrno>
#include <cstdint>

#include "base/clock.h"
#include "base/syscall.h"

namespace lt {

// Sleeps while *word == expected, at the latest until `deadline`.
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

inline void FutexWake(const void* word, int count) {
  RawSyscall(SYS_futex, reinterpret_cast<long>(word),
             FUTEX_WAKE | FUTEX_PRIVATE_FLAG, count, 0, 0, 0);
}

}  // namespace lt

#endif  // LIBTHREAD_BASE_FUTEX_H_
