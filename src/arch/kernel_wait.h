// SPDX-License-Identifier: MIT
//
// A system call that a thread only makes, and only stays in, while nobody wants
// anything of it.
//
// The look at the requests and the system call are one step as far as signal
// handlers can tell: a handler that interrupts the code in between, or the call
// itself before it has done anything, and that has set a request, makes the
// code return -EINTR instead (AbortKernelWait).  So a request is not slept on,
// and a call that has done its work always says so.

#ifndef LIBTHREAD_ARCH_KERNEL_WAIT_H_
#define LIBTHREAD_ARCH_KERNEL_WAIT_H_

#include <ucontext.h>

#include <atomic>
#include <cstdint>

namespace lt {

struct KernelWaitArgs {
  long number;
  long a, b, c, d, e, f;
};

// Returns what the system call returns; -EINTR at once when a bit of `mask` is
// set in *requests, or becomes so.
extern "C" long lt_kernel_wait(const std::atomic<uint32_t>* requests,
                               uint32_t mask, const KernelWaitArgs* args)
    __attribute__((visibility("hidden")));

// For signal handlers, which have set a request before.
void AbortKernelWait(ucontext_t& context);

}  // namespace lt

#endif  // LIBTHREAD_ARCH_KERNEL_WAIT_H_
