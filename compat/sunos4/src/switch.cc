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

constinit Queue g_ready[kMostPriority + 1];
constinit uint64_t g_ready_bits[kReadyWords];

namespace {

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

// Gives the baton to `next`, which may be null, or to another.  True: `self`,
// which may be null, is due, and has it again.
bool HandOn(Lwp* self, Lwp* next) {
  for (;; next = TakeTop()) {
    if (next != nullptr && next == self) {
      Publish(*self);  // it may have lost the baton
      return true;
    }
    if (next != nullptr ? HandTo(*next) : LeaveIdle()) return false;
    if (next != nullptr) TakeEvents();
  }
}

}  // namespace

bool IsReady(const Lwp& thread) {
  return thread.queue == &g_ready[thread.priority];
}

Lwp* FirstReady(int priority) {
  return g_ready[priority].first;
}

void FindTop() {
  pod.top = 0;
  for (int i = kReadyWords; i-- > 0;) {
    if (g_ready_bits[i] == 0) continue;
    pod.top = i * kWordBits + kWordBits - 1 - __builtin_clzll(g_ready_bits[i]);
    return;
  }
}

void MakeReady(Lwp& thread) {
  PutReady(thread, false);
}

void MakeReadyFirst(Lwp& thread) {
  PutReady(thread, true);
}

void MakeUnready(Lwp& thread) {
  TakeReady(thread);
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
  HandOn(nullptr, TakeTop());
}

void AwaitBaton(Lwp& self) {
  while (sema_wait(&self.sema) != 0) {
    // A handler of a signal has run.
  }
  Arrive(self);
}

void GiveBatonSlow(Lwp& self, Lwp* next) {
  if (!HandOn(&self, next)) AwaitBaton(self);
}

void GiveBaton(Lwp& self) {
  GiveBatonTo(self, TakeTop());
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
  GiveBatonTo(self, TakeTop());
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
