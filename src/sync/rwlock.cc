// SPDX-License-Identifier: MIT
//
// The word: kRwWaiters, kRwWriter, and the number of threads that hold the lock
// for reading.  Each thread knows how often it holds which lock (holds.h), so
// that it always gets a read lock it has already, and only holders can unlock.
//
// INV-RW1: without kRwWaiters in the word nobody sleeps (with it somebody may),
// and the word changes by
//   compare-exchange.  With kRwWaiters it changes only under the lock of the
//   sleep queue, where kRwWaiters itself is set and cleared.
// INV-RW2: a lock that becomes free while threads sleep is handed over at once:
// to
//   the first sleeper if that is a writer, else to all readers before the first
//   writer.  So the word is never free and has kRwWaiters, and a woken thread
//   holds the lock.
//
// Order: priority; at equal priority writers before readers, so a new reader
// waits while a writer of its priority does.

#include "sync/rwlock.h"

#include <cerrno>

#include "base/list.h"
#include "sched/critical.h"
#include "sched/dispatch.h"
#include "sched/sleepq.h"
#include "sync/holds.h"
#include "sync/shared_rwlock.h"
#include "thread/runtime.h"

namespace lt {
namespace {

int ReaderKey(const Thread& thread) {
  return WaitKey(thread);
}
int WriterKey(const Thread& thread) {
  return WaitKey(thread) + 1;
}
bool IsWriter(const Thread& sleeper) {
  return (sleeper.wait_key & 1) != 0;
}

bool MayRead(const Thread& self, const Rwlock& lock, SleepBucket& bucket,
             uint32_t word) ABSL_EXCLUSIVE_LOCKS_REQUIRED(bucket.lock) {
  if ((word & kRwWriter) != 0) return false;
  const Thread* first = bucket.First(&lock);
  return first == nullptr || first->wait_key < ReaderKey(self);
}

// The bucket is locked.  Adds a reader if that is allowed now; else, if `mark`,
// notes that somebody sleeps.
bool AddReader(const Thread& self, Rwlock& lock, SleepBucket& bucket, bool mark)
    ABSL_EXCLUSIVE_LOCKS_REQUIRED(bucket.lock) {
  uint32_t word = lock.word.load(std::memory_order_relaxed);
  for (;;) {
    const bool may = MayRead(self, lock, bucket, word);
    if (!may && !mark) return false;
    const uint32_t next = may ? word + 1 : word | kRwWaiters;
    if (lock.word.compare_exchange_weak(word, next, std::memory_order_acquire,
                                        std::memory_order_relaxed)) {
      return may;
    }
  }
}

// The bucket is locked.  Makes the caller the writer of a lock that is free and
// that nobody waits for; else notes that somebody sleeps.
bool AddWriter(Thread& self, Rwlock& lock) {
  uint32_t word = lock.word.load(std::memory_order_relaxed);
  for (;;) {
    const bool free = word == 0;
    if (lock.word.compare_exchange_weak(
            word, free ? kRwWriter : word | kRwWaiters,
            std::memory_order_acquire, std::memory_order_relaxed)) {
      if (free) lock.owner.store(self.tag, std::memory_order_relaxed);
      return free;
    }
  }
}

// Sleeps until the lock was handed over (true) or the wait was interrupted;
// handlers of signals run then.
LT_NO_CANARY bool SleepAsHolder(Thread& self, Rwlock& lock, SleepBucket& bucket,
                                int key) ABSL_UNLOCK_FUNCTION(bucket.lock) {
  const int error = SleepOn(self, bucket, &lock, key, Deadline::Never());
  if (error == 0) return true;
  LeaveCritical(self);
  EnterCritical(self);
  return false;
}

// The lock has become free and threads sleep: INV-RW2.  Unlocks the bucket.
void HandOver(Rwlock& lock, SleepBucket& bucket)
    ABSL_UNLOCK_FUNCTION(bucket.lock) {
  Fifo<Thread, &Thread::next> woken;
  Thread* first = bucket.Next(&lock);
  uint32_t word = 0;
  if (first == nullptr) {
    // The sleepers were interrupted and are about to sleep again.
  } else if (IsWriter(*first)) {
    bucket.Remove(*first);
    woken.PushBack(first);
    lock.owner.store(first->tag, std::memory_order_relaxed);
    word = kRwWriter;
  } else {
    do {
      bucket.Remove(*first);
      woken.PushBack(first);
      ++word;
      first = bucket.First(&lock);
    } while (first != nullptr && !IsWriter(*first));
  }
  if (bucket.First(&lock) != nullptr) word |= kRwWaiters;
  // Release: the new holders see what was done under the lock.
  lock.word.store(word, std::memory_order_release);
  bucket.lock.Unlock();
  while (Thread* thread = woken.PopFront()) Ready(*thread);
}

void SleepToRead(Thread& self, Rwlock& lock) {
  Critical critical(self);
  for (;;) {
    SleepBucket& bucket = AnnounceSleep(self, &lock);
    bucket.lock.Lock();
    if (AddReader(self, lock, bucket, true)) {
      bucket.lock.Unlock();
      return;
    }
    if (SleepAsHolder(self, lock, bucket, ReaderKey(self))) return;
  }
}

bool IsShared(const Rwlock& lock) {
  return (lock.type & kProcess) != 0;
}

}  // namespace

bool WriteHeldBy(const Thread& self, const Rwlock& lock) {
  return IsShared(lock) ? SharedWriteHeldBy(self, lock) : OwnedBy(self, lock);
}

int ReadLockSlow(Rwlock& lock) {
  Thread& self = Self();
  if (IsShared(lock)) return SharedReadLock(self, lock);
  const int error = HoldAgain(self, &lock);
  if (error >= 0) return error;
  if (OwnedBy(self, lock)) return EDEADLK;
  if (!AddReaderFast(lock)) SleepToRead(self, lock);
  AddHold(self, &lock);
  return 0;
}

int TryReadLock(Thread& self, Rwlock& lock) {
  if (IsShared(lock)) return SharedTryReadLock(self, lock);
  const int error = HoldAgain(self, &lock);
  if (error >= 0) return error;
  if (!AddReaderFast(lock)) {
    Critical critical(self);
    SleepBucket& bucket = BucketOf(&lock);
    SpinLockHolder guard(bucket.lock);
    if (!AddReader(self, lock, bucket, false)) return EBUSY;
  }
  AddHold(self, &lock);
  return 0;
}

int WriteLockSlow(Thread& self, Rwlock& lock) {
  if (IsShared(lock)) return SharedWriteLock(self, lock);
  if (OwnedBy(self, lock) || ReadHeldBy(self, lock)) return EDEADLK;
  Critical critical(self);
  for (;;) {
    SleepBucket& bucket = AnnounceSleep(self, &lock);
    bucket.lock.Lock();
    if (AddWriter(self, lock)) {
      bucket.lock.Unlock();
      return 0;
    }
    if (SleepAsHolder(self, lock, bucket, WriterKey(self))) return 0;
  }
}

int TryWriteLockSlow(Thread& self, Rwlock& lock) {
  if (IsShared(lock)) return SharedTryWriteLock(self, lock);
  return AddWriterFast(self, lock) ? 0 : EBUSY;
}

int UnlockRwlockSlow(Rwlock& lock) {
  Thread& self = Self();
  if (IsShared(lock)) return SharedUnlockRwlock(self, lock);
  uint32_t held = 1;
  if (OwnedBy(self, lock)) {
    lock.owner.store(0, std::memory_order_relaxed);
    held = kRwWriter;
  } else {
    ReadHold* hold = FindHold(self, &lock);
    if (hold == nullptr) return EPERM;
    if (--hold->count > 0) return 0;
    DropHold(self, *hold);
  }
  return RemoveFast(lock, held) ? 0 : RemoveSlow(lock, held);
}

int RemoveSlow(Rwlock& lock, uint32_t held) {
  Critical critical(*Current());
  SleepBucket& bucket = BucketOf(&lock);
  bucket.lock.Lock();
  // INV-RW1.  The bit may have been cleared by a hand-over meanwhile.
  const uint32_t word =
      lock.word.fetch_sub(held, std::memory_order_acq_rel) - held;
  if ((word & kRwWaiters) != 0 && (word & (kRwWriter | kRwReaders)) == 0) {
    HandOver(lock, bucket);
  } else {
    bucket.lock.Unlock();
  }
  return 0;
}

}  // namespace lt
