// SPDX-License-Identifier: MIT
//
// Who runs next, and how it gets the baton.
//
// A switch is two steps: `running` is set to the next thread, and that one is
// woken: by its semaphore, if it waits in the library; or by thr_continue, if
// the helper has stopped it in code of the program (`stopped`), or it has not
// begun.  From then on the next one has the baton.
//
// INV-SW1: thr_suspend and thr_continue are called under g_stop_lock, together
//   with the look at, or the change of, `stopped` and `running` that belongs to
//   them.  Otherwise the helper could stop the thread that is just being
//   continued, give its baton to a third, and the late thr_continue would set
//   two threads going.
// INV-SW2: a thread set going in code of the program will not look for events
//   by itself.  So who continues one looks at `want` under the lock, after
//   which the helper finds it running, and before which it was taken.

#include <ctime>

#include "helper.h"
#include "life.h"
#include "pod.h"
#include "ready.h"
#include "timers.h"

namespace lwp4 {

constinit Pod pod;
constinit Hooks hooks{};
constinit Lwp g_nobody;
mutex_t g_stop_lock = DEFAULTMUTEX;
__thread Lwp* t_self = nullptr;
__thread int t_error = kNoError;

namespace {

constexpr int kWordBits = 64;

constinit Queue g_ready[kMostPriority + 1];
constinit uint64_t g_bits[(kMostPriority + kWordBits) / kWordBits];

void FindTop() {
  pod.top = 0;
  for (int i = sizeof g_bits / sizeof *g_bits; i-- > 0;) {
    if (g_bits[i] == 0) continue;
    pod.top = i * kWordBits + kWordBits - 1 - __builtin_clzll(g_bits[i]);
    return;
  }
}

inline void NoteReady(int priority) {
  g_bits[priority / kWordBits] |= uint64_t{1} << priority % kWordBits;
  if (priority > pod.top) pod.top = priority;
}

inline void NoteTaken(int priority) {
  if (!g_ready[priority].empty()) return;
  g_bits[priority / kWordBits] &= ~(uint64_t{1} << priority % kWordBits);
  if (priority == pod.top) FindTop();
}

inline void Publish(Lwp& next) {
  if (__builtin_expect(hooks.switching != nullptr, 0) && pod.last != &next) {
    hooks.switching(pod.last, next);
  }
  pod.last = &next;
  // Read by the helper, as hints that it verifies.
  pod.running_thread.store(next.thread, std::memory_order_relaxed);
  pod.running.store(&next, std::memory_order_relaxed);
}

// Nobody has the baton from now on; but if there are events, the caller has it
// again, as `claimant`, and has taken them: false.
bool LeaveIdle() {
  pod.running_thread.store(0, std::memory_order_relaxed);
  // Release: who claims the baton sees the pod as it is.  Sequentially
  // consistent, as the helper's store of `want` and its look at `running`: one
  // of both sees what the other did.
  pod.running.store(nullptr, std::memory_order_seq_cst);
  if (pod.want.load(std::memory_order_seq_cst) == 0) return true;
  Lwp* none = nullptr;
  if (!pod.running.compare_exchange_strong(none, &g_nobody,
                                           std::memory_order_acq_rel)) {
    return true;  // the helper was quicker, and takes them
  }
  TakeEvents();
  return false;
}

// The way of PassOn(); true: `self`, which is ready, is to go on.
bool HandOn(Lwp* self) {
  for (;;) {
    Lwp* next = TakeTop();
    if (next != nullptr && next == self) {
      Publish(*self);  // it may have lost the baton
      return true;
    }
    if (next != nullptr ? HandTo(*next) : LeaveIdle()) return false;
    if (next != nullptr) TakeEvents();
  }
}

void AwaitBaton(Lwp& self) {
  while (sema_wait(&self.sema) != 0) {
    // A handler of a signal has run.
  }
  if (__builtin_expect(self.doomed || self.jump != nullptr, 0)) Divert(self);
}

}  // namespace

bool IsReady(const Lwp& thread) {
  return thread.queue == &g_ready[thread.priority];
}

Lwp* FirstReady(int priority) {
  return g_ready[priority].first;
}

void MakeReady(Lwp& thread) {
  g_ready[thread.priority].PushBack(thread);
  NoteReady(thread.priority);
}

void MakeReadyFirst(Lwp& thread) {
  g_ready[thread.priority].PushFront(thread);
  NoteReady(thread.priority);
}

void MakeUnready(Lwp& thread) {
  g_ready[thread.priority].Remove(thread);
  NoteTaken(thread.priority);
}

Lwp* TakeTop() {
  if (pod.top == 0) return nullptr;
  Lwp* thread = g_ready[pod.top].first;
  MakeUnready(*thread);
  return thread;
}

void HandToLocked(Lwp& next) {
  Publish(next);
  if (next.stopped) {
    next.stopped = false;
    thr_continue(next.thread);
  } else {
    sema_post(&next.sema);
  }
}

bool HandTo(Lwp& next) {
  if (__builtin_expect(!next.stopped, 1)) {
    Publish(next);
    sema_post(&next.sema);
    return true;
  }
  mutex_lock(&g_stop_lock);
  // INV-SW2.  A new thread looks by itself, but may as well wait.
  const bool wanted = pod.want.load(std::memory_order_relaxed) != 0;
  if (wanted) {
    MakeReadyFirst(next);
  } else {
    HandToLocked(next);
  }
  mutex_unlock(&g_stop_lock);
  return !wanted;
}

void PassOn() {
  HandOn(nullptr);
}

void GiveBaton(Lwp& self) {
  if (!HandOn(&self)) AwaitBaton(self);
}

void Yield(Lwp& self) {
  if (g_ready[self.priority].empty()) return;
  MakeReady(self);
  GiveBaton(self);
}

void YieldTo(Lwp& self, Lwp& next) {
  MakeUnready(next);
  MakeReadyFirst(self);
  if (!HandTo(next)) {
    TakeEvents();
    GiveBaton(self);
  } else {
    AwaitBaton(self);
  }
}

int Block(Lwp& self, Wait why, Object* on, Nanoseconds deadline) {
  self.wait = why;
  self.on = on;
  self.wake = kNoError;
  if (why >= Wait::kMonitor && (self.flags & kServer) != 0) {
    --pod.servers_active;
    if (PodHasEnded()) EndProcess(pod.exit_status);
  }
  if (deadline != kNever) AddTimer(self, deadline);
  GiveBaton(self);
  return self.wake;
}

void Unblock(Lwp& thread, int wake) {
  if (thread.wait >= Wait::kMonitor && (thread.flags & kServer) != 0) {
    ++pod.servers_active;
  }
  if (thread.queue != nullptr) thread.queue->Remove(thread);
  if (thread.timer_slot >= 0) RemoveTimer(thread);
  thread.wait = Wait::kNone;
  thread.on = nullptr;
  thread.wake = wake;
  if (!thread.suspended) MakeReady(thread);
}

void ChangePriority(Lwp& thread, int priority) {
  if (priority == thread.priority) return;
  if (IsReady(thread)) {
    MakeUnready(thread);
    thread.priority = priority;
    MakeReady(thread);
    return;
  }
  thread.priority = priority;
  if (Queue* queue = thread.queue) {
    queue->Remove(thread);
    queue->PushByPriority(thread);
  }
}

void ForgetReady() {
  while (TakeTop() != nullptr) {
  }
}

// ---- Primitives: the rare ways ----

void Primitive::TakeWanted() {
  TakeEvents();
}

void Primitive::GiveWay(Lwp& self) {
  MakeReadyFirst(self);
  GiveBaton(self);
}

void Primitive::LeaveWanted(Lwp& self) {
  do {
    self.in_library = 1;
    std::atomic_signal_fence(std::memory_order_seq_cst);
    TakeEvents();
    if (pod.top > self.priority) GiveWay(self);
    std::atomic_signal_fence(std::memory_order_seq_cst);
    self.in_library = 0;
    std::atomic_signal_fence(std::memory_order_seq_cst);
  } while (pod.want.load(std::memory_order_relaxed) != 0);
}

Lwp* Primitive::Enter() {
  if (t_self == nullptr && StartPod()) return t_self;
  t_error = kNonexist;
  return nullptr;
}

Nanoseconds Now() {
  constexpr Nanoseconds kSecond = 1000000000;
  timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return now.tv_sec * kSecond + now.tv_nsec;
}

}  // namespace lwp4
