// SPDX-License-Identifier: MIT

#include "sched/kernel_wait.h"

#include <sys/syscall.h>

#include <cerrno>

#include "arch/kernel_wait.h"
#include "base/config.h"
#include "sched/announcement.h"
#include "sched/critical.h"
#include "sched/dispatch.h"
#include "sched/stand_in.h"

namespace lt {

int FutexWaitUnless(const std::atomic<uint32_t>& requests, uint32_t mask,
                    const KernelSleep& sleep) {
  timespec at;
  const timespec* at_ptr = nullptr;
  if (!sleep.deadline.never()) {
    at = sleep.deadline.ToTimespec();
    at_ptr = &at;
  }
  const KernelWaitArgs args = {
      SYS_futex,      reinterpret_cast<long>(sleep.word), FUTEX_WAIT_BITSET,
      sleep.expected, reinterpret_cast<long>(at_ptr),     0,
      sleep.bits};
  switch (lt_kernel_wait(&requests, mask, &args)) {
    case -EINTR:
      return EINTR;
    case -ETIMEDOUT:
      return ETIME;
    default:
      return 0;
  }
}

int KernelWait(Thread& self, const std::atomic<uint32_t>& word,
               uint32_t expected, Deadline deadline, uint32_t bits,
               RobustNode* pending) {
  const KernelSleep sleep{&word, expected, bits, deadline, pending};
  if (g_config.model == Model::kManyToOne && InPool(self)) {
    const int result = SleepByStandIn(self, sleep);
    if (result != ENOSYS) return result;  // none to be had: the LWP blocks
  }
  const Announcement announcement(&self);
  return FutexWaitUnless(self.requests, self.deaf ? 0 : kEndsKernelWait, sleep);
}

}  // namespace lt
