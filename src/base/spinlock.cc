// SPDX-License-Identifier: MIT

#include "base/spinlock.h"

#include "base/syscall.h"

namespace lt {

void SpinLock::LockSlow() {
  // The holder may be off its processor (a kernel preemption inside a section
  // of a few instructions): after a short spin let the kernel run it.
  constexpr int kSpins = 100;
  int spins = 0;
  do {
    while (word_.load(std::memory_order_relaxed) != 0) {
      if (++spins < kSpins) {
        CpuRelax();
      } else {
        RawSyscall(SYS_sched_yield);
      }
    }
  } while (word_.exchange(1, std::memory_order_acquire) != 0);
}

}  // namespace lt
