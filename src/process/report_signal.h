// SPDX-License-Identifier: MIT
//
// LIBTHREAD_REPORT: a signal that makes the library print a report.
//
// A helper kernel thread prints it, since the threads of the program may all
// hang.  It takes the signal from the kernel itself (sigtimedwait) when no
// kernel thread of the program accepts it, as where all threads are parked;
// otherwise the handler, in whatever kernel thread it runs, sends the signal on
// to the helper.  No thread is told that a handler ran, so no wait ends with
// EINTR, but for raw system calls.
//
// When the program changes the action of the signal, that goes before: the
// helper lets go of the signal.

#ifndef LIBTHREAD_PROCESS_REPORT_SIGNAL_H_
#define LIBTHREAD_PROCESS_REPORT_SIGNAL_H_

#include <csignal>

namespace lt {

// At the start, when g_config.report_signal is set.
void StartReportSignal();

// In the child of a fork, which has no helper yet.
void RestartReportSignal();

// True while the helper waits for it: it needs no other taker.
bool IsReportSignal(int signal);

// The program is about to change the action of a signal.
void GiveUpReportSignal(int signal);

// The handler is the library's, for this: none of the program's business.
bool IsReportHandler(const struct sigaction& action);

}  // namespace lt

#endif  // LIBTHREAD_PROCESS_REPORT_SIGNAL_H_
