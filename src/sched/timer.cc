// SPDX-License-Identifier: MIT

#include "sched/timer.h"

#include <cstddef>
#include <new>

#include "base/spinlock.h"
#include "sched/fork.h"
#include "sched/thread.h"

namespace lt {
namespace {

SpinLock g_lock;
Timer* g_root ABSL_GUARDED_BY(g_lock) = nullptr;

Thread* ThreadOf(Timer* timer) {
  return reinterpret_cast<Thread*>(reinterpret_cast<char*>(timer) -
                                   offsetof(Thread, timer));
}

// Joins two heaps; the later root becomes the first child of the earlier.
Timer* Meld(Timer* a, Timer* b) {
  if (a == nullptr) return b;
  if (b == nullptr) return a;
  if (b->due_ns < a->due_ns) {
    Timer* swap = a;
    a = b;
    b = swap;
  }
  b->next = a->child;
  if (b->next != nullptr) b->next->prev = b;
  b->prev = a;
  a->child = b;
  a->next = a->prev = nullptr;
  return a;
}

// Melds siblings: pairs from left to right, then all from right to left.
Timer* MeldSiblings(Timer* first) {
  Timer* pairs = nullptr;  // linked backwards through `next`
  while (first != nullptr) {
    Timer* a = first;
    Timer* b = a->next;
    first = b == nullptr ? nullptr : b->next;
    a->next = a->prev = nullptr;
    if (b != nullptr) b->next = b->prev = nullptr;
    Timer* pair = Meld(a, b);
    pair->next = pairs;
    pairs = pair;
  }
  Timer* root = nullptr;
  while (pairs != nullptr) {
    Timer* rest = pairs->next;
    pairs->next = nullptr;
    root = Meld(root, pairs);
    pairs = rest;
  }
  return root;
}

void Remove(Timer& timer) ABSL_EXCLUSIVE_LOCKS_REQUIRED(g_lock) {
  if (g_root == &timer) {
    g_root = MeldSiblings(timer.child);
  } else {
    if (timer.prev->child == &timer) {
      timer.prev->child = timer.next;
    } else {
      timer.prev->next = timer.next;
    }
    if (timer.next != nullptr) timer.next->prev = timer.prev;
    g_root = Meld(g_root, MeldSiblings(timer.child));
  }
  timer.child = timer.next = timer.prev = nullptr;
  timer.armed = false;
}

}  // namespace

void ForgetTimers() ABSL_NO_THREAD_SAFETY_ANALYSIS {
  new (&g_lock) SpinLock();
  g_root = nullptr;
}

bool ArmTimer(Thread& thread, Deadline deadline) {
  SpinLockHolder hold(g_lock);
  Timer& timer = thread.timer;
  timer.due_ns = deadline.ns();
  timer.wait_count = thread.wait_count.load(std::memory_order_relaxed);
  timer.armed = true;
  g_root = Meld(g_root, &timer);
  return g_root == &timer;
}

void CancelTimer(Thread& thread) {
  SpinLockHolder hold(g_lock);
  if (thread.timer.armed) Remove(thread.timer);
}

Thread* TakeDueTimer(int64_t now_ns, uint32_t& wait_count, Deadline& next) {
  SpinLockHolder hold(g_lock);
  if (g_root == nullptr) {
    next = Deadline::Never();
    return nullptr;
  }
  Timer& timer = *g_root;
  if (timer.due_ns > now_ns) {
    next = Deadline::AtNs(timer.due_ns);
    return nullptr;
  }
  wait_count = timer.wait_count;
  Remove(timer);
  return ThreadOf(&timer);
}

}  // namespace lt
