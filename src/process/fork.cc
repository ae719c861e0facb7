// SPDX-License-Identifier: MIT

#include "process/fork.h"

#include <pthread.h>

#include "base/process_id.h"
#include "process/action.h"
#include "process/report_signal.h"
#include "sched/critical.h"
#include "sync/holds.h"
#include "thread/fork.h"
#include "thread/runtime.h"

namespace lt {
namespace {

void BeforeFork() {
  EnterCritical(Self());
  LockThreadsForFork();
  LockActions();
}

void AfterForkInParent() {
  UnlockActions();
  UnlockThreadsAfterFork();
  LeaveCritical(Self());
}

void AfterForkInChild() {
  Thread& self = Self();
  LearnProcessId();
  UnlockActions();
  DropSharedHolds(self);
  ForgetThreads(self);
  LeaveCritical(self);
  RestartReportSignal();
}

}  // namespace

void WatchForks() {
  pthread_atfork(BeforeFork, AfterForkInParent, AfterForkInChild);
}

}  // namespace lt
