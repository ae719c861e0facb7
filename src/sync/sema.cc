// SPDX-License-Identifier: MIT
//
// The count lies in the caller's sema_t; waiters sleep on its address.
// Everything here runs with that sleep queue's bucket locked, so the count
// needs no atomics, and a poster does not touch the semaphore after it let the
// waiter go.
//
// INV-SE1: while threads sleep on a semaphore its count is 0.
//   Kept by SemaPost(), which hands its unit to the first sleeper instead of
//   raising the count.  That also makes the order strictly first come first
//   served: nobody can take the unit from a thread that was woken for it.
//
// Rejected: raising the count and letting the woken thread test again.  Under
// load newcomers then overtake it, and it goes to the end of the queue.

#include "sync/sema.h"

#include <cerrno>

#include "base/clock.h"
#include "sched/critical.h"
#include "sched/dispatch.h"
#include "sched/sleepq.h"
#include "thread/cancel.h"

namespace lt {

namespace {

// Takes a unit if one is there.  The bucket is locked.
bool TakeUnit(Sema& sema) {
  if (sema.count == 0) return false;
  --sema.count;
  return true;
}

}  // namespace

bool ToDeadline(Limit limit, const timespec* time, Deadline& deadline) {
  if (limit == Limit::kNone) return true;
  const bool interval = limit == Limit::kInterval;
  if (!ValidTimespec(*time) || (interval && time->tv_sec < 0)) return false;
  deadline = interval ? Deadline::After(*time) : Deadline::AtTimeOfDay(*time);
  return true;
}

LT_NO_CANARY int SemaWait(Thread& self, Sema& sema, Limit limit,
                          const timespec* time) {
  Critical critical(self);
  Deadline deadline = Deadline::Never();
  for (bool first = true;; first = false) {
    SleepBucket& bucket = AnnounceSleep(self, &sema);
    bucket.lock.Lock();
    if (TakeUnit(sema)) {
      bucket.lock.Unlock();
      return 0;
    }
    if (first && !ToDeadline(limit, time, deadline)) {
      bucket.lock.Unlock();
      return EINVAL;
    }
    const uint32_t handlers = HandlersRun(self);
    const int error = SleepOn(self, bucket, &sema, WaitKey(self), deadline);
    if (error != EINTR) return error;
    LeaveCritical(self);  // handlers of signals run here
    TestCancel(self);
    EnterCritical(self);
    if (HandlersRun(self) != handlers) return EINTR;
  }
}

int SemaTryWait(Thread& self, Sema& sema) {
  Critical critical(self);
  SpinLockHolder hold(BucketOf(&sema).lock);
  return TakeUnit(sema) ? 0 : EBUSY;
}

int SemaPost(Thread& self, Sema& sema) {
  Critical critical(self);
  SleepBucket& bucket = BucketOf(&sema);
  Thread* sleeper;
  {
    SpinLockHolder hold(bucket.lock);
    sleeper = bucket.TakeFirst(&sema);
    if (sleeper == nullptr) {
      if (sema.count >= kSemaMost) return EOVERFLOW;
      ++sema.count;
    }
  }
  if (sleeper != nullptr) Ready(*sleeper);  // INV-SE1
  return 0;
}

}  // namespace lt
