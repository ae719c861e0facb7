// SPDX-License-Identifier: MIT
//
// Waiters sleep on the address of the condition variable.  The mutex is
// released once the waiter is in the sleep queue and its context saved
// (AfterSleep), so no signal falls between the two.
//
// INV-CO1: `waiters` is never less than the number of threads in the queue.  It
//   is raised under the queue's lock before the mutex is released; so a
//   signaller that has held the mutex since sees it, and one that sees 0 has
//   nobody to wake.
//
// Wait morphing: a signaller that holds the waiter's mutex would wake it only
// to see it sleep on that mutex.  The waiter is moved to the mutex's queue
// instead. Not those with a deadline: their timer looks for them where they
// went to sleep.

#include "sync/cond.h"

#include <cerrno>

#include "base/config.h"
#include "base/list.h"
#include "sched/critical.h"
#include "sched/dispatch.h"
#include "sched/sleepq.h"
#include "sync/mutex.h"
#include "sync/shared_cond.h"
#include "thread/runtime.h"

namespace lt {
namespace {

using Woken = Fifo<Thread, &Thread::next>;

// On the stack of whoever runs next, in a critical section.
void ReleaseAfterSleep(void* mutex) {
  ReleaseByKind(*Current(), *static_cast<Mutex*>(mutex));
}

// Moves a waiter that is in no queue to the queue of its mutex, which the
// caller holds.  False when the waiter has a request to attend to.
bool MoveToMutex(Thread& waiter, Mutex& mutex) {
  // INV-SQ3, in the waiter's place.
  SleepBucket& bucket = AnnounceSleep(waiter, &mutex.word);
  bucket.lock.Lock();
  const bool may =
      (waiter.requests.load(std::memory_order_relaxed) & kInterrupts) == 0;
  if (may) {
    waiter.wait_arg = nullptr;  // tells the waiter how to lock
    // INV-MU1.  Held by the caller, so the word cannot become free meanwhile.
    mutex.word.fetch_or(kWaiters, std::memory_order_relaxed);
    bucket.Insert(waiter, &mutex.word, WaitKey(waiter));
  }
  bucket.lock.Unlock();
  return may;
}

void Wake(Thread& self, Cond& cond, bool all) {
  Critical critical(self);
  SleepBucket& bucket = BucketOf(&cond);
  Woken woken;
  {
    SpinLockHolder hold(bucket.lock);
    do {
      Thread* waiter = bucket.TakeNext(&cond);
      if (waiter == nullptr) break;
      cond.waiters.fetch_sub(1, std::memory_order_relaxed);
      woken.PushBack(waiter);
    } while (all);
  }
  // From here on the condition variable may be gone.
  while (Thread* waiter = woken.PopFront()) {
    auto* mutex = static_cast<Mutex*>(waiter->wait_arg);
    const bool moved = !waiter->wait_timed && IsPrivate(*mutex) &&
                       MutexHeldBy(self, *mutex) &&
                       MoveToMutex(*waiter, *mutex);
    if (!moved) Ready(*waiter);
  }
}

void WakeByKind(Cond& cond, bool all) {
  if ((cond.type & kProcess) != 0) {
    SharedCondWake(cond, all);
  } else {
    Wake(Self(), cond, all);
  }
}

// Sleeps without the mutex; `moved`: in the queue of the mutex in the end.
inline __attribute__((always_inline)) int PrivateSleep(Thread& self, Cond& cond,
                                                       Mutex& mutex,
                                                       Deadline deadline,
                                                       bool& moved) {
  SleepBucket& bucket = AnnounceSleep(self, &cond);
  bucket.lock.Lock();
  cond.waiters.fetch_add(1, std::memory_order_relaxed);
  self.wait_arg = &mutex;
  const int error = SleepOn(self, bucket, &cond, WaitKey(self), deadline,
                            {ReleaseAfterSleep, &mutex});
  moved = self.wait_arg == nullptr;
  if (moved)
    return 0;  // it was signalled, whatever ended the wait for the mutex
  if (error != 0) cond.waiters.fetch_sub(1, std::memory_order_relaxed);
  return error;
}

// Takes the mutex back.  A waiter that slept on it too (`moved`) must mind the
// others that do (INV-MU1).
int TakeBack(Thread& self, Mutex& mutex, uint8_t depth, bool moved) {
  int error = 0;
  if (!IsPrivate(mutex)) {
    error = RelockByKind(self, mutex);
  } else if (moved || !MutexTryAcquire(self, mutex)) {
    MutexLockWoken(self, mutex);
  }
  if (error == 0) mutex.depth = depth;
  return error;
}

// The same for COND_WAIT_DEFER: no request is attended to, nor ends a wait,
// until the mutex is there.
int TakeBackDeaf(Thread& self, Mutex& mutex, uint8_t depth, bool moved) {
  EnterCritical(self);
  self.deaf = true;
  const int error = TakeBack(self, mutex, depth, moved);
  self.deaf = false;
  LeaveCriticalQuietly(self);
  return error;
}

}  // namespace

LT_NO_CANARY int CondWait(Thread& self, Cond& cond, Mutex& mutex,
                          Deadline deadline) {
  if ((mutex.type & (kErrorCheck | kRobust)) != 0 && !HeldByKind(self, mutex)) {
    return EPERM;
  }
  Critical critical(self);
  const uint32_t handlers = HandlersRun(self);
  const uint8_t depth = mutex.depth;  // released completely
  mutex.depth = 0;
  bool moved = false;
  int error = (cond.type & kProcess) != 0
                  ? SharedCondSleep(self, cond, mutex, deadline)
                  : PrivateSleep(self, cond, mutex, deadline, moved);
  // Handlers of signals run without the mutex, unless COND_WAIT_DEFER is set.
  int lock_error = 0;
  if (ABSL_PREDICT_FALSE(g_config.cond_wait_defer)) {
    lock_error = TakeBackDeaf(self, mutex, depth, moved);
  }
  LeaveCritical(self);
  EnterCritical(self);
  // Other requests than signals, and signals without a handler, are none of the
  // caller's concern.
  if (error == EINTR && HandlersRun(self) == handlers) error = 0;
  if (ABSL_PREDICT_TRUE(!g_config.cond_wait_defer)) {
    lock_error = TakeBack(self, mutex, depth, moved);
  }
  return lock_error != 0 ? lock_error : error;
}

int CondSignalSlow(Cond& cond) {
  WakeByKind(cond, false);
  return 0;
}

int CondBroadcastSlow(Cond& cond) {
  WakeByKind(cond, true);
  return 0;
}

}  // namespace lt
