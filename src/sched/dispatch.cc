// SPDX-License-Identifier: MIT

#include "sched/dispatch.h"

#include "base/panic.h"
#include "base/syscall.h"
#include "sched/watcher.h"

namespace lt {
namespace {

constexpr unsigned kLongestStreak = 16;
constexpr uint64_t kSharedEvery = 61;

int PriorityOf(const Thread& thread) {
  return thread.priority.load(std::memory_order_relaxed);
}

// Appends to the LWP's ring; moves half of a full one to the shared queue.
void PushLocal(PoolLwp& lwp, Thread* thread) {
  while (!lwp.queue.TryPush(thread)) {
    Thread* half[LocalQueue::kRoom / 2];
    const uint32_t count = lwp.queue.TakeHalf(half, LocalQueue::kRoom / 2);
    g_shared_queue.PushAll(half, count);
  }
  NoteWork();
}

// Takes half of another LWP's ring: one to run, the rest into the own ring.
Thread* Steal(PoolLwp& lwp, bool help) {
  const int count = g_pool.table_size();
  for (int i = 0; i < count; ++i) {
    PoolLwp& victim = g_pool.lwp((lwp.victim + i) % count);
    if (&victim == &lwp) continue;
    Thread* stolen[LocalQueue::kRoom / 2];
    const uint32_t taken = victim.queue.TakeHalf(stolen, LocalQueue::kRoom / 2);
    if (taken == 0) {
      Thread* last = help ? victim.queue.TakeLast() : nullptr;
      if (last == nullptr) continue;
      stolen[0] = last;
    }
    lwp.victim = (lwp.victim + i) % count;
    ++lwp.steals;
    for (uint32_t k = 1; k < taken; ++k) PushLocal(lwp, stolen[k]);
    return stolen[0];
  }
  return nullptr;
}

// A thread made ready here runs here soon.  What its first instructions touch,
// the top frames of its stack and its control block, comes from memory all at
// once now, instead of line by line then.
void Warm(const Thread& thread) {
  constexpr int kLine = 64;
  constexpr int kLines = 8;
  const char* stack = static_cast<const char*>(thread.context);
  for (int i = 0; i < kLines; ++i) __builtin_prefetch(stack + i * kLine, 1);
  __builtin_prefetch(reinterpret_cast<const void*>(thread.tp));
  __builtin_prefetch(reinterpret_cast<const char*>(thread.tp) - kLine);
}

void FinishYield(Departure& departure) {
  Thread& from = *departure.from;
  from.state.store(State::kRunnable, std::memory_order_relaxed);
  if (PriorityOf(from) != 0) {
    g_shared_queue.Push(&from);
    NoteWork();
  } else {
    PushLocal(*from.lwp, &from);
  }
}

void FinishUnlock(Departure& departure) {
  auto& lock = *static_cast<SpinLock*>(departure.arg);
  lock.AssertHeld();
  lock.Unlock();
}

// The next thread that needs no look at other LWPs, or null.
Thread* PickOwn(PoolLwp& lwp) {
  if (ABSL_PREDICT_FALSE(g_shared_queue.HasPriority())) {
    if (Thread* thread = g_shared_queue.Pop(1)) return thread;
  }
  const uint64_t turn = lwp.dispatches.load(std::memory_order_relaxed);
  if (ABSL_PREDICT_FALSE(turn % kSharedEvery == 0)) {
    if (Thread* thread = g_shared_queue.Pop(0)) return thread;
  }
  if (lwp.last_streak < kLongestStreak) {
    if (Thread* thread = lwp.queue.TakeLast()) {
      ++lwp.last_streak;
      return thread;
    }
  }
  lwp.last_streak = 0;
  if (Thread* thread = lwp.queue.Pop()) return thread;
  if (Thread* thread = lwp.queue.TakeLast()) return thread;
  return g_shared_queue.Pop(0);
}

}  // namespace

Thread* PickNext(PoolLwp& lwp, bool help) {
  Thread* thread = PickOwn(lwp);
  return thread != nullptr ? thread : Steal(lwp, help);
}

void Ready(Thread& thread) {
  if (!InPool(thread)) {
    thread.state.store(State::kRunning, std::memory_order_relaxed);
    thread.parker.Unpark();
    return;
  }
  thread.state.store(State::kRunnable, std::memory_order_relaxed);
  Thread* self = Current();
  PoolLwp* lwp = self == nullptr ? nullptr : self->lwp;
  if (lwp != nullptr && PriorityOf(thread) == 0) {
    Warm(thread);
    if (Thread* displaced = lwp->queue.PutLast(&thread)) {
      PushLocal(*lwp, displaced);
    } else {
      NoteWork();
    }
    return;
  }
  g_shared_queue.Push(&thread);
  // Outside the pool nobody reaches a switch soon: wake an LWP now.
  if (lwp == nullptr && g_pool.idle() > 0) g_pool.WakeIdleLwp();
  NoteWork();
}

LT_NO_CANARY void Yield(Thread& self) {
  if (!InPool(self)) {
    RawSyscall(SYS_sched_yield);
    return;
  }
  PoolLwp& lwp = *self.lwp;
  const int priority = PriorityOf(self);
  Thread* next = priority > 0 ? g_shared_queue.Pop(priority) : PickOwn(lwp);
  if (next == nullptr) {
    // What the caller waits for may run on an LWP that lacks a processor.
    RawSyscall(SYS_sched_yield);
    return;
  }
  Departure departure{&self, FinishYield};
  SwitchTo(self, *next, departure);
}

LT_NO_CANARY void ParkUnlocking(Thread& self, SpinLock& lock) {
  self.state.store(State::kSleeping, std::memory_order_relaxed);
  if (!InPool(self)) {
    self.parker.Reset();
    lock.Unlock();
    self.parker.Wait(Deadline::Never());
    self.state.store(State::kRunning, std::memory_order_relaxed);
    return;
  }
  Departure departure{&self, FinishUnlock, &lock};
  lock.HandOn();
  Park(self, departure);
}

void Leave(Thread& self, Thread* successor, Departure& departure) {
  PoolLwp& lwp = *self.lwp;
  if (successor == nullptr) successor = PickNext(lwp, false);
  if (successor == nullptr) successor = lwp.idle;
  SwitchTo(self, *successor, departure);
  Panic("a thread that has left was run again");
}

}  // namespace lt
