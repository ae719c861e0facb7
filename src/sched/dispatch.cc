// SPDX-License-Identifier: MIT

#include "sched/dispatch.h"

#include "base/clock.h"
#include "base/membarrier.h"
#include "base/panic.h"
#include "base/syscall.h"
#include "sched/critical.h"
#include "sched/own_signal.h"
#include "sched/stop.h"
#include "sched/watcher.h"

namespace lt {
namespace {

constexpr unsigned kLongestStreak = 16;
constexpr uint64_t kSharedEvery = 61;

int PriorityOf(const Thread& thread) {
  return thread.priority.load(std::memory_order_relaxed);
}

// Moves all threads that wait in local queues to the shared one.
__attribute__((noinline)) void EmptyLocalQueues() {
  const int count = g_pool.table_size();
  for (int i = 0; i < count; ++i) g_shared_queue.TakeOver(g_pool.lwp(i).queue);
  NoteWork();
}

// INV-PR4: local queues are for priority 0, and a thread that was put into one
// just now may have been raised since its priority was looked at.  Requeue()
// makes all processors pass a barrier after it has raised a thread: either it
// finds the thread in the queue, or this look sees the new priority.
inline void LookAgain(const Thread& thread) {
  std::atomic_signal_fence(std::memory_order_seq_cst);
  if (ABSL_PREDICT_FALSE(PriorityOf(thread) != 0)) EmptyLocalQueues();
}

// Appends to the LWP's ring; moves half of a full one to the shared queue.
void PushLocal(PoolLwp& lwp, Thread* thread) {
  while (!lwp.queue.TryPush(thread)) {
    Thread* half[LocalQueue::kRoom / 2];
    const uint32_t count = lwp.queue.TakeHalf(half, LocalQueue::kRoom / 2);
    g_shared_queue.PushAll(half, count);
  }
  LookAgain(*thread);
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

// Of a thread whose slice is over: behind the others.
void FinishSlice(Departure& departure) {
  Thread& from = *departure.from;
  from.state.store(State::kRunnable, std::memory_order_relaxed);
  g_shared_queue.Push(&from);
  NoteWork();
}

// Of a thread that a better one came for: it is the first of its priority.
void FinishOvertaken(Departure& departure) {
  Thread& from = *departure.from;
  from.state.store(State::kRunnable, std::memory_order_relaxed);
  g_shared_queue.PushFront(&from);
  NoteWork();
}

void FinishUnlock(Departure& departure) {
  auto& lock = *static_cast<SpinLock*>(departure.arg);
  lock.AssertHeld();
  lock.Unlock();
}

// The next thread that needs no look at other LWPs, not claimed yet, or null.
// Inline: it is on the way of each switch.
inline __attribute__((always_inline)) Thread* PickOwn(PoolLwp& lwp) {
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
  for (;;) {
    Thread* thread = PickOwn(lwp);
    if (thread == nullptr) thread = Steal(lwp, help);
    if (thread == nullptr || Claim(*thread)) return thread;
  }
}

// The LWP that runs the thread of the lowest priority below `priority`, or
// null.  The caller's own LWP is as good as any.
PoolLwp* LwpBelow(int priority) {
  PoolLwp* lowest = nullptr;
  const int count = g_pool.table_size();
  for (int i = 0; i < count; ++i) {
    PoolLwp& lwp = g_pool.lwp(i);
    const Thread* thread = lwp.current.load(std::memory_order_relaxed);
    if (!lwp.alive.load(std::memory_order_relaxed) || thread == nullptr ||
        thread->kind == Kind::kIdle || lwp.KernelCall() != 0 ||
        lwp.seen_blocked.load(std::memory_order_relaxed) ||
        PriorityOf(*thread) >= priority) {
      continue;
    }
    priority = PriorityOf(*thread);
    lowest = &lwp;
  }
  return lowest;
}

void PreemptForPriority() {
  const int highest = g_shared_queue.Highest();
  if (highest <= 0) return;
  if (g_pool.idle() > 0 && g_pool.WakeIdleLwp()) return;
  PoolLwp* lwp = LwpBelow(highest);
  if (lwp == nullptr) return;
  Thread* thread = lwp->current.load(std::memory_order_relaxed);
  // Should it have left since, the one that runs now looks for nothing.
  thread->requests.fetch_or(kPreemptRequest, std::memory_order_seq_cst);
  if (thread != Current()) {
    InterruptKernelThread(lwp->tid.load(std::memory_order_relaxed));
  }
}

void Requeue(Thread& thread, int before) {
  const bool may_be_local = before == 0 && &thread != Current();
  if (may_be_local) BarrierAll();
  if (g_shared_queue.Reorder(&thread, before) || !may_be_local) return;
  if (thread.state.load(std::memory_order_relaxed) == State::kRunnable) {
    EmptyLocalQueues();
  }
}

void Ready(Thread& thread) {
  if (!InPool(thread)) {
    // Release: pairs with the look of the thread that waits on its LWP.
    thread.state.store(State::kRunnable, std::memory_order_release);
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
    LookAgain(thread);
    return;
  }
  g_shared_queue.Push(&thread);
  if (PriorityOf(thread) != 0) {
    PreemptForPriority();
  } else if (lwp == nullptr && g_pool.idle() > 0) {
    // Outside the pool nobody reaches a switch soon: wake an LWP now.
    g_pool.WakeIdleLwp();
  }
  NoteWork();
}

LT_NO_CANARY void Yield(Thread& self) {
  EnterCritical(self);
  Thread* next = nullptr;
  if (InPool(self)) {
    PoolLwp& lwp = *self.lwp;
    const int priority = PriorityOf(self);
    do {
      next = priority > 0 ? g_shared_queue.Pop(priority) : PickOwn(lwp);
    } while (next != nullptr && !Claim(*next));
  }
  if (ABSL_PREDICT_TRUE(next != nullptr)) {
    Departure departure{&self, FinishYield};
    SwitchTo(self, *next, departure);
  } else {
    // What the caller waits for may run on an LWP that lacks a processor.
    RawSyscall(SYS_sched_yield);
  }
  LeaveCritical(self);
}

namespace {

// Values of Thread::reprieve_ns that are no points in time.
constexpr int64_t kNoReprieve = 0;
constexpr int64_t kNotYetUsed = INT64_MAX;

// Whether the thread goes on this time.  Relaxed: all is the thread's own.
bool TakeReprieve(Thread& self) {
  const int64_t until = self.reprieve_ns.load(std::memory_order_relaxed);
  if (ABSL_PREDICT_TRUE(until == kNoReprieve)) return false;
  const int64_t now = NowNs();
  const bool goes_on = now < until;
  if (until == kNotYetUsed) {
    self.reprieve_ns.store(now + kReprieveNs, std::memory_order_relaxed);
  } else if (!goes_on) {
    self.reprieve_ns.store(kNoReprieve, std::memory_order_relaxed);
  }
  self.owes_way.store(goes_on, std::memory_order_relaxed);
  return goes_on;
}

}  // namespace

void DeferPreempt(Thread& self) {
  if (InPool(self)) {
    self.reprieve_ns.store(kNotYetUsed, std::memory_order_relaxed);
  }
}

void AllowPreempt(Thread& self) {
  self.reprieve_ns.store(kNoReprieve, std::memory_order_relaxed);
  if (self.owes_way.exchange(false, std::memory_order_relaxed)) Yield(self);
}

void Preempt(Thread& self) {
  EnterCritical(self);
  // A request may be late: the thread has waited, or moved, since.
  if (InPool(self) && !TakeReprieve(self)) {
    PoolLwp& lwp = *self.lwp;
    const int priority = PriorityOf(self);
    const bool slice_over = lwp.slice_over.load(std::memory_order_relaxed) ==
                            lwp.dispatches.load(std::memory_order_relaxed);
    Thread* next;
    do {
      next = slice_over && priority == 0
                 ? PickOwn(lwp)
                 : g_shared_queue.Pop(slice_over ? priority : priority + 1);
    } while (next != nullptr && !Claim(*next));
    if (next != nullptr) {
      ++lwp.preemptions;
      Departure departure{&self, slice_over ? FinishSlice : FinishOvertaken};
      SwitchTo(self, *next, departure);
    }
  }
  LeaveCriticalQuietly(self);
}

namespace {

// False when it is interrupted first.
__attribute__((noinline)) bool WaitOnLwp(Thread& self) {
  NoteRegisters(self);
  bool interrupted = false;
  // A token may be there for another reason.  A signal that comes after the
  // look at the requests leaves one.
  while (self.state.load(std::memory_order_acquire) == State::kSleeping &&
         !interrupted) {
    interrupted = IsInterrupted(self);
    if (!interrupted) self.parker.Wait(Deadline::Never());
  }
  self.wait_sp = nullptr;
  return !interrupted;
}

}  // namespace

LT_NO_CANARY bool ParkUnlocking(Thread& self, SpinLock& lock) {
  self.state.store(State::kSleeping, std::memory_order_relaxed);
  if (!InPool(self)) {
    self.parker.Reset();
    lock.Unlock();
    if (!WaitOnLwp(self)) return false;
    self.state.store(State::kRunning, std::memory_order_relaxed);
    return true;
  }
  Departure departure{&self, FinishUnlock, &lock};
  lock.HandOn();
  Park(self, departure);
  return true;
}

void AwaitReady(Thread& self, bool ready_comes) {
  while (ready_comes &&
         self.state.load(std::memory_order_acquire) == State::kSleeping) {
    self.parker.Wait(Deadline::Never());
  }
  self.state.store(State::kRunning, std::memory_order_relaxed);
}

void Leave(Thread& self, Thread* successor, Departure& departure) {
  PoolLwp& lwp = *self.lwp;
  if (successor != nullptr) {
    // INV-ST1.  It is in no run queue: stopped it goes on sleeping.
    successor->state.store(State::kRunning, std::memory_order_relaxed);
    std::atomic_signal_fence(std::memory_order_seq_cst);
    // Acquire: as in Claim().
    if ((successor->requests.load(std::memory_order_acquire) & kStopRequest) !=
        0) {
      successor->state.store(State::kSleeping, std::memory_order_relaxed);
      successor = nullptr;
    }
  }
  if (successor == nullptr) successor = PickNext(lwp, false);
  if (successor == nullptr) successor = IdleOf(lwp);
  SwitchTo(self, *successor, departure);
  Panic("a thread that has left was run again");
}

}  // namespace lt
