// SPDX-License-Identifier: MIT

#include "base/spinlock.h"

#include <time.h>

#include "base/syscall.h"

namespace lt {

void Backoff::LeaveProcessor() const {
  constexpr long kMomentNs = 50'000;
  if (turns_ < kSpins + kYields) {
    RawSyscall(SYS_sched_yield);
  } else {
    const timespec moment{0, kMomentNs};
    RawSyscall(SYS_nanosleep, reinterpret_cast<long>(&moment), 0);
  }
}

void SpinLock::LockSlow() {
  Backoff backoff;
  do {
    while (word_.load(std::memory_order_relaxed) != 0) backoff.Pause();
  } while (word_.exchange(1, std::memory_order_acquire) != 0);
}

}  // namespace lt
