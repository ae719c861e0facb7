// SPDX-License-Identifier: MIT

#include "sync/sema.h"

#include "base/clock.h"
#include "sched/critical.h"
#include "sync/shared_sema.h"
#include "sync/watch.h"
#include "thread/runtime.h"

namespace lt {

namespace {

bool IsShared(const Sema& sema) {
  return (sema.type & kProcess) != 0;
}

}  // namespace

bool ToDeadline(Limit limit, const timespec* time, Deadline& deadline) {
  if (limit == Limit::kNone) return true;
  const bool interval = limit == Limit::kInterval;
  if (!ValidTimespec(*time) || (interval && time->tv_sec < 0)) return false;
  deadline = interval ? Deadline::After(*time) : Deadline::AtTimeOfDay(*time);
  return true;
}

LT_NO_CANARY int SemaWaitOfKind(Thread& self, Sema& sema, Limit limit,
                                const timespec* time) {
  if (IsShared(sema)) return SharedSemaWait(self, sema, limit, time);
  if (PrivateSema::Take(sema)) return 0;
  Deadline deadline = Deadline::Never();
  if (!ToDeadline(limit, time, deadline)) return EINVAL;
  Critical critical(self);
  return PrivateSema::Wait(self, sema, deadline);
}

int SemaWaitSlow(Sema& sema, Limit limit, const timespec* time) {
  Thread& self = Self();
  TestCancel(self);
  return g_watch != 0 ? WatchedSemaWait(self, sema, limit, time)
                      : SemaWaitOfKind(self, sema, limit, time);
}

int SemaTryWaitOfKind(Sema& sema) {
  if (IsShared(sema)) return SharedSemaTryWait(sema);
  return PrivateSema::Take(sema) ? 0 : EBUSY;
}

int SemaTryWaitSlow(Sema& sema) {
  return g_watch != 0 ? WatchedSemaTryWait(Self(), sema)
                      : SemaTryWaitOfKind(sema);
}

int SemaPostSlow(Sema& sema) {
  if (g_watch != 0) CheckUse(Self(), "sema_post", sema);
  if (IsShared(sema)) return SharedSemaPost(sema);
  return PrivateSema::PostSlow(Self(), sema);
}

}  // namespace lt
