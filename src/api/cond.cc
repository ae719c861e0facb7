// SPDX-License-Identifier: MIT
//
// Condition variables.

#include "sync/cond.h"

#include <cerrno>
#include <cstring>

#include "api/entry.h"
#include "sync/watch.h"
#include "thread/cancel.h"

namespace lt {
namespace {

// A cancellation point, which acts with the mutex held.
int Wait(const char* function, cond_t* cond, mutex_t* mutex,
         Deadline deadline) {
  Thread& self = Self();
  TestCancel(self);
  const int error =
      g_watch != 0
          ? WatchedCondWait(self, function, Of(cond), Of(mutex), deadline)
          : CondWait(self, Of(cond), Of(mutex), deadline);
  if (CancelDue(self)) {
    // It may have been woken by a signal, which is another waiter's then.
    if (error == 0) CondSignal(Of(cond));
    TestCancel(self);
  }
  return error;
}

}  // namespace
}  // namespace lt

LT_EXPORT int cond_init(cond_t* cond, int type, void*) {
  if (const int error = lt::CheckSimpleType(type)) return error;
  if (lt::g_watch != 0) {
    lt::WatchInit(lt::Self(), "cond_init", "condition variable", cond);
  }
  cond_t made = {};
  lt::Of(&made).type = static_cast<uint16_t>(type);
  lt::Of(&made).magic = lt::kCondMagic;
  std::memcpy(static_cast<void*>(cond), &made, sizeof made);
  return lt::Misaligned(cond, type) ? EINVAL : 0;
}

LT_EXPORT int cond_destroy(cond_t* cond) {
  const bool shared = (lt::Of(cond).type & lt::kProcess) != 0;
  if (lt::g_watch != 0) lt::WatchDestroy(lt::Self(), lt::Of(cond));
  std::memset(static_cast<void*>(cond), 0, sizeof *cond);
  if (lt::g_watch != 0) lt::MarkDestroyed(cond, shared);
  return 0;
}

LT_EXPORT int cond_wait(cond_t* cond, mutex_t* mutex) {
  return lt::Wait("cond_wait", cond, mutex, lt::Deadline::Never());
}

// Bad times are found before the mutex is released.

LT_EXPORT int cond_timedwait(cond_t* cond, mutex_t* mutex,
                             const timespec_t* time) {
  if (!lt::ValidTimespec(*time)) return EINVAL;
  return lt::Wait("cond_timedwait", cond, mutex,
                  lt::Deadline::AtTimeOfDay(*time));
}

LT_EXPORT int cond_reltimedwait(cond_t* cond, mutex_t* mutex,
                                const timespec_t* interval) {
  if (!lt::ValidTimespec(*interval) || interval->tv_sec < 0) return EINVAL;
  return lt::Wait("cond_reltimedwait", cond, mutex,
                  lt::Deadline::After(*interval));
}

LT_EXPORT int cond_signal(cond_t* cond) {
  return lt::CondSignal(lt::Of(cond));
}

LT_EXPORT int cond_broadcast(cond_t* cond) {
  return lt::CondBroadcast(lt::Of(cond));
}
