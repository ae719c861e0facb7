// SPDX-License-Identifier: MIT
//
// The word of a private readers/writer lock: kRwWaiters, kRwWriter, and the
// number of threads that hold the lock for reading.  Each thread knows how
// often it holds which lock (holds.h), so that it always gets a read lock it
// has already, and only holders can unlock.
//
// INV-RW1: without kRwWaiters in the word nobody sleeps (with it somebody may),
//   and the word changes by compare-exchange.  With kRwWaiters it changes only
//   under the lock of the sleep queue, where kRwWaiters itself is set and
//   cleared.
// INV-RW2: a lock that becomes free while threads sleep is handed over at once:
//   to the first sleeper if that is a writer, else to all readers before the
//   first writer.  So the word is never free and has kRwWaiters, and a woken
//   thread holds the lock.
//
// Order: priority; at equal priority writers before readers, so a new reader
// waits while a writer of its priority does.

#ifndef LIBTHREAD_SYNC_RWLOCK_WORD_H_
#define LIBTHREAD_SYNC_RWLOCK_WORD_H_

#include <atomic>
#include <cstdint>

#include "absl/base/optimization.h"
#include "base/list.h"
#include "sync/machine.h"

namespace lt {

inline constexpr uint32_t kRwWaiters = 0x80000000;
inline constexpr uint32_t kRwWriter = 0x40000000;
inline constexpr uint32_t kRwReaders = 0x3fffffff;

template <typename Machine>
struct RwlockWord {
  using Thread = typename Machine::Thread;
  using Rwlock = typename Machine::Rwlock;
  using Bucket = typename Machine::Bucket;

  // ---- Without a look at sleepers ----

  // A reader more; false where there may be sleepers, or a writer (who may be
  // the caller).  It guesses the word instead of loading it: a good guess saves
  // the load, a bad one has brought the cache line.
  static bool AddReaderFast(Rwlock& lock) {
    uint32_t word = 0;  // free
    while ((word & (kRwWaiters | kRwWriter)) == 0) {
      // Acquire: pairs with the release in RemoveFast() and HandOver().
      if (ABSL_PREDICT_TRUE(lock.word.compare_exchange_weak(
              word, word + 1, std::memory_order_acquire,
              std::memory_order_relaxed))) {
        return true;
      }
    }
    return false;
  }

  static bool AddWriterFast(Thread& self, Rwlock& lock) {
    uint32_t free = 0;
    if (!lock.word.compare_exchange_strong(free, kRwWriter,
                                           std::memory_order_acquire,
                                           std::memory_order_relaxed)) {
      return false;
    }
    lock.owner.store(self.tag, std::memory_order_relaxed);
    return true;
  }

  // Takes away `held` (kRwWriter, or 1 for a reader); false where there may be
  // sleepers.  The last touch of the object: others may destroy it afterwards.
  static bool RemoveFast(Rwlock& lock, uint32_t held) {
    uint32_t word = held;  // a guess: nobody else has it
    while ((word & kRwWaiters) == 0) {
      if (ABSL_PREDICT_TRUE(lock.word.compare_exchange_weak(
              word, word - held, std::memory_order_release,
              std::memory_order_relaxed))) {
        return true;
      }
    }
    return false;
  }

  // ---- With the bucket locked ----

  static int ReaderKey(const Thread& thread) { return WaitKey(thread); }
  static int WriterKey(const Thread& thread) { return WaitKey(thread) + 1; }
  static bool IsWriter(const Thread& sleeper) {
    return (sleeper.wait_key & 1) != 0;
  }

  static bool MayRead(const Thread& self, const Rwlock& lock, Bucket& bucket,
                      uint32_t word)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(bucket.lock) {
    if ((word & kRwWriter) != 0) return false;
    const Thread* first = bucket.First(&lock);
    return first == nullptr || first->wait_key < ReaderKey(self);
  }

  // Adds a reader if that is allowed now; else, if `mark`, notes that somebody
  // sleeps.
  static bool AddReader(const Thread& self, Rwlock& lock, Bucket& bucket,
                        bool mark) ABSL_EXCLUSIVE_LOCKS_REQUIRED(bucket.lock) {
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

  // Makes the caller the writer of a lock that is free and that nobody waits
  // for; else notes that somebody sleeps.
  static bool AddWriter(Thread& self, Rwlock& lock) {
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

  // The lock has become free and threads sleep: INV-RW2.  Unlocks the bucket.
  static void HandOver(Rwlock& lock, Bucket& bucket)
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

  // ---- Where there may be sleepers, for threads in a critical section ----

  // Takes away `held`; sleepers get the lock if that frees it.
  static inline __attribute__((always_inline)) void Remove(Rwlock& lock,
                                                           uint32_t held) {
    Bucket& bucket = Machine::BucketOf(&lock);
    bucket.lock.Lock();
    // INV-RW1.  The bit may have been cleared by a hand-over meanwhile.
    const uint32_t word =
        lock.word.fetch_sub(held, std::memory_order_acq_rel) - held;
    if ((word & kRwWaiters) != 0 && (word & (kRwWriter | kRwReaders)) == 0) {
      HandOver(lock, bucket);
    } else {
      bucket.lock.Unlock();
    }
  }

  // Sleeps until the lock was handed over (true) or the wait was interrupted;
  // handlers of signals run then.
  LT_NO_CANARY static bool SleepAsHolder(Thread& self, Rwlock& lock,
                                         Bucket& bucket, int key)
      ABSL_UNLOCK_FUNCTION(bucket.lock) {
    const int error = SleepOn(self, bucket, &lock, key, Deadline::Never(),
                              Machine::AfterQueued(self));
    if (error == 0) return true;
    LeaveCritical(self);
    Machine::WaitGoesOn(self, lock, (key & 1) != 0);
    EnterCritical(self);
    return false;
  }

  static inline __attribute__((always_inline)) void Read(Thread& self,
                                                         Rwlock& lock) {
    for (;;) {
      Bucket& bucket = AnnounceSleep(self, &lock);
      bucket.lock.Lock();
      if (AddReader(self, lock, bucket, true)) {
        bucket.lock.Unlock();
        return;
      }
      if (SleepAsHolder(self, lock, bucket, ReaderKey(self))) return;
    }
  }

  static inline __attribute__((always_inline)) void Write(Thread& self,
                                                          Rwlock& lock) {
    for (;;) {
      Bucket& bucket = AnnounceSleep(self, &lock);
      bucket.lock.Lock();
      if (AddWriter(self, lock)) {
        bucket.lock.Unlock();
        return;
      }
      if (SleepAsHolder(self, lock, bucket, WriterKey(self))) return;
    }
  }

  // False where that would have to wait.
  static bool TryRead(Thread& self, Rwlock& lock) {
    Bucket& bucket = Machine::BucketOf(&lock);
    typename Machine::LockHolder guard(bucket.lock);
    return AddReader(self, lock, bucket, false);
  }
};

using PrivateRwlock = RwlockWord<SleepMachine>;

}  // namespace lt

#endif  // LIBTHREAD_SYNC_RWLOCK_WORD_H_
