// SPDX-License-Identifier: MIT
//
// Ready threads by priority, and how the baton goes from one to another; only
// for those files that hand it.

#ifndef LIBLWP_READY_H_
#define LIBLWP_READY_H_

#include "client.h"
#include "life.h"
#include "pod.h"

namespace lwp4 {

// thr_suspend and thr_continue are called with this lock only.
extern mutex_t g_stop_lock;

// By priority, and bit p of g_ready_bits: somebody is ready at p.
inline constexpr int kWordBits = 64;
inline constexpr int kReadyWords = kMostPriority / kWordBits + 1;
extern Queue g_ready[kMostPriority + 1];
extern uint64_t g_ready_bits[kReadyWords];

// Sets pod.top, by the bits.
void FindTop();

inline void PutReady(Lwp& thread, bool first) {
  const int priority = thread.priority;
  if (first) {
    g_ready[priority].PushFront(thread);
  } else {
    g_ready[priority].PushBack(thread);
  }
  g_ready_bits[priority / kWordBits] |= uint64_t{1} << priority % kWordBits;
  if (priority > pod.top) pod.top = priority;
}

inline void TakeReady(Lwp& thread) {
  const int priority = thread.priority;
  g_ready[priority].Remove(thread);
  if (!g_ready[priority].empty()) return;
  g_ready_bits[priority / kWordBits] &= ~(uint64_t{1} << priority % kWordBits);
  if (priority == pod.top) FindTop();
}

// Takes the first thread of the highest priority out of its queue; null: none
// is ready.
inline Lwp* TakeTop() {
  if (pod.top == 0) return nullptr;
  Lwp* thread = g_ready[pod.top].first;
  TakeReady(*thread);
  return thread;
}

// To the front of its queue.
void MakeReadyFirst(Lwp& thread);

// ---- Handing the baton on ----

// `next`, which is in no queue, has the baton, and is yet to be woken.
inline void Publish(Lwp& next) {
  if (__builtin_expect(hooks.switching != nullptr, 0) && pod.last != &next) {
    hooks.switching(pod.last, next);
  }
  pod.last = &next;
  // Read by the helper, as hints that it verifies.
  pod.running_thread.store(next.thread, std::memory_order_relaxed);
  pod.running.store(&next, std::memory_order_relaxed);
}

// The caller has the baton again.
inline void Arrive(Lwp& self) {
  if (__builtin_expect(self.doomed || self.jump != nullptr, 0)) Divert(self);
}
void AwaitBaton(Lwp& self);

// Inline, up to libthread: the processor foresees no return behind a switch.
// `next` is out of its queue.
void GiveBatonSlow(Lwp& self, Lwp* next);
inline __attribute__((always_inline)) void GiveBatonTo(Lwp& self, Lwp* next) {
  if (__builtin_expect(next == nullptr || next == &self || next->stopped, 0)) {
    GiveBatonSlow(self, next);
    return;
  }
  Publish(*next);
  if (__builtin_expect(_thr_handoff(&next->sema, &self.sema) != 0, 0)) {
    AwaitBaton(self);
  } else {
    Arrive(self);
  }
}

// The caller, which is not blocked, goes to the tail of its queue.
inline __attribute__((always_inline)) void Yield(Lwp& self) {
  Queue& queue = g_ready[self.priority];
  Lwp* next = queue.first;
  if (next == nullptr) return;
  if (__builtin_expect(pod.top == self.priority, 1)) {
    // The queue stays as full as it is.
    queue.RemoveInline(*next);
    queue.InsertInline(self, nullptr);
  } else {
    PutReady(self, false);
    next = TakeTop();
  }
  GiveBatonTo(self, next);
}

// Gives the baton to `next`, which is in no queue.  The caller is not
// pod.running any more when this returns true, and touches nothing of the
// pod's.  False: there are events to be taken before a thread is set going that
// would not look for them; `next` is ready again, the first of its queue.
[[nodiscard]] bool HandTo(Lwp& next);
// The same, by the helper: the lock is held, and it has just taken the events.
void HandToLocked(Lwp& next);

// Gives the baton to whoever is due, or to nobody; the caller does not wait for
// it, and is not to run again.
void PassOn();

// In the child of a fork: none is ready.
void ForgetReady();

// By who has claimed the baton without being a thread of the pod.
extern Lwp g_nobody;

}  // namespace lwp4

#endif  // LIBLWP_READY_H_
