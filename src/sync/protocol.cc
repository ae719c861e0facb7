// SPDX-License-Identifier: MIT
//
// The word is that of a private mutex: 0, kLocked, or both kLocked and
// kWaiters.  Unlike that one, a mutex that has waiters is handed over to the
// first of them: so the highest of those that were made to wait goes on first,
// and the priorities of owner and waiters change at one moment, under the lock
// of inherit.h.
//
// A LOCK_PRIO_INHERIT mutex that nobody waits for is locked and unlocked
// without that lock: there is no priority to change.  `owner` is written after
// the word when locking, and before it when unlocking.
//
// INV-PM1: the word gets and loses kWaiters only under the lock of inherit.h.
//   Who waits sets it before it looks at `owner`.  So a thread that unlocks
//   either finds kWaiters, and goes the long way, or the waiter finds the mutex
//   free or without owner, and looks again a moment later.
// INV-PM2: while threads sleep on the word, it has kWaiters: the mutex is not
//   free.
// INV-PM3: the owner of a LOCK_PRIO_PROTECT mutex has its ceiling among its
//   ceilings; word, owner and ceilings change together.
// INV-PM4: who was woken owns the mutex exactly if its wait was ended for it
//   (INV-PR2).  Else the wakeup was a late one of a mutex that lay at the same
//   address before (mutex_word.h).

#include "sync/protocol.h"

#include <cerrno>

#include "sched/critical.h"
#include "sched/dispatch.h"
#include "sched/inherit.h"
#include "sched/sleepq.h"
#include "sync/mutex.h"
#include "sync/watch_waits.h"

