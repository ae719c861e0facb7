// SPDX-License-Identifier: MIT
//
// What happens when the library is loaded, and when the process ends.

#include "base/config.h"
#include "process/action.h"
#include "process/aslwp.h"
#include "process/fault.h"
#include "process/fork.h"
#include "process/report.h"
#include "process/report_signal.h"
#include "sync/robust.h"
#include "thread/entry.h"
#include "thread/runtime.h"

namespace lt {
namespace {

// Before the constructors of the program, which may make threads.
__attribute__((constructor(101))) void Load() {
  InitLibrary();
  g_start_helpers = StartAslwp;
  g_end_hook = RobustThreadEnds;
  StartActions();
  WatchForks();
  WatchForOverflow();
  if (g_config.report_signal != 0) StartReportSignal();
  if (g_config.print_config) {
    // Only a started library knows whether the model can run.
    static_cast<void>(EnsureRunning(Self()));
    ReportConfig();
  }
}

__attribute__((destructor(101))) void Unload() {
  if (g_config.stats) ReportStats();
  if (g_config.lock_stats) ReportLocks();
}

}  // namespace
}  // namespace lt
