// SPDX-License-Identifier: MIT

#include "sched/stop.h"

#include <new>

#include "base/futex.h"
#include "base/spinlock.h"
#include "sched/dispatch.h"
#include "sched/fork.h"

namespace lt {
namespace {

SpinLock g_lock;  // rank 9: reasons, and who is in kStopped

void NoteStopped(Thread& thread) {
  // Release: pairs with who waits for it and then looks at the registers.
  thread.stops.fetch_add(1, std::memory_order_release);
  FutexWake(&thread.stops, 1);
}

void FinishStop(Departure& departure) {
  Thread& thread = *departure.from;
  g_lock.AssertHeld();
  g_lock.Unlock();
  NoteStopped(thread);
}

// Leaves the LWP, unless the reasons are gone.
void StopUnbound(Thread& self) {
  PoolLwp& lwp = *self.lwp;
  // Picked without the lock, which that takes too.
  Thread* next = PickNext(lwp, false);
  g_lock.Lock();
  if (self.stop_reasons == 0) {
    g_lock.Unlock();
    if (next != nullptr) Ready(*next);
    return;
  }
  self.state.store(State::kStopped, std::memory_order_relaxed);
  if (next == nullptr) next = IdleOf(lwp);
  Departure departure{&self, FinishStop};
  // Held over the switch: nobody takes the reasons away before it has left.
  g_lock.HandOn();
  SwitchTo(self, *next, departure);
}

__attribute__((noinline)) void StopOnLwp(Thread& self) {
  NoteRegisters(self);
  const uint32_t goes = self.goes.load(std::memory_order_relaxed);
  {
    SpinLockHolder hold(g_lock);
    if (self.stop_reasons == 0) return;
    self.state.store(State::kStopped, std::memory_order_relaxed);
  }
  NoteStopped(self);
  while (self.goes.load(std::memory_order_acquire) == goes) {
    FutexWait(&self.goes, goes, Deadline::Never());
  }
  self.state.store(State::kRunning, std::memory_order_relaxed);
  self.wait_sp = nullptr;
}

}  // namespace

void ForgetStops() {
  new (&g_lock) SpinLock();
}

void AddStopReason(Thread& target, uint32_t reason) {
  SpinLockHolder hold(g_lock);
  target.stop_reasons |= reason;
  target.requests.fetch_or(kStopRequest, std::memory_order_seq_cst);
}

uint32_t DropStopReason(Thread& target, uint32_t reason) {
  uint32_t before;
  bool release = false;
  {
    SpinLockHolder hold(g_lock);
    before = target.stop_reasons;
    target.stop_reasons &= ~reason;
    if (before != 0 && target.stop_reasons == 0) {
      target.requests.fetch_and(~kStopRequest, std::memory_order_relaxed);
      release = target.state.load(std::memory_order_relaxed) == State::kStopped;
      if (release) {
        target.state.store(State::kRunnable, std::memory_order_relaxed);
      }
    }
  }
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
  SpinLockHolder hold(g_lock);
  return target.stop_reasons;
}

bool HasStopped(const Thread& target) {
  return target.state.load(std::memory_order_acquire) != State::kRunning;
}

bool Withhold(Thread& thread) {
  {
    SpinLockHolder hold(g_lock);
    if (thread.stop_reasons == 0) return false;
    thread.state.store(State::kStopped, std::memory_order_relaxed);
  }
  NoteStopped(thread);
  return true;
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
