// SPDX-License-Identifier: MIT
//
// What _THREAD_ERROR_DETECTION and LIBTHREAD_REPORT print, on standard error:
// mistakes, deadlocks, all threads.  One report at a time, from a copy of what
// it tells, so that a report holds nobody up but other reports.

#ifndef LIBTHREAD_THREAD_WAIT_REPORT_H_
#define LIBTHREAD_THREAD_WAIT_REPORT_H_

#include <cstdint>

#include "sched/thread.h"

namespace lt {

struct Mistake {
  const char* function;  // that was called
  const char* what;
  const char* type;  // of the object
  const void* object;
  uint32_t holder;  // a thread, or 0
};

// Prints the mistake with the stack of the caller, who made it; aborts if that
// is wished.
void ReportMistake(Thread& self, const Mistake& mistake);

// Prints the circle that the wait of `thread` closes, if it still does and was
// not printed before; aborts if that is wished.  The caller holds no lock.
void ReportDeadlock(Thread& thread);

// Prints all threads, what they wait for, and all circles.  Also from kernel
// threads that run none.
void ReportThreads();

// For what else is printed with a report.
void BeginReport();
void EndReport();

// In the child of a fork.
void ForgetReports();

}  // namespace lt

#endif  // LIBTHREAD_THREAD_WAIT_REPORT_H_
