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
#include "sched/dispatch.h"
#include "sched/sleepq.h"

namespace lt {

int SemaWait(Thread& self, Sema& sema, Limit limit, const timespec* time) {
  SleepBucket& bucket = BucketOf(&sema);
  bucket.lock.Lock();
  if (sema.count > 0) {
    --sema.count;
    bucket.lock.Unlock();
    return 0;
  }
  Deadline deadline = Deadline::Never();
  if (limit != Limit::kNone) {
    if (!ValidTimespec(*time) ||
        (limit == Limit::kInterval && time->tv_sec < 0)) {
      bucket.lock.Unlock();
      return EINVAL;
    }
    deadline = limit == Limit::kInterval ? Deadline::After(*time)
                                         : Deadline::AtTimeOfDay(*time);
  }
  return SleepOn(self, bucket, &sema, WaitKey(self), deadline);
}

int SemaTryWait(Sema& sema) {
  SpinLockHolder hold(BucketOf(&sema).lock);
  if (sema.count == 0) return EBUSY;
  --sema.count;
  return 0;
}

int SemaPost(Sema& sema) {
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
