// SPDX-License-Identifier: MIT

#include <signal.h>

#include "api/entry.h"
#include "interpose/pthread_target.h"
#include "interpose/real.h"
#include "process/kill.h"

LT_EXPORT int pthread_kill(pthread_t handle, int signal) noexcept {
  const lt::Target target = lt::Resolve(handle);
  if (target.error != 0) return target.error;
  if (!target.known) return LT_REAL(pthread_kill)(target.kernel, signal);
  return lt::SendToThread(lt::Self(), target.id, signal);
}
