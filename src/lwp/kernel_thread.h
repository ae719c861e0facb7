// SPDX-License-Identifier: MIT
//
// Kernel threads that the library makes for itself.

#ifndef LIBTHREAD_LWP_KERNEL_THREAD_H_
#define LIBTHREAD_LWP_KERNEL_THREAD_H_

#include <sys/types.h>

#include <cstddef>

namespace lt {

// Starts a detached kernel thread on a small stack of the C library's.
// Returns 0, or EAGAIN where no kernel thread is to be had.
[[nodiscard]] int StartKernelThread(void* (*body)(void*), void* arg);

// The kernel's id of the calling kernel thread.
pid_t KernelTid();

}  // namespace lt

#endif  // LIBTHREAD_LWP_KERNEL_THREAD_H_
