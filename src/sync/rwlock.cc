// SPDX-License-Identifier: MIT

#include "sync/rwlock.h"

#include <cerrno>

#include "sched/critical.h"
#include "sync/holds.h"
#include "sync/shared_rwlock.h"
#include "sync/watch.h"
#include "thread/runtime.h"

namespace lt {
namespace {

LT_NO_CANARY void SleepToRead(Thread& self, Rwlock& lock) {
  Critical critical(self);
  PrivateRwlock::Read(self, lock);
}

bool IsShared(const Rwlock& lock) {
  return (lock.type & kProcess) != 0;
}

}  // namespace

bool WriteHeldBy(const Thread& self, const Rwlock& lock) {
  return IsShared(lock) ? SharedWriteHeldBy(self, lock) : OwnedBy(self, lock);
}

int ReadLockOfKind(Thread& self, Rwlock& lock) {
  if (IsShared(lock)) return SharedReadLock(self, lock);
  const int error = HoldAgain(self, &lock);
  if (error >= 0) return error;
  if (OwnedBy(self, lock)) return EDEADLK;
  if (!PrivateRwlock::AddReaderFast(lock)) SleepToRead(self, lock);
  AddHold(self, &lock);
  return 0;
}

int TryReadLockOfKind(Thread& self, Rwlock& lock) {
  if (IsShared(lock)) return SharedTryReadLock(self, lock);
  const int error = HoldAgain(self, &lock);
  if (error >= 0) return error;
  if (!PrivateRwlock::AddReaderFast(lock)) {
    Critical critical(self);
    if (!PrivateRwlock::TryRead(self, lock)) return EBUSY;
  }
  AddHold(self, &lock);
  return 0;
}

LT_NO_CANARY int WriteLockOfKind(Thread& self, Rwlock& lock) {
  if (IsShared(lock)) return SharedWriteLock(self, lock);
  if (OwnedBy(self, lock) || ReadHeldBy(self, lock)) return EDEADLK;
  Critical critical(self);
  PrivateRwlock::Write(self, lock);
  return 0;
}

int TryWriteLockOfKind(Thread& self, Rwlock& lock) {
  if (IsShared(lock)) return SharedTryWriteLock(self, lock);
  return PrivateRwlock::AddWriterFast(self, lock) ? 0 : EBUSY;
}

int UnlockRwlockOfKind(Thread& self, Rwlock& lock) {
  if (IsShared(lock)) return SharedUnlockRwlock(self, lock);
  uint32_t held = 1;
  if (OwnedBy(self, lock)) {
    lock.owner.store(0, std::memory_order_relaxed);
    held = kRwWriter;
  } else {
    ReadHold* hold = FindHold(self, &lock);
    if (hold == nullptr) return EPERM;
    if (!EndHold(self, *hold)) return 0;
  }
  return PrivateRwlock::RemoveFast(lock, held) ? 0 : RemoveSlow(lock, held);
}

int RemoveSlow(Rwlock& lock, uint32_t held) {
  Critical critical(*Current());
  PrivateRwlock::Remove(lock, held);
  return 0;
}

int ReadLockSlow(Rwlock& lock) {
  Thread& self = Self();
  return g_watch != 0 ? WatchedReadLock(self, lock)
                      : ReadLockOfKind(self, lock);
}

int TryReadLock(Thread& self, Rwlock& lock) {
  return g_watch != 0 ? WatchedTryReadLock(self, lock)
                      : TryReadLockOfKind(self, lock);
}

int WriteLockSlow(Thread& self, Rwlock& lock) {
  return g_watch != 0 ? WatchedWriteLock(self, lock)
                      : WriteLockOfKind(self, lock);
}

int TryWriteLockSlow(Thread& self, Rwlock& lock) {
  return g_watch != 0 ? WatchedTryWriteLock(self, lock)
                      : TryWriteLockOfKind(self, lock);
}

int UnlockRwlockSlow(Rwlock& lock) {
  Thread& self = Self();
  return g_watch != 0 ? WatchedUnlockRwlock(self, lock)
                      : UnlockRwlockOfKind(self, lock);
}

}  // namespace lt
