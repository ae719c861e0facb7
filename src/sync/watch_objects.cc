// SPDX-License-Identifier: MIT
//
// Watched rwlocks and semaphores, and what is asked of all objects.

#include <cerrno>
#include <cstring>

#include "base/config.h"
#include "sched/critical.h"
#include "sched/sleepq.h"
#include "sync/rwlock.h"
#include "sync/sema.h"
#include "sync/watched.h"

namespace lt {
namespace {

constexpr const char* kRwlock = "rwlock";
constexpr const char* kCond = "condition variable";
constexpr const char* kSema = "semaphore";
// All kinds have it at the same place.
constexpr size_t kMagicAt = 6;
static_assert(offsetof(Mutex, magic) == kMagicAt &&
              offsetof(Cond, magic) == kMagicAt &&
              offsetof(Rwlock, magic) == kMagicAt &&
              offsetof(Sema, magic) == kMagicAt);
constexpr uint32_t kHeldBits = 0x7fffffff;  // of a rwlock's word

bool IsMisaligned(const void* object) {
  return !IsAligned(object) && !g_config.misaligned;
}

void Report(Thread& self, const char* function, const char* what,
            const char* type, const void* object, uint32_t holder = 0) {
  ReportMistake(self, {function, what, type, object, holder});
}

bool SomebodySleepsOn(Thread& self, const void* address) {
  Critical critical(self);
  SleepBucket& bucket = BucketOf(address);
  SpinLockHolder hold(bucket.lock);
  return bucket.First(address) != nullptr;
}

void CheckSleepers(Thread& self, const char* function, const char* type,
                   const void* object) {
  CheckObject(self, function, type, object);
  if (WatchesMistakes() && SomebodySleepsOn(self, object)) {
    Report(self, function, "destruction of an object that a thread waits for",
           type, object);
  }
}

bool IsShared(const Rwlock& lock) {
  return (lock.type & kProcess) != 0;
}

WaitNote WaitFor(const Rwlock& lock, bool writer) {
  return {writer ? WaitKind::kWrite : WaitKind::kRead,
          writer ? "rw_wrlock" : "rw_rdlock", &lock,
          IsShared(lock) ? nullptr : &lock.owner, 0};
}

void NoteReader(Thread& self, const Rwlock& lock) {
  NoteTaken(self, LockUse::kRead, &lock,
            {HoldKind::kReader, false, IsShared(lock)});
}

void NoteWriter(Thread& self, const Rwlock& lock) {
  NoteTaken(self, LockUse::kWrite, &lock,
            {HoldKind::kWriter, false, IsShared(lock)});
}

}  // namespace

void CheckObject(Thread& self, const char* function, const char* type,
                 const void* object) {
  if (!WatchesMistakes()) return;
  uint16_t magic;
  std::memcpy(&magic, static_cast<const char*>(object) + kMagicAt,
              sizeof magic);
  if (IsMisaligned(object)) {
    Report(self, function, "an object that is not aligned to 8 bytes", type,
           object);
  } else if (magic == kDeadMagic) {
    Report(self, function, "an object that was destroyed", type, object);
  }
}

void CheckUse(Thread& self, const char* function, const Cond& cond) {
  CheckObject(self, function, kCond, &cond);
}

void CheckUse(Thread& self, const char* function, const Sema& sema) {
  CheckObject(self, function, kSema, &sema);
}

void WatchInit(Thread& self, const char* function, const char* type,
               const void* object, bool anew) {
  if (WatchesMistakes() && IsMisaligned(object)) {
    Report(self, function, "an object that is not aligned to 8 bytes", type,
           object);
  }
  if (anew) ForgetHolds(object);
}

void MarkDestroyed(void* object, bool shared) {
  if (shared || !WatchesMistakes()) return;
  const uint16_t magic = kDeadMagic;
  std::memcpy(static_cast<char*>(object) + kMagicAt, &magic, sizeof magic);
}

void WatchDestroy(Thread& self, const Cond& cond) {
  CheckSleepers(self, "cond_destroy", kCond, &cond);
}

void WatchDestroy(Thread& self, const Sema& sema) {
  CheckSleepers(self, "sema_destroy", kSema, &sema);
}

void WatchDestroy(Thread& self, const Rwlock& lock) {
  constexpr const char* kFunction = "rwlock_destroy";
  CheckObject(self, kFunction, kRwlock, &lock);
  const uint32_t word = lock.word.load(std::memory_order_relaxed);
  if (WatchesMistakes() && (word & kHeldBits) != 0) {
    Report(self, kFunction, "destruction of a rwlock that is locked", kRwlock,
           &lock, HolderOf(&lock));
  }
  ForgetHolds(&lock);
}

int WatchedReadLock(Thread& self, Rwlock& lock) {
  constexpr const char* kFunction = "rw_rdlock";
  CheckObject(self, kFunction, kRwlock, &lock);
  if (WriteHeldBy(self, lock)) {
    if (WatchesMistakes()) {
      Report(self, kFunction, "the thread holds the rwlock for writing",
             kRwlock, &lock);
    }
    return ReadLockOfKind(self, lock);
  }
  int error = TryReadLockOfKind(self, lock);
  if (error == EBUSY) {
    Waiting waiting(self, LockUse::kRead, WaitFor(lock, false));
    error = ReadLockOfKind(self, lock);
    waiting.End();
  }
  if (error == 0) NoteReader(self, lock);
  return error;
}

int WatchedTryReadLock(Thread& self, Rwlock& lock) {
  CheckObject(self, "rw_tryrdlock", kRwlock, &lock);
  const int error = TryReadLockOfKind(self, lock);
  if (error == 0) NoteReader(self, lock);
  return error;
}

int WatchedWriteLock(Thread& self, Rwlock& lock) {
  constexpr const char* kFunction = "rw_wrlock";
  CheckObject(self, kFunction, kRwlock, &lock);
  if (WriteHeldBy(self, lock) || ReadHeldBy(self, lock)) {
    if (WatchesMistakes()) {
      Report(self, kFunction, "the thread holds the rwlock already", kRwlock,
             &lock);
    }
    return WriteLockOfKind(self, lock);
  }
  int error = TryWriteLockOfKind(self, lock);
  if (error == EBUSY) {
    Waiting waiting(self, LockUse::kWrite, WaitFor(lock, true));
    error = WriteLockOfKind(self, lock);
    waiting.End();
  }
  if (error == 0) NoteWriter(self, lock);
  return error;
}

int WatchedTryWriteLock(Thread& self, Rwlock& lock) {
  CheckObject(self, "rw_trywrlock", kRwlock, &lock);
  const int error = TryWriteLockOfKind(self, lock);
  if (error == 0) NoteWriter(self, lock);
  return error;
}

int WatchedUnlockRwlock(Thread& self, Rwlock& lock) {
  constexpr const char* kFunction = "rw_unlock";
  CheckObject(self, kFunction, kRwlock, &lock);
  const bool writer = WriteHeldBy(self, lock);
  if (writer || ReadHeldBy(self, lock)) {
    NoteGiven(writer ? LockUse::kWrite : LockUse::kRead, &lock,
              EndHold(&self, &lock, writer));
  } else if (WatchesMistakes()) {
    Report(self, kFunction, "unlock of a rwlock that the thread does not hold",
           kRwlock, &lock, HolderOf(&lock));
  }
  return UnlockRwlockOfKind(self, lock);
}

int WatchedSemaWait(Thread& self, Sema& sema, Limit limit,
                    const timespec* time) {
  const char* function = limit == Limit::kNone        ? "sema_wait"
                         : limit == Limit::kTimeOfDay ? "sema_timedwait"
                                                      : "sema_reltimedwait";
  CheckUse(self, function, sema);
  int error = SemaTryWaitOfKind(sema);
  if (error == EBUSY) {
    Waiting waiting(self, LockUse::kSema,
                    {WaitKind::kSema, function, &sema, nullptr, 0});
    error = SemaWaitOfKind(self, sema, limit, time);
    waiting.End();
  }
  if (error == 0 && CountsUse()) CountTaken(LockUse::kSema, &sema);
  return error;
}

int WatchedSemaTryWait(Thread& self, Sema& sema) {
  CheckUse(self, "sema_trywait", sema);
  const int error = SemaTryWaitOfKind(sema);
  if (error == 0 && CountsUse()) CountTaken(LockUse::kSema, &sema);
  return error;
}

void WatchInterrupted(Thread& self, const Rwlock& lock, bool writer) {
  WaitAgain(self, WaitFor(lock, writer));
}

}  // namespace lt
