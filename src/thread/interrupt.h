// SPDX-License-Identifier: MIT
//
// Making another thread notice a request (sched/critical.h), whatever it does.

#ifndef LIBTHREAD_THREAD_INTERRUPT_H_
#define LIBTHREAD_THREAD_INTERRUPT_H_

#include <cstdint>

#include "sched/thread.h"

namespace lt {

// Sets `request` and makes the thread notice: ends its wait (SleepOn returns
// EINTR), or interrupts it where it runs or is blocked in the kernel.  The
// caller is in a critical section.  Should the thread end meanwhile, another
// one that got its object is disturbed to no effect.
void Post(Thread& target, uint32_t request);

}  // namespace lt

#endif  // LIBTHREAD_THREAD_INTERRUPT_H_
