// SPDX-License-Identifier: MIT
//
// Waiters sleep in the kernel on `sequence`, which every signal changes: one
// that comes when a waiter has released the mutex and does not sleep yet keeps
// it from sleeping.
//
// INV-SC1: `waiters` is never less than the number of threads between the
//   release of the mutex and the end of their sleep.  It is raised before the
//   mutex is released: a signaller that has held the mutex since sees it.  (A
//   process that is killed in a wait leaves it too high: signals then ask the
//   kernel for nothing.)
//
// A signal is not lost in a timeout or an interruption: the kernel wakes a
// thread or ends its wait for another reason, never both.

#include "sync/shared_cond.h"

#include "base/futex.h"
#include "sched/kernel_wait.h"

namespace lt {

int SharedCondSleep(Thread& self, Cond& cond, Mutex& mutex, Deadline deadline,
                    void (*release)(Thread&, Mutex&)) {
  cond.waiters.fetch_add(1, std::memory_order_relaxed);
  // Before the release: a later value would be that of a missed signal.
  const uint32_t before = cond.sequence.load(std::memory_order_relaxed);
  release(self, mutex);
  const int result = KernelWait(self, cond.sequence, before, deadline);
  cond.waiters.fetch_sub(1, std::memory_order_relaxed);
  return result;
}

void SharedCondWake(Cond& cond, bool all) {
  if (cond.waiters.load(std::memory_order_relaxed) == 0) return;  // INV-SC1
  cond.sequence.fetch_add(1, std::memory_order_relaxed);
  FutexWakeShared(&cond.sequence, all ? INT32_MAX : 1);
}

}  // namespace lt
