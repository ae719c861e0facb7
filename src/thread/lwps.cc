// SPDX-License-Identifier: MIT

#include "thread/lwps.h"

#include <cerrno>

#include "base/spinlock.h"
#include "sched/critical.h"
#include "sched/lwp_numbers.h"
#include "sched/pool.h"
#include "thread/registry.h"
#include "thread/runtime.h"

namespace lt {

uint32_t LwpOf(const Thread& thread) {
  const PoolLwp* lwp = thread.lwp;
  const LwpEntry& entry = lwp != nullptr ? lwp->entry : thread.lwp_entry;
  return entry.number.load(std::memory_order_relaxed);
}

uint32_t OwnLwp() {
  return LwpOf(Self());
}

int LookAtLwp(uint32_t number, LwpView& view) {
  Critical critical(Self());
  const LwpHold hold(number);
  const LwpEntry* entry = hold.entry();
  if (entry == nullptr) return ESRCH;
  view.kernel_id = KernelIdOf(*entry);
  view.pool = entry->lwp != nullptr;
  view.stopped = entry->stopped.load(std::memory_order_relaxed);
  const Thread* thread = entry->thread;
  if (view.pool) thread = entry->lwp->current.load(std::memory_order_relaxed);
  view.thread = thread != nullptr ? thread->id : 0;
  return 0;
}

pid_t KernelIdOfLwp(uint32_t number) {
  for (Backoff backoff;; backoff.Pause()) {
    LwpView view;
    if (LookAtLwp(number, view) != 0) return 0;
    // 0: the kernel thread is there, or will soon be given up.
    if (view.kernel_id != 0) return view.kernel_id;
  }
}

void RegisterAsLwp(Thread& thread) {
  uint32_t id = ReserveId(1);
  uint32_t number = NextLwpNumber(id);
  for (;;) {
    if (id < number) {
      id = ReserveId(number);
    } else if (id > number) {
      number = NextLwpNumber(id);
    } else if (TryRegister(thread, id)) {
      if (TryEnterLwp(thread.lwp_entry, number)) return;
      Unregister(thread);
      number = NextLwpNumber();
    } else {
      id = ReserveId(id + 1);
    }
  }
}

}  // namespace lt
