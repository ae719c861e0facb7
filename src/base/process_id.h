// SPDX-License-Identifier: MIT
//
// The number of this process, without a system call.

#ifndef LIBTHREAD_BASE_PROCESS_ID_H_
#define LIBTHREAD_BASE_PROCESS_ID_H_

#include <cstdint>

#include "base/syscall.h"

namespace lt {

// Set at start-up and in the child of a fork.
extern uint32_t g_process_id;

inline void LearnProcessId() {
  g_process_id = static_cast<uint32_t>(RawSyscall(SYS_getpid));
}

}  // namespace lt

#endif  // LIBTHREAD_BASE_PROCESS_ID_H_
