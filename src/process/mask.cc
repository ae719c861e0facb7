// SPDX-License-Identifier: MIT

#include "process/mask.h"

#include <cerrno>

#include "sched/critical.h"
#include "sched/signal_mask.h"

namespace lt {

// A kernel thread that the library has not met is not adopted for this.

uint64_t CurrentMask() {
  Thread* self = Current();
  if (self == nullptr) return KernelMask();
  Critical critical(*self);
  return OwnMask(*self);
}

void ReplaceMask(uint64_t mask) {
  Thread* self = Current();
  if (self == nullptr) {
    SetKernelMask(mask & ~NeverBlocked());
    return;
  }
  Critical critical(*self);
  SetOwnMask(*self, mask);
}

int ChangeMask(int how, const sigset_t* set, sigset_t* before) {
  const uint64_t old = CurrentMask();
  if (set != nullptr) {
    const uint64_t bits = ToKernelSet(*set);
    switch (how) {
      case SIG_BLOCK:
        ReplaceMask(old | bits);
        break;
      case SIG_UNBLOCK:
        ReplaceMask(old & ~bits);
        break;
      case SIG_SETMASK:
        ReplaceMask(bits);
        break;
      default:
        return EINVAL;
    }
  }
  if (before != nullptr) FromKernelSet(old, *before);
  return 0;
}

}  // namespace lt
