// SPDX-License-Identifier: MIT
//
// The word of a private mutex:
//
//   0                    free
//   kLocked              held, nobody sleeps
//   kLocked | kWaiters   held, somebody may sleep on the address
//
// Locking is a compare-exchange from 0, unlocking an exchange to 0; whoever
// comes first gets the mutex (no hand-off), a woken sleeper competes like all
// others. `owner` is written by the holder only: after locking, before
// unlocking.
//
// INV-MU1: while threads sleep on a mutex, its word has kWaiters, or a thread
//   that was woken from its queue has not looked at the word yet.
//   Kept by LockWoken(), which sets kWaiters before it sleeps and takes the
//   mutex with kWaiters set when it leaves sleepers behind; both under the lock
//   of the sleep queue, so that Wake(), called after the exchange to 0, finds
//   the sleeper or comes before it looked.
//
// Rejected: handing the mutex to the sleeper that is woken.  It orders waiters
// strictly, but each contended unlock then costs a switch before anybody gets
// on.
//
// Waiters sleep on the address of the word, where no object of another kind can
// be: Wake() may come late, when the memory is in use again, and only sleepers
// on a mutex look at their object after a wakeup.

#ifndef LIBTHREAD_SYNC_MUTEX_WORD_H_
#define LIBTHREAD_SYNC_MUTEX_WORD_H_

#include <atomic>
#include <cstdint>

#include "absl/base/optimization.h"
#include "sync/machine.h"

namespace lt {

inline constexpr uint32_t kLocked = 1;
inline constexpr uint32_t kWaiters = 2;  // unlocking must look for sleepers

template <typename Machine>
struct MutexWord {
  using Thread = typename Machine::Thread;
  using Mutex = typename Machine::Mutex;
  using Bucket = typename Machine::Bucket;

  static void SetOwner(Mutex& mutex, const Thread& self) {
    // Release: who meets the thread first in this tag looks at its state.
    mutex.owner.store(self.tag, std::memory_order_release);
  }

  static bool TryAcquire(Thread& self, Mutex& mutex) {
    uint32_t free = 0;
    // Acquire: pairs with the release in Release().
    if (!mutex.word.compare_exchange_strong(free, kLocked,
                                            std::memory_order_acquire,
                                            std::memory_order_relaxed)) {
      return false;
    }
    SetOwner(mutex, self);
    return true;
  }

  // Gives the mutex free.  One atomic on the object, and no touch afterwards:
  // somebody else may lock, unlock, destroy and free it at once.
  static void Release(Thread& self, Mutex& mutex) {
    mutex.owner.store(0, std::memory_order_relaxed);
    if (ABSL_PREDICT_FALSE((mutex.word.exchange(0, std::memory_order_release) &
                            kWaiters) != 0)) {
      Wake(self, &mutex.word);
    }
  }

  // Takes the mutex, however long that lasts, for a thread that is in a
  // critical section and minds the others that sleep.
  static inline __attribute__((always_inline)) void LockWoken(Thread& self,
                                                              Mutex& mutex) {
    for (;;) {
      Bucket& bucket = AnnounceSleep(self, &mutex.word);
      bucket.lock.Lock();
      uint32_t word = mutex.word.load(std::memory_order_relaxed);
      for (;;) {
        const bool free = (word & kLocked) == 0;
        const uint32_t want = free && bucket.First(&mutex.word) == nullptr
                                  ? kLocked
                                  : kLocked | kWaiters;
        if (!free && word == want) break;
        if (mutex.word.compare_exchange_weak(word, want,
                                             std::memory_order_acquire,
                                             std::memory_order_relaxed)) {
          if (!free) break;
          bucket.lock.Unlock();
          SetOwner(mutex, self);
          return;
        }
      }
      // Woken or interrupted: it competes for the mutex.  Handlers of signals
      // run in between.
      SleepOn(self, bucket, &mutex.word, WaitKey(self), Deadline::Never());
      LeaveCritical(self);
      Machine::WaitGoesOn(self, mutex);
      EnterCritical(self);
    }
  }

  // Not inline: unlocking a mutex that nobody waits for is short.
  static __attribute__((noinline)) void Wake(Thread& self,
                                             const void* address) {
    typename Machine::Critical critical(self);
    Bucket& bucket = Machine::BucketOf(address);
    Thread* sleeper;
    {
      typename Machine::LockHolder hold(bucket.lock);
      sleeper = bucket.TakeNext(address);
    }
    if (sleeper != nullptr) Ready(*sleeper);
  }
};

using PrivateWord = MutexWord<SleepMachine>;

}  // namespace lt

#endif  // LIBTHREAD_SYNC_MUTEX_WORD_H_
