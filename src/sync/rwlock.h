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
#include "sync/rwlock_word.h"

namespace lt {

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

// Each by the type of the lock, whoever watches (watch.h).
[[nodiscard]] int ReadLockOfKind(Thread& self, Rwlock& lock);
[[nodiscard]] int TryReadLockOfKind(Thread& self, Rwlock& lock);
[[nodiscard]] int WriteLockOfKind(Thread& self, Rwlock& lock);
[[nodiscard]] int TryWriteLockOfKind(Thread& self, Rwlock& lock);
[[nodiscard]] int UnlockRwlockOfKind(Thread& self, Rwlock& lock);

// Takes away `held` where there may be sleepers, who get the lock if that frees
// it.  0.
int RemoveSlow(Rwlock& lock, uint32_t held);

// EDEADLK (held for writing), EAGAIN (held too often).  Blocks the thread.
[[nodiscard]] inline int ReadLock(Rwlock& lock) {
  Thread* self = Current();
  if (ABSL_PREDICT_TRUE(self != nullptr && RwlockIsPlain(lock) &&
                        IsNewHold(*self, &lock) &&
                        PrivateRwlock::AddReaderFast(lock))) {
    AddNewHold(*self, &lock);
    return 0;
  }
  return ReadLockSlow(lock);
}

// EDEADLK (held already).  Blocks the thread.
[[nodiscard]] inline int WriteLock(Thread& self, Rwlock& lock) {
  if (ABSL_PREDICT_TRUE(RwlockIsPlain(lock) &&
                        PrivateRwlock::AddWriterFast(self, lock))) {
    return 0;
  }
  return WriteLockSlow(self, lock);
}

// EBUSY, EAGAIN.
[[nodiscard]] int TryReadLock(Thread& self, Rwlock& lock);

// EBUSY.
[[nodiscard]] inline int TryWriteLock(Thread& self, Rwlock& lock) {
  if (ABSL_PREDICT_TRUE(RwlockIsPlain(lock) &&
                        PrivateRwlock::AddWriterFast(self, lock))) {
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
  const bool only = IsOnlyHold(*self, &lock);
  if (ABSL_PREDICT_TRUE(only || IsSecondHold(*self, &lock))) {
    self->holds = only ? 0 : 1;
    return ABSL_PREDICT_TRUE(PrivateRwlock::RemoveFast(lock, 1))
               ? 0
               : RemoveSlow(lock, 1);
  }
  if (ABSL_PREDICT_TRUE(OwnedBy(*self, lock))) {
    lock.owner.store(0, std::memory_order_relaxed);
    return ABSL_PREDICT_TRUE(PrivateRwlock::RemoveFast(lock, kRwWriter))
               ? 0
               : RemoveSlow(lock, kRwWriter);
  }
  return UnlockRwlockSlow(lock);
}

}  // namespace lt

#endif  // LIBTHREAD_SYNC_RWLOCK_H_
