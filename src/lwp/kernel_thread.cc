// SPDX-License-Identifier: MIT

#include "lwp/kernel_thread.h"

#include <pthread.h>

#include <cerrno>

#include "arch/tls.h"
#include "base/own_call.h"
#include "base/signal_set.h"

namespace lt {

int StartKernelThread(void* (*body)(void*), void* arg) {
  // Enough for a signal handler of the program that runs on an idle LWP.
  constexpr size_t kStackBytes = 256 * 1024;
  pthread_attr_t attr;
  if (pthread_attr_init(&attr) != 0) return EAGAIN;
  pthread_attr_setdetachstate(&attr, PTHREAD_CREATE_DETACHED);
  pthread_attr_setstacksize(&attr, kStackBytes + StaticTlsBytes());
  pthread_t thread;
  // It is born with the mask that it keeps, helpers and LWPs without work.
  const uint64_t mask = SetKernelMask(BlockedByHelpers());
  const int error = OwnCall(pthread_create, &thread, &attr, body, arg);
  SetKernelMask(mask);
  pthread_attr_destroy(&attr);
  return error == 0 ? 0 : EAGAIN;
}

pid_t KernelTid() {
  return static_cast<pid_t>(RawSyscall(SYS_gettid));
}

}  // namespace lt
