// SPDX-License-Identifier: MIT

#include "sched/signal_mask.h"

#include "sched/critical.h"

namespace lt {

void ChangeLwpMask(PoolLwp& lwp, uint64_t mask) {
  // Told first: a signal that comes between the two, while it is still
  // unblocked, finds that the thread does not want it, and is passed on.
  lwp.mask = mask;
  SetKernelMask(mask);
}

void OpenLwpMask(Thread& self) {
  // A handler may change the mask, or move the thread to another LWP.
  uint64_t mask;
  do {
    mask = MaskOf(self);
    if (self.lwp->mask != mask) ChangeLwpMask(*self.lwp, mask);
  } while (MaskOf(self) != mask);
}

uint64_t OwnMask(const Thread& self) {
  if (self.lwp != nullptr) return MaskOf(self);
  return self.deferred.signal != 0 ? self.deferred.mask : KernelMask();
}

void SetOwnMask(Thread& self, uint64_t mask) {
  mask &= ~NeverBlocked();
  // Sequentially consistent: of a thread that unblocks a signal and one that
  // sends it, one sees what the other did.
  self.sigmask.exchange(mask, std::memory_order_seq_cst);
  if ((self.pending.load(std::memory_order_seq_cst) & ~mask) != 0) {
    self.requests.fetch_or(kSignalRequest, std::memory_order_relaxed);
  }
  if (self.deferred.signal != 0) {
    self.deferred.mask = mask;  // in force when that signal is delivered
  } else if (self.lwp != nullptr) {
    ChangeLwpMask(*self.lwp, mask);
  } else {
    SetKernelMask(mask);
  }
}

}  // namespace lt
