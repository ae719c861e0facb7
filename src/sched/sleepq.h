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
// Order in a queue: larger key first, first come first served within one.
//
// INV-SQ1: a thread is in a sleep queue if and only if thread.bucket is set,
// and
//   both change under that bucket's lock.
// INV-SQ2: whoever takes a thread out of its queue makes it runnable (or moves
// it
//   to another queue), exactly once.

#ifndef LIBTHREAD_SCHED_SLEEPQ_H_
#define LIBTHREAD_SCHED_SLEEPQ_H_

#include <cstdint>

#include "base/clock.h"
#include "base/list.h"
#include "base/spinlock.h"
#include "sched/thread.h"

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

  // The first sleeper on `address`, or null; it stays in the queue.
  Thread* First(const void* address) ABSL_EXCLUSIVE_LOCKS_REQUIRED(lock);
  // Takes the first sleeper out; the caller makes it runnable.
  Thread* TakeFirst(const void* address) ABSL_EXCLUSIVE_LOCKS_REQUIRED(lock);
  void Remove(Thread& thread) ABSL_EXCLUSIVE_LOCKS_REQUIRED(lock);
  void Insert(Thread& thread, const void* address, int key)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(lock);
};

SleepBucket& BucketOf(const void* address);

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

// Puts the caller to sleep on `address`, whose bucket is locked; returns with
// the bucket unlocked.  0 when woken, ETIME when `deadline` passed first.
// Blocks the thread (a bound or foreign one: its LWP).
int SleepOn(Thread& self, SleepBucket& bucket, const void* address, int key,
            Deadline deadline, AfterSleep after = {})
    ABSL_UNLOCK_FUNCTION(bucket.lock);

// The watcher's: ends a wait whose time is up, if it is still the same wait.
void WakeTimedOut(Thread& thread, uint32_t wait_count);

static_assert(sizeof(SleepQueue) == kSleepQueueBytes);

}  // namespace lt

#endif  // LIBTHREAD_SCHED_SLEEPQ_H_
