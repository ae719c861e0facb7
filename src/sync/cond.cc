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

#include "base/list.h"
#include "base/panic.h"
#include "sched/dispatch.h"
#include "sched/sleepq.h"
#include "sync/mutex.h"

namespace lt {
namespace {

using Woken = Fifo<Thread, &Thread::next>;

void ReleaseAfterSleep(void* mutex) {
  MutexRelease(*static_cast<Mutex*>(mutex));
}

// Moves a waiter that is in no queue to the queue of its mutex, which the
// caller holds.
void MoveToMutex(Thread& waiter, Mutex& mutex) {
  waiter.wait_arg = nullptr;  // tells the waiter how to lock
  SleepBucket& bucket = BucketOf(&mutex.word);
  SpinLockHolder hold(bucket.lock);
  // INV-MU1.  Held by the caller, so the word cannot become free meanwhile.
  mutex.word.fetch_or(kWaiters, std::memory_order_relaxed);
  bucket.Insert(waiter, &mutex.word, WaitKey(waiter));
}

void Wake(Thread& self, Cond& cond, bool all) {
  if (cond.waiters.load(std::memory_order_relaxed) == 0) return;  // INV-CO1
  SleepBucket& bucket = BucketOf(&cond);
  Woken woken;
  {
    SpinLockHolder hold(bucket.lock);
    do {
      Thread* waiter = bucket.TakeFirst(&cond);
      if (waiter == nullptr) break;
      cond.waiters.fetch_sub(1, std::memory_order_relaxed);
      woken.PushBack(waiter);
    } while (all);
  }
  // From here on the condition variable may be gone.
  while (Thread* waiter = woken.PopFront()) {
    auto* mutex = static_cast<Mutex*>(waiter->wait_arg);
    if (!waiter->wait_timed && MutexHeldBy(self, *mutex)) {
      MoveToMutex(*waiter, *mutex);
    } else {
      Ready(*waiter);
    }
  }
}

}  // namespace

int CondWait(Thread& self, Cond& cond, Mutex& mutex, Deadline deadline) {
  if ((mutex.type & kErrorCheck) != 0 && !MutexHeldBy(self, mutex)) {
    return EPERM;
  }
  const uint8_t depth = mutex.depth;  // released completely
  mutex.depth = 0;
  SleepBucket& bucket = BucketOf(&cond);
  bucket.lock.Lock();
  cond.waiters.fetch_add(1, std::memory_order_relaxed);
  self.wait_arg = &mutex;
  const int error = SleepOn(self, bucket, &cond, WaitKey(self), deadline,
                            {ReleaseAfterSleep, &mutex});
  if (error == ETIME) cond.waiters.fetch_sub(1, std::memory_order_relaxed);
  // A waiter that slept on the mutex too must mind the others that do
  // (INV-MU1).
  if (self.wait_arg == nullptr || !MutexTryAcquire(self, mutex)) {
    MutexLockWoken(self, mutex);
  }
  mutex.depth = depth;
  return error;
}

void CondSignal(Thread& self, Cond& cond) {
  Wake(self, cond, false);
}

void CondBroadcast(Thread& self, Cond& cond) {
  Wake(self, cond, true);
}

}  // namespace lt
