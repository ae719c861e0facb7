// SPDX-License-Identifier: MIT

#include "sched/fork.h"

#include <new>

#include "base/panic.h"
#include "lwp/alternate_stack.h"
#include "lwp/interval_timers.h"
#include "lwp/kernel_thread.h"
#include "lwp/robust_list.h"
#include "sched/inherit.h"
#include "sched/lwp_numbers.h"
#include "sched/pool.h"
#include "sched/run_queue.h"
#include "sched/signal_mask.h"

namespace lt {
namespace {

// As a bound thread that waits for nothing and that nobody wants anything of.
void ResetSelf(Thread& self) {
  const bool deferred = self.deferred.signal != 0;
  const uint64_t mask = self.lwp != nullptr ? MaskOf(self) : self.deferred.mask;
  if (deferred || self.lwp != nullptr) SetKernelMask(mask);
  self.deferred.signal = 0;
  self.lwp = nullptr;
  if (self.kind != Kind::kForeign) self.kind = Kind::kBound;
  self.robust = nullptr;
  self.robust_holds = 0;
  self.pinned_by_handler = false;
  self.state.store(State::kRunning, std::memory_order_relaxed);
  self.kernel_tid.store(KernelTid(), std::memory_order_relaxed);
  self.pthread = pthread_self();
  self.requests.store(0, std::memory_order_relaxed);
  self.stop_reasons = 0;
  // The child's set of pending signals is empty.
  self.pending.store(0, std::memory_order_relaxed);
  self.forwarding.store(0, std::memory_order_relaxed);
  self.awaited.store(0, std::memory_order_relaxed);
  self.bucket.store(nullptr, std::memory_order_relaxed);
  self.parker.Reset();
}

// There is one LWP: its own number, or 1 where it was one of the pool's.
void ResetLwpNumber(Thread& self) {
  ForgetLwpNumbers();
  uint32_t number = self.lwp_entry.number.load(std::memory_order_relaxed);
  if (self.lwp != nullptr) {
    number = 1;
    self.lwp_entry.private_data = self.lwp->entry.private_data;
  }
  if (!TryEnterLwp(self.lwp_entry, number)) Panic("a number in an empty table");
}

}  // namespace

void ForgetScheduling(Thread& self) {
  ForgetStacks();
  ForgetAlternateStacks();
  ForgetIntervalTimers();
  ForgetOtherThreads(self);
  const int level = g_pool.level.load(std::memory_order_relaxed);
  new (&g_pool) Pool();
  g_pool.level.store(level, std::memory_order_relaxed);
  new (&g_shared_queue) SharedQueue();
  ForgetTimers();
  ForgetSleepers();
  ForgetRobustLists();
  ForgetStandIns();
  ForgetStops();
  ForgetWatcher();
  ForgetProtocols(self);
  ResetLwpNumber(self);
  ResetSelf(self);
}

}  // namespace lt