namespace lt {
namespace {

bool Protects(const Mutex& mutex) {
  return (mutex.type & kPrioProtect) != 0;
}

// A free mutex that changes no priority.  In a critical section, lest a handler
// of a signal come between word and owner.
bool TryInherit(Thread& self, Mutex& mutex) {
  if (Protects(mutex)) return false;
  NoteProtocol(self);
  return MutexTryAcquire(self, mutex);
}

bool TryTake(Thread& self, Mutex& mutex)
    ABSL_EXCLUSIVE_LOCKS_REQUIRED(g_priority_lock) {
  NoteProtocol(self);
  if (!MutexTryAcquire(self, mutex)) return false;
  if (Protects(mutex)) {
    AddCeiling(self, mutex.ceiling);
    UpdatePriority(self);
  }
  return true;
}

// True when the mutex is taken; else it has kWaiters.
bool TakeOrAnnounce(Thread& self, Mutex& mutex)
    ABSL_EXCLUSIVE_LOCKS_REQUIRED(g_priority_lock) {
  for (;;) {
    if (TryTake(self, mutex)) return true;
    uint32_t held = kLocked;
    // Acquire: who unlocked it before has left no tag in `owner`.
    if (mutex.word.compare_exchange_strong(held, kLocked | kWaiters,
                                           std::memory_order_acquire,
                                           std::memory_order_relaxed) ||
        held == (kLocked | kWaiters)) {
      return false;
    }
  }
}

// Takes the mutex, however long that lasts.
LT_NO_CANARY void Take(Thread& self, Mutex& mutex) {
  Backoff backoff;
  for (;;) {
    g_priority_lock.Lock();
    if (TakeOrAnnounce(self, mutex)) {
      g_priority_lock.Unlock();
      return;
    }
    if (mutex.owner.load(std::memory_order_relaxed) == 0) {
      // INV-PM1: between the two steps of lock or unlock.
      g_priority_lock.Unlock();
      backoff.Pause();
      continue;
    }
    BeginProtocolWait(self, &mutex.word,
                      Protects(mutex) ? nullptr : &mutex.owner);
    const int key = ProtocolWaitKey(self);
    SleepBucket& bucket = AnnounceSleep(self, &mutex.word);
    bucket.lock.Lock();
    // From here on others find the caller, once it is in the queue.
    g_priority_lock.Unlock();
    const int woken =
        SleepOn(self, bucket, &mutex.word, key, Deadline::Never());
    // INV-PM4.
    if (woken == 0 && self.protocol_wait == nullptr) return;
    g_priority_lock.Lock();
    EndProtocolWait(self);
    g_priority_lock.Unlock();
    // Handlers of signals run here.
    LeaveCritical(self);
    if (ABSL_PREDICT_FALSE(g_watch != 0)) WatchInterrupted(self, mutex);
    EnterCritical(self);
  }
}

// A free mutex without waiters is all that there is to it.  Else `tag` says
// whose it was; the mutex has no owner, or is left as it was.
bool TryGiveUp(Mutex& mutex, OwnerTag& tag) {
  tag = mutex.owner.load(std::memory_order_relaxed);
  if (Protects(mutex) ||
      mutex.word.load(std::memory_order_relaxed) != kLocked) {
    return false;
  }
  mutex.owner.store(0, std::memory_order_relaxed);
  uint32_t held = kLocked;
  // Release: pairs with the acquire of who locks it next.  No touch afterwards.
  return mutex.word.compare_exchange_strong(held, 0, std::memory_order_release,
                                            std::memory_order_relaxed);
}

// The mutex, which `from` (null: a thread that is no more) has held, goes to
// the first that sleeps for it; who that is, to be made runnable.
Thread* HandOver(Mutex& mutex, Thread* from)
    ABSL_EXCLUSIVE_LOCKS_REQUIRED(g_priority_lock) {
  const bool protects = Protects(mutex);
  const int ceiling = mutex.ceiling;
  const Heir heir = TakeHeir(from, &mutex.word);
  if (heir.thread != nullptr) {
    PrivateWord::SetOwner(mutex, *heir.thread);
    mutex.word.store(heir.more ? kLocked | kWaiters : kLocked,
                     std::memory_order_relaxed);
    if (protects) AddCeiling(*heir.thread, ceiling);
    UpdatePriority(*heir.thread);
  } else {
    mutex.owner.store(0, std::memory_order_relaxed);
    // Release: pairs with who takes it.  No touch afterwards.
    mutex.word.store(0, std::memory_order_release);
  }
  if (from != nullptr) {
    if (protects) DropCeiling(*from, ceiling);
    UpdatePriority(*from);
  }
  return heir.thread;
}

// The ceiling lets the caller take the mutex.
int CheckCeiling(Thread& self, const Mutex& mutex) {
  if (!Protects(mutex)) return 0;
  Critical critical(self);
  SpinLockHolder hold(g_priority_lock);
  return MayTakeCeiling(self, mutex.ceiling);
}

// The caller holds the mutex: true when nothing but `error` is left to say.
bool HeldAlready(const Thread& self, Mutex& mutex, int& error) {
  if (!MutexHeldBy(self, mutex)) return false;
  error = Relock(mutex);
  return error != 0 || (mutex.type & kRecursive) != 0;
}

}  // namespace

int ProtocolLock(Thread& self, Mutex& mutex) {
  int error = 0;
  if (HeldAlready(self, mutex, error)) return error;
  if (Protects(mutex) && !ReserveCeilings(self)) return ENOMEM;
  Critical critical(self);
  if (TryInherit(self, mutex)) return 0;
  if ((error = CheckCeiling(self, mutex)) != 0) return error;
  Take(self, mutex);
  return 0;
}

int ProtocolTryLock(Thread& self, Mutex& mutex) {
  if (MutexHeldBy(self, mutex)) {
    return (mutex.type & kRecursive) != 0 ? Relock(mutex) : EBUSY;
  }
  if (Protects(mutex) && !ReserveCeilings(self)) return ENOMEM;
  Critical critical(self);
  if (!Protects(mutex)) return TryInherit(self, mutex) ? 0 : EBUSY;
  SpinLockHolder hold(g_priority_lock);
  const int error = MayTakeCeiling(self, mutex.ceiling);
  if (error != 0 || TryTake(self, mutex)) return error;
  UpdatePriority(self);  // back from the ceiling
  return EBUSY;
}

int ProtocolUnlock(Thread& self, Mutex& mutex) {
  if ((mutex.type & kErrorCheck) != 0 && !MutexHeldBy(self, mutex)) {
    return EPERM;
  }
  if (mutex.depth > 0) {
    --mutex.depth;
    return 0;
  }
  Critical critical(self);
  ProtocolRelease(mutex);
  return 0;
}

void ProtocolRelease(Mutex& mutex) {
  OwnerTag tag;
  if (TryGiveUp(mutex, tag)) return;
  Thread* heir = nullptr;
  {
    SpinLockHolder hold(g_priority_lock);
    if (mutex.word.load(std::memory_order_relaxed) != 0) {
      heir = HandOver(mutex, LivingOwner(tag));
    }
  }
  if (heir != nullptr) Ready(*heir);
}

void ProtocolRelock(Thread& self, Mutex& mutex) {
  Take(self, mutex);
}

}  // namespace lt
