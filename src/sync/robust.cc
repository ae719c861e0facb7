// SPDX-License-Identifier: MIT
//
// The word is the kernel's: the owner's kernel thread, FUTEX_WAITERS, and
// FUTEX_OWNER_DIED once the kernel has found the owner dead.  Which thread of
// that kernel thread it is stands in `owner_pid`: its thread id.  The place of
// the private mutex' owner is the node of the kernel's list.
//
// INV-RO1: an owner stays on the kernel thread that the word names: an unbound
//   one is pinned to its LWP (sched/pin.h).  So nobody gets the mutex while the
//   dead owner's last instructions are still being executed elsewhere.
// INV-RO2: while threads sleep on the word it has FUTEX_WAITERS, whoever holds
//   the mutex or does not.  The bit goes only in one step of the kernel's with
//   the waking of all that sleep: when unlocking it in vain last time showed
//   that most likely nobody does.  So a thread that dies between unlocking and
//   waking, or between waking up and locking, leaves nobody asleep for good.
//
// `state` has the bits of <synch.h>'s flag1; only owners change it after
// mutex_init.

#include "sync/robust.h"

#include <linux/futex.h>

#include <cerrno>

#include "base/futex.h"
#include "base/panic.h"
#include "sched/critical.h"
#include "sched/kernel_wait.h"
#include "sched/pin.h"
#include "sched/pool.h"
#include "sync/mutex.h"
#include "sync/watch_waits.h"

