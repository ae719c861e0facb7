// SPDX-License-Identifier: MIT
//
// Robust mutexes of a process that executes another program.

#ifndef LIBTHREAD_SYNC_ROBUST_EXEC_H_
#define LIBTHREAD_SYNC_ROBUST_EXEC_H_

#include "sync/robust.h"

namespace lt {

class RobustKeeper;

// Before the system call.  0, or EAGAIN where no kernel thread is to be had.
[[nodiscard]] int BeforeExec(Thread& self, RobustKeeper*& keeper);
// The system call has returned.
void AfterFailedExec(Thread& self, RobustKeeper* keeper);

}  // namespace lt

#endif  // LIBTHREAD_SYNC_ROBUST_EXEC_H_
