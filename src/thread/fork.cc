// SPDX-License-Identifier: MIT

#include "thread/fork.h"

#include <new>

#include "obs/lock_stats.h"
#include "sched/fork.h"
#include "thread/census.h"
#include "thread/registry.h"
#include "thread/runtime.h"
#include "thread/wait_graph.h"
#include "thread/wait_report.h"

namespace lt {

void LockThreadsForFork() {
  LockStart();
  LockWaitGraph();
  LockKeys();
}

void UnlockThreadsAfterFork() {
  UnlockKeys();
  UnlockWaitGraph();
  UnlockStart();
}

void ForgetThreads(Thread& self) {
  UnlockThreadsAfterFork();
  const bool bound =
      self.kind == Kind::kBound && self.lwp == nullptr && !IsFirst(self);
  ForgetScheduling(self);
  ForgetOtherIds(self);
  new (&g_census) Census();
  g_census.threads.store(1, std::memory_order_relaxed);
  const bool adopted = self.kind == Kind::kForeign && self.daemon;
  if (!adopted) {
    self.daemon = false;  // it keeps the child alive now
    g_census.AddCounted();
  }
  self.made.Unpark();  // pthread_create may not have got that far
  self.joiner = nullptr;
  self.joining.store(nullptr, std::memory_order_relaxed);
  self.joining_any.store(false, std::memory_order_relaxed);
  ForgetCaches();
  ForgetJoins(self);
  ForgetEndings();
  ForgetSuspender();
  ForgetMutators();
  ForgetOtherWaits(self);
  ForgetReports();
  ForgetLockStats();
  RestartRuntime(self, bound);
}

}  // namespace lt
