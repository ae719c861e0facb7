// SPDX-License-Identifier: MIT
//
// Dispositions of signals.  Where the program has a handler, the kernel has the
// library's, which calls it: at once where the thread may be interrupted, or at
// the end of the critical section that the signal came in.

#ifndef LIBTHREAD_PROCESS_ACTION_H_
#define LIBTHREAD_PROCESS_ACTION_H_

#include <csignal>
#include <cstdint>

namespace lt {

// sigaction(2): 0 or an error number.  Either pointer may be null.
[[nodiscard]] int ChangeAction(int signal, const struct sigaction* action,
                               struct sigaction* before);

// The signal would do nothing to a thread that does not block it.
bool IsIgnored(int signal);

// The address range of the code that calls handlers, for thr_sighndlrinfo.
void HandlerCode(void (**start)(), int* bytes);

void StartActions();

// Held over a fork.
void LockActions();
void UnlockActions();

}  // namespace lt

#endif  // LIBTHREAD_PROCESS_ACTION_H_
