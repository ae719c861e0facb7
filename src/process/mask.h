// SPDX-License-Identifier: MIT
//
// The signal mask of the calling thread.

#ifndef LIBTHREAD_PROCESS_MASK_H_
#define LIBTHREAD_PROCESS_MASK_H_

#include <csignal>
#include <cstdint>

namespace lt {

// sigprocmask(2): 0 or EINVAL.  Either pointer may be null, and both the same.
// Async-signal-safe.
[[nodiscard]] int ChangeMask(int how, const sigset_t* set, sigset_t* before);

// The same with sets of the kernel's form.
uint64_t CurrentMask();
void ReplaceMask(uint64_t mask);

}  // namespace lt

#endif  // LIBTHREAD_PROCESS_MASK_H_
