// SPDX-License-Identifier: MIT
//
// The end of a pthread: exit, join, detach, cancel.  All of them take a
// thread_t in place of a pthread_t, and threads that thr_create made.

#include <pthread.h>

#include <cerrno>

#include "api/entry.h"
#include "base/own_call.h"
#include "interpose/pthread_target.h"
#include "interpose/real.h"
#include "thread/cancel.h"
#include "thread/life.h"

namespace lt {
namespace {

// ESRCH and EINVAL, the errors of a thread that cannot be joined.
int CheckJoinable(const Target& target) {
  if (target.error != 0) return target.error;
  return target.view.detached ? EINVAL : 0;
}

// Joins until `deadline`, acting on cancellation.
int JoinUntil(const Target& target, Deadline deadline, void** status) {
  Thread& self = Self();
  for (;;) {
    TestCancel(self);
    const int error = deadline.never()
                          ? JoinThread(self, target.id, nullptr, status)
                          : JoinThreadUntil(self, target.id, deadline, status);
    if (error != EINTR) return error;
  }
}

int ClockJoin(pthread_t handle, void** status, clockid_t clock,
              const timespec* time) {
  if (clock != CLOCK_REALTIME && clock != CLOCK_MONOTONIC) return EINVAL;
  const Target target = Resolve(handle);
  if (target.LibcsLife()) {
    return LT_REAL(pthread_clockjoin_np)(target.kernel, status, clock, time);
  }
  if (const int error = CheckJoinable(target)) return error;
  Deadline deadline = Deadline::Never();
  if (time != nullptr) {
    if (!ValidTimespec(*time)) return EINVAL;
    deadline = clock == CLOCK_REALTIME ? Deadline::AtTimeOfDay(*time)
                                       : Deadline::AtMonotonic(*time);
  }
  return JoinUntil(target, deadline, status);
}

}  // namespace
}  // namespace lt

LT_EXPORT void pthread_exit(void* status) {
  lt::Thread* self = lt::TakeOwnCall() ? nullptr : &lt::Self();
  // The C library ends its own threads.
  if (self != nullptr && self->kind != lt::Kind::kForeign) {
    lt::ExitThread(*self, status);
  }
  LT_REAL(pthread_exit)(status);
  __builtin_unreachable();
}

LT_EXPORT int pthread_join(pthread_t handle, void** status) {
  if (lt::TakeOwnCall()) return LT_REAL(pthread_join)(handle, status);
  const lt::Target target = lt::Resolve(handle);
  if (target.LibcsLife()) return LT_REAL(pthread_join)(target.kernel, status);
  if (const int error = lt::CheckJoinable(target)) return error;
  return lt::JoinUntil(target, lt::Deadline::Never(), status);
}

LT_EXPORT int pthread_tryjoin_np(pthread_t handle, void** status) {
  if (lt::TakeOwnCall()) return LT_REAL(pthread_tryjoin_np)(handle, status);
  const lt::Target target = lt::Resolve(handle);
  if (target.LibcsLife())
    return LT_REAL(pthread_tryjoin_np)(target.kernel, status);
  if (const int error = lt::CheckJoinable(target)) return error;
  const int error =
      lt::JoinThreadUntil(lt::Self(), target.id, lt::Deadline::AtNs(0), status);
  return error == ETIMEDOUT ? EBUSY : error;
}

LT_EXPORT int pthread_timedjoin_np(pthread_t handle, void** status,
                                   const timespec* time) {
  return lt::ClockJoin(handle, status, CLOCK_REALTIME, time);
}

LT_EXPORT int pthread_clockjoin_np(pthread_t handle, void** status,
                                   clockid_t clock, const timespec* time) {
  return lt::ClockJoin(handle, status, clock, time);
}

LT_EXPORT int pthread_detach(pthread_t handle) {
  const lt::Target target = lt::Resolve(handle);
  if (target.LibcsLife()) return LT_REAL(pthread_detach)(target.kernel);
  return lt::DetachThread(lt::Self(), target.id);
}

LT_EXPORT int pthread_cancel(pthread_t handle) {
  if (lt::TakeOwnCall()) return LT_REAL(pthread_cancel)(handle);
  const lt::Target target = lt::Resolve(handle);
  if (!target.known) return LT_REAL(pthread_cancel)(handle);
  if (target.error != 0) return target.error;
  // The target will call it in a signal handler.
  LT_REAL(pthread_cancel);
  lt::PrepareCancel();
  return lt::CancelThread(lt::Self(), target.id);
}

// Noted, so that the next thread with this control block begins as new.

LT_EXPORT int pthread_setcancelstate(int state, int* before) {
  if (lt::Thread* self = lt::Current()) self->cancel_changed = true;
  return LT_REAL(pthread_setcancelstate)(state, before);
}

LT_EXPORT int pthread_setcanceltype(int type, int* before) {
  if (lt::Thread* self = lt::Current()) self->cancel_changed = true;
  return LT_REAL(pthread_setcanceltype)(type, before);
}
