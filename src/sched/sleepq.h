// SPDX-License-Identifier: MIT
//
// Sleep queues: who waits on which address.
//
// A hash of buckets, each with a lock (rank 3) and the sleep queues of the
// addresses that fall into it.  A sleep queue exists while somebody sleeps on
// its address.  Every thread owns one spare queue record and donates it while
// it sleeps: the first sleeper's becomes the queue, later ones hang on it as
// spares, and each woken thread takes one along.  So blocking never allocates,
// and a wake on one address does not look at the sleepers of another.
//
// Order in a queue: larger key first, first come first served within one.  With
// QUEUE_FIFO below 8 that many of eight wakeups by Next() are in that order;
// the others take who came last, whose cache is warm.
//
// INV-SQ1: a thread is in a sleep queue if and only if thread.queue is set; it
//   is one of the bucket thread.bucket then, and both change under that
//   bucket's lock.  Out of a queue thread.bucket is a hint.
// INV-SQ2: whoever takes a thread out of its queue makes it runnable (or moves
//   it to another queue), exactly once.
// INV-SQ3: a thread with a request that ends waits (kInterrupts) does not begin
//   to sleep.  It names the bucket before it locks it, and looks at its
//   requests under the lock; who makes a request looks afterwards for the
//   bucket, and then, under its lock, for the thread.  The lock is the barrier
//   between.

#ifndef LIBTHREAD_SCHED_SLEEPQ_H_
#define LIBTHREAD_SCHED_SLEEPQ_H_

#include <cerrno>
#include <cstdint>

#include "base/clock.h"
#include "base/list.h"
#include "base/spinlock.h"
#include "sched/critical.h"
#include "sched/dispatch.h"
#include "sched/thread.h"
#include "sched/timer.h"
#include "sched/watcher.h"

namespace lt {

struct SleepQueue {
  const void* address;
  SleepQueue* next;  // in the bucket, or among the spares of a queue
  SleepQueue* spares;
  List<Thread, &Thread::sleep_next, &Thread::sleep_prev> threads;
};

struct alignas(64) SleepBucket {
  SpinLock lock;
  SleepQueue* queues ABSL_GUARDED_BY(lock) = nullptr;
  // Counts choices, where QUEUE_FIFO makes them.
  uint32_t choices ABSL_GUARDED_BY(lock) = 0;

  // The first sleeper on `address`, or null; it stays in the queue.
  Thread* First(const void* address) ABSL_EXCLUSIVE_LOCKS_REQUIRED(lock);
  // Takes the first sleeper out; the caller makes it runnable.
  Thread* TakeFirst(const void* address) ABSL_EXCLUSIVE_LOCKS_REQUIRED(lock);
  // The one whose turn it is: the first, or, as often as QUEUE_FIFO says, the
  // last of those with the same key.
  Thread* Next(const void* address) ABSL_EXCLUSIVE_LOCKS_REQUIRED(lock);
  Thread* TakeNext(const void* address) ABSL_EXCLUSIVE_LOCKS_REQUIRED(lock);
  void Remove(Thread& thread) ABSL_EXCLUSIVE_LOCKS_REQUIRED(lock);
  void Insert(Thread& thread, const void* address, int key)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(lock);
};

SleepBucket& BucketOf(const void* address);

// The bucket of `address`, which the thread, about to sleep there, locks next:
// INV-SQ3.
inline SleepBucket& AnnounceSleep(Thread& self, const void* address) {
  SleepBucket& bucket = BucketOf(address);
  self.bucket.store(&bucket, std::memory_order_relaxed);
  return bucket;
}

// The key that orders plain waiters: their priority.  Even, so that a primitive
// can put some of its waiters before others of equal priority.
inline int WaitKey(const Thread& thread) {
  return 2 * thread.priority.load(std::memory_order_relaxed);
}

// What happens once the sleeper is in its queue and its context saved, but
// before anything else: cond_wait releases its mutex so.  Must not block.
struct AfterSleep {
  void (*run)(void*) = nullptr;
  void* arg = nullptr;
};

// Puts the caller to sleep on `address`, whose bucket is locked after
// AnnounceSleep(); returns with the bucket unlocked.  0 when woken, ETIME when
// `deadline` passed first, EINTR when the caller has a request to attend to: it
// does so when it leaves its critical section.  Blocks the thread (a bound or
// foreign one: its LWP).  Inline: a level of calls more between a sleeper's
// code and its saved context is a line of its cold stack, and a return that
// nobody foresees.
inline int SleepOn(Thread& self, SleepBucket& bucket, const void* address,
                   int key, Deadline deadline, AfterSleep after = {})
    ABSL_UNLOCK_FUNCTION(bucket.lock);

// Wakes all that sleep on `address`, whose bucket is locked; unlocks it.
void WakeAll(SleepBucket& bucket, const void* address)
    ABSL_UNLOCK_FUNCTION(bucket.lock);

// Ends the wait of a thread to which a request was made before, if it sleeps.
void InterruptSleep(Thread& thread);

// The watcher's: ends a wait whose time is up, if it is still the same wait.
void WakeTimedOut(Thread& thread, uint32_t wait_count);

// Parts of SleepOn().
void FinishSleep(Departure& departure);
int SleepOnLwp(Thread& self, SleepBucket& bucket, Deadline deadline,
               AfterSleep after) ABSL_UNLOCK_FUNCTION(bucket.lock);

inline __attribute__((always_inline)) int SleepOn(Thread& self,
                                                  SleepBucket& bucket,
                                                  const void* address, int key,
                                                  Deadline deadline,
                                                  AfterSleep after) {
  self.wait_result = 0;
  self.wait_timed = !deadline.never();
  // Only the thread itself counts its waits; atomic for the watcher's look.
  self.wait_count.store(self.wait_count.load(std::memory_order_relaxed) + 1,
                        std::memory_order_relaxed);
  if (!InPool(self)) self.parker.Reset();
  // Behind the reset: a signal that comes now leaves a token.
  std::atomic_signal_fence(std::memory_order_seq_cst);
  if (ABSL_PREDICT_FALSE(IsInterrupted(self))) {  // INV-SQ3
    bucket.lock.Unlock();
    if (after.run != nullptr) after.run(after.arg);
    return EINTR;
  }
  bucket.Insert(self, address, key);
  self.state.store(State::kSleeping, std::memory_order_relaxed);
  if (!InPool(self)) return SleepOnLwp(self, bucket, deadline, after);
  if (self.wait_timed && ArmTimer(self, deadline)) NoteTimer();
  Departure departure{&self, FinishSleep, &bucket, after.run, after.arg};
  bucket.lock.HandOn();
  Park(self, departure);
  if (self.wait_timed) CancelTimer(self);
  return self.wait_result;
}

static_assert(sizeof(SleepQueue) == kSleepQueueBytes);

}  // namespace lt

#endif  // LIBTHREAD_SCHED_SLEEPQ_H_
