// SPDX-License-Identifier: MIT
//
// The word of a private semaphore: the count, beside it the type, both together
// 64 bits.  Waiters sleep on its address.
//
// INV-SE1: while threads sleep on a semaphore its count is 0.
//   Kept by PostSlow(), which hands its unit to the first sleeper instead
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

#ifndef LIBTHREAD_SYNC_SEMA_WORD_H_
#define LIBTHREAD_SYNC_SEMA_WORD_H_

#include <atomic>
#include <cerrno>
#include <cstdint>

#include "absl/base/optimization.h"
#include "base/watch.h"
#include "sync/machine.h"
#include "thread/cancel.h"

namespace lt {

inline constexpr uint32_t kSemaMost = 0x7fffffff;  // SEM_VALUE_MAX

// The word of a semaphore: the count, above it the type, above that the magic.
inline constexpr int kSemaTypeShift = 32;
// In the type of a private semaphore: threads sleep, or slept.
inline constexpr uint16_t kSemaSleepers = 0x8000;

inline uint32_t SemaCount(uint64_t word) {
  return static_cast<uint32_t>(word);
}
inline uint16_t SemaType(uint64_t word) {
  return static_cast<uint16_t>(word >> kSemaTypeShift);
}
// One compare-exchange is all there is to do: a private semaphore on which
// nobody sleeps, and that nobody watches.
inline bool SemaIsPlain(uint64_t word) {
  return (SemaType(word) | g_watch) == 0;
}

template <typename Machine>
struct SemaWord {
  using Thread = typename Machine::Thread;
  using Sema = typename Machine::Sema;
  using Bucket = typename Machine::Bucket;

  static constexpr uint64_t kSleepersInWord = uint64_t{kSemaSleepers}
                                              << kSemaTypeShift;

  // Takes a unit of a plain semaphore, if one is there.
  static bool TakePlain(Sema& sema) {
    uint64_t word = sema.word.load(std::memory_order_relaxed);
    while (SemaIsPlain(word) && SemaCount(word) != 0) {
      // Acquire: pairs with the release in PostPlain() and PostSlow().
      if (ABSL_PREDICT_TRUE(sema.word.compare_exchange_weak(
              word, word - 1, std::memory_order_acquire,
              std::memory_order_relaxed))) {
        return true;
      }
    }
    return false;
  }

  // Adds a unit to a plain semaphore that has room for it.  One atomic on the
  // object, and no touch afterwards: somebody else may take the unit, destroy
  // the semaphore and free it at once.
  static bool PostPlain(Sema& sema) {
    uint64_t word = sema.word.load(std::memory_order_relaxed);
    while (
        ABSL_PREDICT_TRUE(SemaIsPlain(word) && SemaCount(word) < kSemaMost)) {
      if (ABSL_PREDICT_TRUE(sema.word.compare_exchange_weak(
              word, word + 1, std::memory_order_release,
              std::memory_order_relaxed))) {
        return true;
      }
    }
    return false;
  }

  // Takes a unit if one is there.
  static bool Take(Sema& sema) {
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

  // The bucket is locked.  Takes a unit if one is there; else notes that
  // somebody sleeps.
  static bool TakeOrMark(Sema& sema) {
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

  // Takes a unit, for a thread in a critical section.  0, ETIME, EINTR (a
  // handler of a signal has run).
  static inline __attribute__((always_inline)) int Wait(Thread& self,
                                                        Sema& sema,
                                                        Deadline deadline) {
    for (;;) {
      Bucket& bucket = AnnounceSleep(self, &sema);
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

  // The semaphore is marked.  Takes the first sleeper out; without one raises
  // the count and takes the mark away, and the semaphore may be gone.
  static Thread* TakeSleeper(Sema& sema, Bucket& bucket)
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

  // EOVERFLOW.
  static inline __attribute__((always_inline)) int PostSlow(Thread& self,
                                                            Sema& sema) {
    typename Machine::Critical critical(self);
    Bucket& bucket = Machine::BucketOf(&sema);
    Thread* sleeper;
    {
      typename Machine::LockHolder hold(bucket.lock);
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
};

using PrivateSema = SemaWord<SleepMachine>;

}  // namespace lt

#endif  // LIBTHREAD_SYNC_SEMA_WORD_H_
