// SPDX-License-Identifier: MIT
//
// What LIBTHREAD_PRINT_CONFIG, LIBTHREAD_STATS, LIBTHREAD_LOCK_STATS and
// LIBTHREAD_REPORT print, on standard error.

#ifndef LIBTHREAD_PROCESS_REPORT_H_
#define LIBTHREAD_PROCESS_REPORT_H_

namespace lt {

void ReportConfig();
void ReportStats();
void ReportLocks();
// Threads, deadlocks and, if they are counted, locks.  From any kernel thread.
void ReportNow();

}  // namespace lt

#endif  // LIBTHREAD_PROCESS_REPORT_H_
