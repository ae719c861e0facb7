// SPDX-License-Identifier: MIT
//
// Stack overflow, named: a fault in the guard page of a thread's stack is told
// in one line before the process dies of it.

#ifndef LIBTHREAD_PROCESS_FAULT_H_
#define LIBTHREAD_PROCESS_FAULT_H_

#include <csignal>

namespace lt {

// Takes SIGSEGV and SIGBUS, unless the program has handlers for them already.
// One that it installs later replaces ours.
void WatchForOverflow();

bool IsFaultHandler(const struct sigaction& action);

}  // namespace lt

#endif  // LIBTHREAD_PROCESS_FAULT_H_
