// SPDX-License-Identifier: MIT

#include "sched/stop.h"

#include <new>

#include "base/futex.h"
#include "base/spinlock.h"
#include "sched/dispatch.h"
#include "sched/fork.h"

namespace lt {

constinit SpinLock g_stop_lock;

namespace {

void FinishStop(Departure& departure) {
  Thread& thread = *departure.from;
  g_stop_lock.AssertHeld();
  g_stop_lock.Unlock();
  Stops::NoteStopped(thread);
}

// Leaves the LWP, unless the reasons are gone.
void StopUnbound(Thread& self) {
  PoolLwp& lwp = *self.lwp;
  // Picked without the lock, which that takes too.
  Thread* next = PickNext(lwp, false);
  g_stop_lock.Lock();
  if (self.stop_reasons == 0) {
    g_stop_lock.Unlock();
    if (next != nullptr) Ready(*next);
    return;
  }
  self.state.store(State::kStopped, std::memory_order_relaxed);
  if (next == nullptr) next = IdleOf(lwp);
  Departure departure{&self, FinishStop};
  // Held over the switch: nobody takes the reasons away before it has left.
  g_stop_lock.HandOn();
  SwitchTo(self, *next, departure);
}

__attribute__((noinline)) void StopOnLwp(Thread& self) {
  NoteRegisters(self);
  const uint32_t goes = self.goes.load(std::memory_order_relaxed);
  {
    SpinLockHolder hold(g_stop_lock);
    if (self.stop_reasons == 0) return;
    self.state.store(State::kStopped, std::memory_order_relaxed);
  }
  Stops::NoteStopped(self);
  while (self.goes.load(std::memory_order_acquire) == goes) {
    FutexWait(&self.goes, goes, Deadline::Never());
  }
  self.state.store(State::kRunning, std::memory_order_relaxed);
  self.wait_sp = nullptr;
}

}  // namespace

void ForgetStops() {
  new (&g_stop_lock) SpinLock();
}

void AddStopReason(Thread& target, uint32_t reason) {
  Stops::AddReason(target, reason);
}

uint32_t DropStopReason(Thread& target, uint32_t reason) {
  bool release;
  const uint32_t before = Stops::DropReason(target, reason, release);
  if (!release) return before;
  if (InPool(target)) {
    Ready(target);
  } else {
    target.goes.fetch_add(1, std::memory_order_release);
    FutexWake(&target.goes, 1);
  }
  return before;
}

uint32_t StopReasons(Thread& target) {
  SpinLockHolder hold(g_stop_lock);
  return target.stop_reasons;
}

bool StopMachine::Withhold(Thread& thread) {
  return Stops::Withhold(thread);
}

void StopSelf(Thread& self, const ucontext_t* context) {
  EnterCritical(self);
  self.stop_context = context;
  while (StopReasons(self) != 0) {
    if (InPool(self)) {
      StopUnbound(self);
    } else {
      StopOnLwp(self);
    }
  }
  self.stop_context = nullptr;
  LeaveCriticalQuietly(self);
}

}  // namespace lt
