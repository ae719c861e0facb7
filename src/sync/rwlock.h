// SPDX-License-Identifier: MIT
//
// Readers/writer locks: the entries for those of every kind, and the private
// one, for threads of one process.

#ifndef LIBTHREAD_SYNC_RWLOCK_H_
#define LIBTHREAD_SYNC_RWLOCK_H_

#include <cerrno>

#include "absl/base/optimization.h"
#include "base/watch.h"
#include "sync/holds.h"
#include "sync/objects.h"

namespace lt {

// The word; see rwlock.cc.
inline constexpr uint32_t kRwWaiters = 0x80000000;
inline constexpr uint32_t kRwWriter = 0x40000000;
inline constexpr uint32_t kRwReaders = 0x3fffffff;

// A private lock that nobody watches.
inline bool RwlockIsPlain(const Rwlock& lock) {
  return (lock.type | g_watch) == 0;
}

inline bool ReadHeldBy(const Thread& self, const Rwlock& lock) {
  return FindHold(self, &lock) != nullptr;
}

inline bool OwnedBy(const Thread& self, const Rwlock& lock) {
  // Relaxed: only the thread itself makes this true or false for itself (a
  // hand-over happens before the new owner runs).
  return lock.owner.load(std::memory_order_relaxed) == self.tag;
}
bool WriteHeldBy(const Thread& self, const Rwlock& lock);

// The entries, where what they try first does not do.
[[nodiscard]] int ReadLockSlow(Rwlock& lock);
[[nodiscard]] int WriteLockSlow(Thread& self, Rwlock& lock);
[[nodiscard]] int TryWriteLockSlow(Thread& self, Rwlock& lock);
[[nodiscard]] int UnlockRwlockSlow(Rwlock& lock);

// A reader more, without a look at sleepers; false where there may be some, or
// a writer (who may be the caller).  It guesses the word instead of loading it:
// a good guess saves the load, a bad one has brought the cache line.
inline bool AddReaderFast(Rwlock& lock) {
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

inline bool AddWriterFast(Thread& self, Rwlock& lock) {
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
inline bool RemoveFast(Rwlock& lock, uint32_t held) {
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
// The same where there may be sleepers, who get the lock if that frees it.  0.
int RemoveSlow(Rwlock& lock, uint32_t held);

// EDEADLK (held for writing), EAGAIN (held too often).  Blocks the thread.
[[nodiscard]] inline int ReadLock(Rwlock& lock) {
  Thread* self = Current();
  if (ABSL_PREDICT_TRUE(self != nullptr && RwlockIsPlain(lock) &&
                        IsNewHold(*self, &lock) && AddReaderFast(lock))) {
    AddHold(*self, &lock);
    return 0;
  }
  return ReadLockSlow(lock);
}

// EDEADLK (held already).  Blocks the thread.
[[nodiscard]] inline int WriteLock(Thread& self, Rwlock& lock) {
  if (ABSL_PREDICT_TRUE(RwlockIsPlain(lock) && AddWriterFast(self, lock))) {
    return 0;
  }
  return WriteLockSlow(self, lock);
}

// EBUSY, EAGAIN.
[[nodiscard]] int TryReadLock(Thread& self, Rwlock& lock);

// EBUSY.
[[nodiscard]] inline int TryWriteLock(Thread& self, Rwlock& lock) {
  if (ABSL_PREDICT_TRUE(RwlockIsPlain(lock) && AddWriterFast(self, lock))) {
    return 0;
  }
  return TryWriteLockSlow(self, lock);
}

// EPERM (not held by the caller).
[[nodiscard]] inline int UnlockRwlock(Rwlock& lock) {
  Thread* self = Current();
  if (ABSL_PREDICT_FALSE(self == nullptr || !RwlockIsPlain(lock))) {
    return UnlockRwlockSlow(lock);
  }
  if (ABSL_PREDICT_TRUE(IsLastHold(*self, &lock))) {
    DropLastHold(*self);
    return ABSL_PREDICT_TRUE(RemoveFast(lock, 1)) ? 0 : RemoveSlow(lock, 1);
  }
  if (ABSL_PREDICT_TRUE(OwnedBy(*self, lock))) {
    lock.owner.store(0, std::memory_order_relaxed);
    return ABSL_PREDICT_TRUE(RemoveFast(lock, kRwWriter))
               ? 0
               : RemoveSlow(lock, kRwWriter);
  }
  return UnlockRwlockSlow(lock);
}

}  // namespace lt

#endif  // LIBTHREAD_SYNC_RWLOCK_H_
