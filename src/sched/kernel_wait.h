// SPDX-License-Identifier: MIT
//
// Waits in the kernel on a word that threads of other processes change.
//
// The LWP blocks with its thread, and the pool makes up for it.  In the
// many-to-one model, where there is no other LWP, a kernel thread of the
// library's stands in for it and only the thread waits (stand_in.h).

#ifndef LIBTHREAD_SCHED_KERNEL_WAIT_H_
#define LIBTHREAD_SCHED_KERNEL_WAIT_H_

#include <linux/futex.h>

#include <atomic>
#include <cstdint>

#include "base/clock.h"
#include "lwp/robust_list.h"
#include "sched/thread.h"

namespace lt {

inline constexpr uint32_t kAnyBits = FUTEX_BITSET_MATCH_ANY;

// Sleeps while *word == expected, at the latest until `deadline`, in a critical
// section.  0 when woken, by FutexWakeShared() with bits that meet `bits` or
// now and then without; ETIME; EINTR when the caller has a request to attend
// to: it leaves its section then.  A wakeup is never lost in ETIME or EINTR.
// `pending`: of the robust mutex that it waits for; the caller's list names it
// already.
[[nodiscard]] int KernelWait(Thread& self, const std::atomic<uint32_t>& word,
                             uint32_t expected, Deadline deadline,
                             uint32_t bits = kAnyBits,
                             RobustNode* pending = nullptr);

}  // namespace lt

#endif  // LIBTHREAD_SCHED_KERNEL_WAIT_H_