namespace lt {
namespace {

constexpr uint32_t kTid = FUTEX_TID_MASK;
constexpr uint32_t kSleepers = FUTEX_WAITERS;
constexpr uint32_t kDied = FUTEX_OWNER_DIED;

// flag1 of <synch.h>.
constexpr uint16_t kOwnerDead = 0x1;
constexpr uint16_t kNotRecoverable = 0x2;
constexpr uint16_t kInited = 0x4;
constexpr uint16_t kUnmapped = 0x8;

RobustList*& Slot(Thread& self) {
  return self.lwp != nullptr ? self.lwp->robust : self.robust;
}

// The caller is about to hold one more.  Its list, or null.
RobustList* BeginHold(Thread& self) {
  ++self.robust_holds;
  UpdatePin(self);
  RobustList* list = RobustListOf(self);
  if (list != nullptr) return list;
  --self.robust_holds;
  UpdatePin(self);
  return nullptr;
}

void EndHold(Thread& self) {
  if (self.robust_holds > 0) --self.robust_holds;
  UpdatePin(self);
}

// One step: `word` becomes `value`, FUTEX_WAITERS or 0, and `count` sleepers
// wake up.  Returns how many.
int StoreAndWake(std::atomic<uint32_t>& word, uint32_t value, int count) {
  static_assert(kSleepers == 1U << 31);
  const uint32_t operation = value == 0
                                 ? FUTEX_OP(FUTEX_OP_SET, 0, FUTEX_OP_CMP_EQ, 0)
                                 : FUTEX_OP(FUTEX_OP_SET | FUTEX_OP_OPARG_SHIFT,
                                            31, FUTEX_OP_CMP_EQ, 0);
  // The kernel's store releases nothing by itself; and ThreadSanitizer, which
  // does not see it, knows no fences.
  word.fetch_or(0, std::memory_order_release);
  // Its second waking depends on the former value being 0, which it is not.
  const long woken =
      RawSyscall(SYS_futex, reinterpret_cast<long>(&word), FUTEX_WAKE_OP, count,
                 0, reinterpret_cast<long>(&word), operation);
  if (woken >= 0) return static_cast<int>(woken);
  word.store(kSleepers, std::memory_order_release);
  return FutexWakeShared(&word, count);
}

// Out of the list, where it may be by the address of another mapping of the
// same memory: the one that nobody in this process owns any more.  False when
// its memory is being unmapped just now.
bool TakeOut(RobustList& list, Mutex& mutex) {
  SpinLockHolder hold(list.lock);
  if (list.RemoveLocked(NodeOf(mutex))) return true;
  const RobustNode* node = list.Find([](const RobustNode& other) {
    return MutexOf(other).owner_pid.load(std::memory_order_relaxed) == 0;
  });
  return node != nullptr && list.RemoveLocked(node);
}

// In the list, in its place; sleeps if it has to and may.  0 or EBUSY.
int Acquire(Thread& self, Mutex& mutex, bool wait) {
  RobustNode* node = NodeOf(mutex);
  for (;;) {
    RobustList& list = *Slot(self);
    list.Begin(node);
    uint32_t word = mutex.word.load(std::memory_order_relaxed);
    if ((word & kTid) == 0) {
      if (!mutex.word.compare_exchange_strong(
              word, list.tid() | (word & kSleepers), std::memory_order_acquire,
              std::memory_order_relaxed)) {
        continue;
      }
      if ((word & kDied) != 0) {
        mutex.depth = 0;
        mutex.state |= kOwnerDead;
        if ((mutex.flag & kUnmapping) != 0) mutex.state |= kUnmapped;
        mutex.flag &= ~kUnmapping;
      }
      list.Add(node);
      mutex.owner_pid.store(self.id, std::memory_order_relaxed);
      list.End();
      return 0;
    }
    if (!wait) {
      list.End();
      return EBUSY;
    }
    if ((word & kSleepers) == 0) {
      if (!mutex.word.compare_exchange_strong(word, word | kSleepers,
                                              std::memory_order_relaxed)) {
        continue;
      }
      word |= kSleepers;
    }
    if (KernelWait(self, mutex.word, word, Deadline::Never(), kAnyBits, node) ==
        EINTR) {
      list.End();
      EndHold(self);
      LeaveCritical(self);  // handlers of signals run here; it may move
      if (ABSL_PREDICT_FALSE(g_watch != 0)) WatchInterrupted(self, mutex);
      EnterCritical(self);
      if (BeginHold(self) == nullptr) Panic("no robust list for an LWP");
    }
  }
}

// What the new owner is told.  ENOTRECOVERABLE: it is none.
int Told(Thread& self, Mutex& mutex) {
  if ((mutex.state & kNotRecoverable) != 0) {
    RobustRelease(self, mutex);
    return ENOTRECOVERABLE;
  }
  if ((mutex.state & kOwnerDead) == 0) return 0;
  return (mutex.state & kUnmapped) != 0 && (mutex.type & kProcessRobust) != 0
             ? kErrorUnmapped
             : EOWNERDEAD;
}

int LockAsNew(Thread& self, Mutex& mutex, bool wait) {
  RobustList* list = BeginHold(self);
  if (list == nullptr) return ENOMEM;
  int error =
      list->size() >= RobustList::kMost ? EAGAIN : Acquire(self, mutex, wait);
  if (error != 0) {
    EndHold(self);
    return error;
  }
  error = Told(self, mutex);
  if (error == ENOTRECOVERABLE) EndHold(self);
  return error;
}

}  // namespace

RobustList* RobustListOf(Thread& self) {
  RobustList*& slot = Slot(self);
  // An LWP's place may have been another kernel thread's.
  if (slot == nullptr) slot = RobustList::ForCaller(RobustWordOffset());
  return slot;
}

bool RobustHeldBy(const Thread& self, const Mutex& mutex) {
  const RobustList* list = Slot(const_cast<Thread&>(self));
  return list != nullptr &&
         (mutex.word.load(std::memory_order_relaxed) & kTid) == list->tid() &&
         mutex.owner_pid.load(std::memory_order_relaxed) == self.id;
}

int RobustLock(Thread& self, Mutex& mutex) {
  Critical critical(self);
  if (RobustHeldBy(self, mutex)) {
    const int error = Relock(mutex);
    if (error != 0 || (mutex.type & kRecursive) != 0) return error;
  }
  return LockAsNew(self, mutex, true);
}

int RobustTryLock(Thread& self, Mutex& mutex) {
  Critical critical(self);
  if (RobustHeldBy(self, mutex)) {
    return (mutex.type & kRecursive) != 0 ? Relock(mutex) : EBUSY;
  }
  return LockAsNew(self, mutex, false);
}

int RobustUnlock(Thread& self, Mutex& mutex) {
  if (!RobustHeldBy(self, mutex)) return EPERM;
  if (mutex.depth > 0) {
    --mutex.depth;
    return 0;
  }
  Critical critical(self);
  RobustRelease(self, mutex);
  EndHold(self);
  return 0;
}

void RobustRelease(Thread& self, Mutex& mutex) {
  RobustList& list = *Slot(self);
  bool all = list.nobody_slept == &mutex;
  if ((mutex.state & (kOwnerDead | kNotRecoverable)) != 0) {
    mutex.state = kInited | kNotRecoverable;
    all = true;
  }
  mutex.flag &= ~kUnmapping;
  mutex.owner_pid.store(0, std::memory_order_relaxed);
  list.Begin(NodeOf(mutex));
  if (TakeOut(list, mutex)) {
    uint32_t word = list.tid();
    if (!mutex.word.compare_exchange_strong(word, 0, std::memory_order_release,
                                            std::memory_order_relaxed)) {
      const int woken =
          StoreAndWake(mutex.word, all ? 0 : kSleepers, all ? INT32_MAX : 1);
      list.nobody_slept = !all && woken == 0 ? &mutex : nullptr;
    }
  }
  list.End();
}

int RobustRelock(Thread& self, Mutex& mutex) {
  static_cast<void>(Acquire(self, mutex, true));
  const int error = Told(self, mutex);
  if (error == ENOTRECOVERABLE) EndHold(self);
  return error;
}

int RobustInit(const Thread& self, Mutex& mutex, int type) {
  const uint16_t state = __atomic_load_n(&mutex.state, __ATOMIC_ACQUIRE);
  if ((state & kInited) == 0) {
    mutex.type = static_cast<uint8_t>(type);
    mutex.magic = kMutexMagic;
    const uint16_t before =
        __atomic_fetch_or(&mutex.state, kInited, __ATOMIC_ACQ_REL);
    return (before & kInited) == 0 ? 0 : EBUSY;
  }
  if (mutex.type != type) return EINVAL;
  return RobustConsistent(self, mutex) == 0 ? 0 : EBUSY;
}

int RobustConsistent(const Thread& self, Mutex& mutex) {
  if ((mutex.type & kRobust) == 0 || !RobustHeldBy(self, mutex) ||
      (mutex.state & kOwnerDead) == 0) {
    return EINVAL;
  }
  mutex.state = kInited;
  mutex.depth = 0;
  return 0;
}

void TakeOver(Mutex& mutex, uint32_t tid) {
  uint32_t word = mutex.word.load(std::memory_order_relaxed);
  while (!mutex.word.compare_exchange_weak(word, tid | (word & ~kTid),
                                           std::memory_order_relaxed)) {
  }
}

void Abandon(RobustList& list, RobustList& own, Mutex& mutex) {
  RobustNode* node = NodeOf(mutex);
  own.Begin(node);
  // Responsible for it is now who does this, so that it can leave the list
  // before others may take it.  INV-RL1.
  TakeOver(mutex, own.tid());
  list.RemoveLocked(node);
  uint32_t word = mutex.word.load(std::memory_order_relaxed);
  while (!mutex.word.compare_exchange_weak(word, kDied | (word & kSleepers),
                                           std::memory_order_release,
                                           std::memory_order_relaxed)) {
  }
  if ((word & kSleepers) != 0) FutexWakeShared(&mutex.word, 1);
  own.End();
}

void RobustThreadEnds(Thread& self) {
  RobustList* list = Slot(self);
  if (list == nullptr) return;
  const auto owned = [&self](const RobustNode& node) {
    return MutexOf(node).owner_pid.load(std::memory_order_relaxed) == self.id;
  };
  {
    SpinLockHolder hold(list->lock);
    while (RobustNode* node = list->Find(owned)) {
      Abandon(*list, *list, MutexOf(*node));
    }
  }
  self.robust_holds = 0;
  UpdatePin(self);
  // An LWP keeps its list for the next thread.
  if (self.lwp != nullptr) return;
  list->Retire();
  self.robust = nullptr;
}

}  // namespace lt
