// SPDX-License-Identifier: MIT
//
// Waiters sleep on the address of the private condition variable.  The mutex is
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
// instead.  Not those with a deadline: their timer looks for them where they
// went to sleep.

#ifndef LIBTHREAD_SYNC_COND_QUEUE_H_
#define LIBTHREAD_SYNC_COND_QUEUE_H_

#include <atomic>
#include <cstdint>

#include "base/list.h"
#include "base/watch.h"
#include "sched/critical.h"
#include "sync/machine.h"
#include "sync/mutex_word.h"

namespace lt {

template <typename Machine>
struct CondQueue {
  using Thread = typename Machine::Thread;
  using Mutex = typename Machine::Mutex;
  using Cond = typename Machine::Cond;
  using Bucket = typename Machine::Bucket;

  // Nothing is to be done by a signal: nobody waits (INV-CO1), and the
  // condition variable is private and not watched.  One test for all.
  static bool NothingToSignal(const Cond& cond) {
    return (cond.waiters.load(std::memory_order_relaxed) | cond.type |
            g_watch) == 0;
  }

  // Sleeps without the mutex, which `release` releases, in the place that `key`
  // gives it; 0, ETIME, EINTR.
  // `moved`: it was woken from the queue of the mutex.
  static inline __attribute__((always_inline)) int Sleep(
      Thread& self, Cond& cond, Mutex& mutex, int key, Deadline deadline,
      void (*release)(void*), bool& moved) {
    Bucket& bucket = AnnounceSleep(self, &cond);
    bucket.lock.Lock();
    cond.waiters.fetch_add(1, std::memory_order_relaxed);
    self.wait_arg = &mutex;
    const int error =
        SleepOn(self, bucket, &cond, key, deadline, {release, &mutex});
    moved = self.wait_arg == nullptr;
    // Moved, it was signalled, whatever ended the wait for the mutex.
    if (moved) return 0;
    if (error != 0) cond.waiters.fetch_sub(1, std::memory_order_relaxed);
    return error;
  }

  // Moves a waiter that is in no queue to the queue of its mutex, which the
  // caller holds.  False when the waiter has a request to attend to.
  static bool MoveToMutex(Thread& waiter, Mutex& mutex) {
    // INV-SQ3, in the waiter's place.
    Bucket& bucket = AnnounceSleep(waiter, &mutex.word);
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

  // Wakes one waiter, or all.
  static inline __attribute__((always_inline)) void Wake(Thread& self,
                                                         Cond& cond, bool all) {
    typename Machine::Critical critical(self);
    Bucket& bucket = Machine::BucketOf(&cond);
    Fifo<Thread, &Thread::next> woken;
    {
      typename Machine::LockHolder hold(bucket.lock);
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
      // A watched waiter says itself that it waits for the mutex.
      const bool moved = !waiter->wait_timed && g_watch == 0 &&
                         IsPrivate(*mutex) && MutexHeldBy(self, *mutex) &&
                         MoveToMutex(*waiter, *mutex);
      if (!moved) Ready(*waiter);
    }
  }
};

using PrivateCond = CondQueue<SleepMachine>;

}  // namespace lt

#endif  // LIBTHREAD_SYNC_COND_QUEUE_H_
