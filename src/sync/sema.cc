// SPDX-License-Identifier: MIT
//
// The count lies in the caller's sema_t, beside the type; both together are one
// word of 64 bits.  Waiters sleep on its address.
//
// INV-SE1: while threads sleep on a semaphore its count is 0.
//   Kept by SemaPostSlow(), which hands its unit to the first sleeper instead
//   of raising the count.  That also makes the order strictly first come first
//   served: nobody can take the unit from a thread that was woken for it.
// INV-SE2: without kSemaSleepers in the type nobody sleeps, and the word
//   changes by compare-exchange.  With it somebody may sleep, the count is 0,
//   and the word changes only under the lock of the sleep queue, where the flag
//   itself is set and cleared.
//   It is cleared by the post that finds nobody: who sleeps again and again
//   does not pay for it each time.
//
// Rejected: raising the count and letting the woken thread test again.  Under
// load newcomers then overtake it, and it goes to the end of the queue.

#include "sync/sema.h"

#include "base/clock.h"
#include "sched/critical.h"
#include "sched/dispatch.h"
#include "sched/sleepq.h"
#include "sync/shared_sema.h"
#include "thread/runtime.h"

namespace lt {

namespace {

constexpr uint64_t kSleepersInWord = uint64_t{kSemaSleepers} << kSemaTypeShift;

// Takes a unit if one is there.
bool TryTake(Sema& sema) {
  uint64_t word = sema.word.load(std::memory_order_relaxed);
  while (SemaCount(word) != 0) {
    if (sema.word.compare_exchange_weak(word, word - 1,
                                        std::memory_order_acquire,
                                        std::memory_order_relaxed)) {
      return true;
    }
  }
  return false;
}

// The bucket is locked.  Takes a unit if one is there; else notes that somebody
// sleeps.
bool TakeOrMark(Sema& sema) {
  uint64_t word = sema.word.load(std::memory_order_relaxed);
  for (;;) {
    const bool take = SemaCount(word) != 0;
    if (!take && (word & kSleepersInWord) != 0) return false;
    if (sema.word.compare_exchange_weak(
            word, take ? word - 1 : word | kSleepersInWord,
            std::memory_order_acquire, std::memory_order_relaxed)) {
      return take;
    }
  }
}

// The semaphore is marked.  Takes the first sleeper out; without one raises the
// count and takes the mark away, and the semaphore may be gone.
Thread* TakeSleeper(Sema& sema, SleepBucket& bucket)
    ABSL_EXCLUSIVE_LOCKS_REQUIRED(bucket.lock) {
  Thread* sleeper = bucket.TakeFirst(&sema);
  if (sleeper == nullptr) {
    const uint64_t word = sema.word.load(std::memory_order_relaxed);
    // Nobody else writes a marked word now: INV-SE2.  Release: who takes the
    // unit sees what was done before.
    sema.word.store((word & ~kSleepersInWord) + 1, std::memory_order_release);
  }
  return sleeper;
}

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

LT_NO_CANARY int SemaWaitSlow(Sema& sema, Limit limit, const timespec* time) {
  Thread& self = Self();
  TestCancel(self);
  if (IsShared(sema)) return SharedSemaWait(self, sema, limit, time);
  if (TryTake(sema)) return 0;
  Deadline deadline = Deadline::Never();
  if (!ToDeadline(limit, time, deadline)) return EINVAL;
  Critical critical(self);
  for (;;) {
    SleepBucket& bucket = AnnounceSleep(self, &sema);
    bucket.lock.Lock();
    if (TakeOrMark(sema)) {
      bucket.lock.Unlock();
      return 0;
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

int SemaTryWaitSlow(Sema& sema) {
  if (IsShared(sema)) return SharedSemaTryWait(sema);
  return TryTake(sema) ? 0 : EBUSY;
}

int SemaPostSlow(Sema& sema) {
  if (IsShared(sema)) return SharedSemaPost(sema);
  Critical critical(Self());
  SleepBucket& bucket = BucketOf(&sema);
  Thread* sleeper;
  {
    SpinLockHolder hold(bucket.lock);
    uint64_t word = sema.word.load(std::memory_order_relaxed);
    while ((word & kSleepersInWord) == 0) {
      if (SemaCount(word) >= kSemaMost) return EOVERFLOW;
      if (sema.word.compare_exchange_weak(word, word + 1,
                                          std::memory_order_release,
                                          std::memory_order_relaxed)) {
        return 0;
      }
    }
    sleeper = TakeSleeper(sema, bucket);
  }
  if (sleeper != nullptr) Ready(*sleeper);  // INV-SE1
  return 0;
}

}  // namespace lt
