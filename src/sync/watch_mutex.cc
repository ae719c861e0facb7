// SPDX-License-Identifier: MIT
//
// Watched mutexes, and waits on condition variables, which give them away.

#include <cerrno>
#include <cstdio>
#include <cstring>

#include "sync/cond.h"
#include "sync/kinds.h"
#include "sync/mutex.h"
#include "sync/watched.h"

namespace lt {
namespace {

// "shared recursive mutex".
struct TypeName {
  char text[80];
};

TypeName NameType(const Mutex& mutex) {
  TypeName name;
  const auto has = [&](int bits) { return (mutex.type & bits) != 0; };
  std::snprintf(name.text, sizeof name.text, "%s%s%s%s%smutex",
                has(kProcess | kProcessRobust) ? "shared " : "private ",
                has(kRobust) ? "robust " : "",
                has(kPrioInherit | kPrioProtect) ? "priority " : "",
                has(kRecursive) ? "recursive " : "",
                has(kErrorCheck) ? "error-checking " : "");
  return name;
}

void Report(Thread& self, const char* function, const char* what,
            const Mutex& mutex, uint32_t holder) {
  ReportMistake(self, {function, what, NameType(mutex).text, &mutex, holder});
}

void CheckMutex(Thread& self, const char* function, const Mutex& mutex) {
  CheckObject(self, function, "mutex", &mutex);
}

WaitNote WaitFor(const Mutex& mutex, const char* function) {
  // Of another process's owner the tag says nothing here.
  return {WaitKind::kMutex, function, &mutex,
          IsPrivate(mutex) ? &mutex.owner : nullptr, 0};
}

HoldKind HoldOf(const Mutex& mutex) {
  return {HoldKind::kMutex, (mutex.type & kRobust) != 0,
          (mutex.type & (kProcess | kProcessRobust)) != 0};
}

bool IsTaken(int error) {
  return error == 0 || error == EOWNERDEAD || error == kErrorUnmapped;
}

// Of every kind: robust ones have their owner's kernel thread there, and two
// bits that say nothing of it.
bool IsLocked(const Mutex& mutex) {
  constexpr uint32_t kOwnerBits = 0x3fffffff;
  return (mutex.word.load(std::memory_order_relaxed) & kOwnerBits) != 0;
}

void NoteMutex(Thread& self, const Mutex& mutex) {
  NoteTaken(self, LockUse::kMutex, &mutex, HoldOf(mutex));
}

// A mutex that the caller does not hold.
template <typename Lock>
int LockAndNote(Thread& self, const char* function, Mutex& mutex, Lock lock) {
  int error = TryLockOfKind(self, mutex);
  if (error == EBUSY) {
    Waiting waiting(self, LockUse::kMutex, WaitFor(mutex, function));
    error = lock(self, mutex);
    waiting.End();
  }
  return error;
}

bool ChecksOwner(const Mutex& mutex) {
  return (mutex.type & (kErrorCheck | kRobust)) != 0;
}

// The caller gives the mutex free, once or completely; or somebody else's,
// where nobody checks that.
void NoteRelease(Thread& self, const Mutex& mutex, bool held, bool all) {
  if (!held && ChecksOwner(mutex)) return;
  NoteGiven(LockUse::kMutex, &mutex,
            EndHold(held ? &self : nullptr, &mutex, all));
}

void CheckCondWait(Thread& self, const char* function, const Cond& cond,
                   const Mutex& mutex, bool held) {
  if (!held) {
    Report(self, function, "wait without holding the mutex", mutex,
           HolderOf(&mutex));
  } else if (mutex.depth > 0) {
    Report(self, function, "wait with a mutex that is held more than once",
           mutex, 0);
  }
  const bool cond_shared = (cond.type & kProcess) != 0;
  const bool mutex_shared = (mutex.type & (kProcess | kProcessRobust)) != 0;
  if (cond_shared == mutex_shared) return;
  Report(self, function,
         cond_shared ? "a shared condition variable with a private mutex"
                     : "a private condition variable with a shared mutex",
         mutex, 0);
}

}  // namespace

int WatchedLock(Thread& self, Mutex& mutex) {
  constexpr const char* kFunction = "mutex_lock";
  CheckMutex(self, kFunction, mutex);
  if (HeldByKind(self, mutex) && (mutex.type & kRecursive) == 0) {
    // EDEADLK; one that is only robust would wait for ever.
    if ((mutex.type & kErrorCheck) != 0) return LockOfKind(self, mutex);
    if (WatchesMistakes()) {
      Report(self, kFunction, "lock of a mutex that the thread holds already",
             mutex, 0);
    }
  }
  const int error = LockAndNote(self, kFunction, mutex, LockOfKind);
  if (IsTaken(error)) NoteMutex(self, mutex);
  return error;
}

int WatchedTryLock(Thread& self, Mutex& mutex) {
  CheckMutex(self, "mutex_trylock", mutex);
  const int error = TryLockOfKind(self, mutex);
  if (IsTaken(error)) NoteMutex(self, mutex);
  return error;
}

int WatchedUnlock(Thread& self, Mutex& mutex) {
  constexpr const char* kFunction = "mutex_unlock";
  CheckMutex(self, kFunction, mutex);
  const bool held = HeldByKind(self, mutex);
  if (!held && WatchesMistakes()) {
    Report(self, kFunction,
           IsLocked(mutex) ? "unlock of a mutex that the thread does not hold"
                           : "unlock of a mutex that is not locked",
           mutex, HolderOf(&mutex));
  }
  NoteRelease(self, mutex, held, mutex.depth == 0);
  return UnlockOfKind(self, mutex);
}

int WatchedRelock(Thread& self, Mutex& mutex) {
  constexpr const char* kFunction = "cond_wait";
  if (IsPrivate(mutex)) {
    return LockAndNote(self, kFunction, mutex, RelockOfKind);
  }
  // A try is another thing there: it would count once more, or ask for the
  // caller's priority.
  BeginWait(self, WaitFor(mutex, kFunction));
  const int error = RelockOfKind(self, mutex);
  EndWait(self);
  return error;
}

int WatchedCondWait(Thread& self, const char* function, Cond& cond,
                    Mutex& mutex, Deadline deadline) {
  CheckUse(self, function, cond);
  CheckMutex(self, function, mutex);
  const bool held = HeldByKind(self, mutex);
  if (WatchesMistakes()) CheckCondWait(self, function, cond, mutex, held);
  NoteRelease(self, mutex, held, true);
  Waiting waiting(self, LockUse::kCond,
                  {WaitKind::kCond, function, &cond, nullptr, 0});
  const int error = CondWait(self, cond, mutex, deadline);
  waiting.End();
  if (error == 0 && CountsUse()) CountTaken(LockUse::kCond, &cond);
  if (HeldByKind(self, mutex)) {
    NoteTaken(self, LockUse::kMutex, &mutex, HoldOf(mutex), mutex.depth + 1U);
  }
  return error;
}

void WatchDestroy(Thread& self, const Mutex& mutex) {
  constexpr const char* kFunction = "mutex_destroy";
  CheckMutex(self, kFunction, mutex);
  if (WatchesMistakes() && IsLocked(mutex)) {
    Report(self, kFunction, "destruction of a mutex that is locked", mutex,
           HolderOf(&mutex));
  }
  ForgetHolds(&mutex);
}

void WatchInterrupted(Thread& self, const Mutex& mutex) {
  WaitAgain(self, WaitFor(mutex, "mutex_lock"));
}

}  // namespace lt
