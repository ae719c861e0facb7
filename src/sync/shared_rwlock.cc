// SPDX-License-Identifier: MIT
//
// The word: kWriter or the number of threads that read, and two marks that say
// whether readers and writers sleep.  Sleepers wait for the word in the kernel,
// each kind with a bit of its own.
//
// INV-SR1: a free lock has no marks: who makes it free clears them in the same
//   step and then wakes one writer or, where none sleeps, all readers.  It does
//   not touch the lock afterwards.
// INV-SR2: while threads sleep the word has the mark of their kind, or somebody
//   has cleared it and is waking, or a writer was woken and has not gone on
//   yet.  That one cannot know who sleeps beside it, so it sets both marks.
//
// New readers wait while a writer does; holders read again at any time, since
// each thread knows what it holds (holds.h).  The lock is not handed over: a
// thread that was killed in between would take it along.

#include "sync/shared_rwlock.h"

#include <cerrno>

#include "base/futex.h"
#include "base/process_id.h"
#include "sched/critical.h"
#include "sched/kernel_wait.h"
#include "sync/holds.h"

namespace lt {
namespace {

constexpr uint32_t kReaderSleeps = 0x80000000;
constexpr uint32_t kWriter = 0x40000000;
constexpr uint32_t kWriterSleeps = 0x20000000;
constexpr uint32_t kReaders = 0x1fffffff;
constexpr uint32_t kMarks = kReaderSleeps | kWriterSleeps;

// Of the kernel's waits.
constexpr uint32_t kReaderBit = 1;
constexpr uint32_t kWriterBit = 2;

bool AddReader(Rwlock& lock) {
  uint32_t word = lock.word.load(std::memory_order_relaxed);
  while ((word & (kWriter | kWriterSleeps)) == 0) {
    if (lock.word.compare_exchange_weak(word, word + 1,
                                        std::memory_order_acquire,
                                        std::memory_order_relaxed)) {
      return true;
    }
  }
  return false;
}

// `marks`: of sleepers that the caller cannot rule out.
bool AddWriter(Thread& self, Rwlock& lock, uint32_t marks) {
  uint32_t free = 0;
  if (!lock.word.compare_exchange_strong(free, kWriter | marks,
                                         std::memory_order_acquire,
                                         std::memory_order_relaxed)) {
    return false;
  }
  lock.owner_pid.store(g_process_id, std::memory_order_relaxed);
  lock.owner.store(self.tag, std::memory_order_release);
  return true;
}

// Sleeps while the word is in the caller's way; then handlers of signals run.
// True when it may have been woken.
bool SleepInWay(Thread& self, Rwlock& lock, uint32_t in_way, uint32_t marks,
                uint32_t bit) {
  uint32_t word = lock.word.load(std::memory_order_relaxed);
  if ((word & in_way) == 0) return false;
  if ((word & marks) != marks) {
    if (!lock.word.compare_exchange_strong(word, word | marks,
                                           std::memory_order_relaxed)) {
      return false;
    }
    word |= marks;
  }
  const int error = KernelWait(self, lock.word, word, Deadline::Never(), bit);
  LeaveCritical(self);
  EnterCritical(self);
  return error == 0;
}

// Takes away `held`: kWriter, or 1 for a reader.
void Release(Rwlock& lock, uint32_t held) {
  uint32_t word = lock.word.load(std::memory_order_relaxed);
  uint32_t next;
  do {
    next = word - held;
    if ((next & (kWriter | kReaders)) == 0) next = 0;  // INV-SR1
  } while (!lock.word.compare_exchange_weak(
      word, next, std::memory_order_release, std::memory_order_relaxed));
  if (next != 0 || (word & kMarks) == 0) return;
  if ((word & kWriterSleeps) != 0 &&
      FutexWakeShared(&lock.word, 1, kWriterBit) != 0) {
    return;
  }
  if ((word & kReaderSleeps) != 0) {
    FutexWakeShared(&lock.word, INT32_MAX, kReaderBit);
  }
}

}  // namespace

bool SharedWriteHeldBy(const Thread& self, const Rwlock& lock) {
  // As with mutexes: shared_mutex.cc.
  return lock.owner.load(std::memory_order_acquire) == self.tag &&
         lock.owner_pid.load(std::memory_order_relaxed) == g_process_id;
}

int SharedReadLock(Thread& self, Rwlock& lock) {
  const int error = HoldAgain(self, &lock);
  if (error >= 0) return error;
  if (SharedWriteHeldBy(self, lock)) return EDEADLK;
  if (!AddReader(lock)) {
    Critical critical(self);
    do {
      SleepInWay(self, lock, kWriter | kWriterSleeps, kReaderSleeps,
                 kReaderBit);
    } while (!AddReader(lock));
  }
  AddHold(self, &lock);
  return 0;
}

int SharedTryReadLock(Thread& self, Rwlock& lock) {
  const int error = HoldAgain(self, &lock);
  if (error >= 0) return error;
  if (!AddReader(lock)) return EBUSY;
  AddHold(self, &lock);
  return 0;
}

int SharedWriteLock(Thread& self, Rwlock& lock) {
  if (AddWriter(self, lock, 0)) return 0;
  if (SharedWriteHeldBy(self, lock) || FindHold(self, &lock) != nullptr) {
    return EDEADLK;
  }
  Critical critical(self);
  uint32_t others = 0;
  do {
    if (SleepInWay(self, lock, ~uint32_t{0}, kWriterSleeps | others,
                   kWriterBit)) {
      others = kMarks;
    }
  } while (!AddWriter(self, lock, others));
  return 0;
}

int SharedTryWriteLock(Thread& self, Rwlock& lock) {
  return AddWriter(self, lock, 0) ? 0 : EBUSY;
}

int SharedUnlockRwlock(Thread& self, Rwlock& lock) {
  if (SharedWriteHeldBy(self, lock)) {
    lock.owner.store(0, std::memory_order_relaxed);
    Release(lock, kWriter);
    return 0;
  }
  ReadHold* hold = FindHold(self, &lock);
  if (hold == nullptr) return EPERM;
  if (!EndHold(self, *hold)) return 0;
  Release(lock, 1);
  return 0;
}

}  // namespace lt
