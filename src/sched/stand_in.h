// SPDX-License-Identifier: MIT
//
// Stand-ins: kernel threads that wait in the kernel for threads of the
// many-to-one model, so that the only LWP goes on with the others.

#ifndef LIBTHREAD_SCHED_STAND_IN_H_
#define LIBTHREAD_SCHED_STAND_IN_H_

#include <atomic>
#include <cstdint>

#include "base/clock.h"
#include "lwp/robust_list.h"
#include "sched/thread.h"

namespace lt {

struct KernelSleep {
  const std::atomic<uint32_t>* word;
  uint32_t expected;
  uint32_t bits;
  Deadline deadline;
  RobustNode* pending;

  long word_offset() const {
    return reinterpret_cast<const char*>(word) -
           reinterpret_cast<const char*>(pending);
  }
};

// The wait itself, which ends when a bit of `mask` is set in `requests`: 0,
// ETIME, EINTR.
[[nodiscard]] int FutexWaitUnless(const std::atomic<uint32_t>& requests,
                                  uint32_t mask, const KernelSleep& sleep);

// As KernelWait(), for an unbound thread, which parks; ENOSYS where no kernel
// thread is to be had.
[[nodiscard]] int SleepByStandIn(Thread& self, const KernelSleep& sleep);

}  // namespace lt

#endif  // LIBTHREAD_SCHED_STAND_IN_H_
