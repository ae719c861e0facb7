// SPDX-License-Identifier: MIT
//
// Robust mutexes (LOCK_ROBUST): when the owner dies, the next one is told.

#ifndef LIBTHREAD_SYNC_ROBUST_H_
#define LIBTHREAD_SYNC_ROBUST_H_

#include <cstddef>

#include "lwp/robust_list.h"
#include "sync/objects.h"

namespace lt {

// As kinds.h has it for all.  Lock, try and relock: EOWNERDEAD and
// ELOCKUNMAPPED, with the mutex held; ENOTRECOVERABLE, without; EAGAIN, also
// when the LWP holds as many as the kernel looks after; ENOMEM.
[[nodiscard]] int RobustLock(Thread& self, Mutex& mutex);
[[nodiscard]] int RobustTryLock(Thread& self, Mutex& mutex);
[[nodiscard]] int RobustUnlock(Thread& self, Mutex& mutex);
bool RobustHeldBy(const Thread& self, const Mutex& mutex);
void RobustRelease(Thread& self, Mutex& mutex);
[[nodiscard]] int RobustRelock(Thread& self, Mutex& mutex);

// mutex_init: EBUSY (it is one already), EINVAL (of another type).  `type` has
// kRobust.
[[nodiscard]] int RobustInit(const Thread& self, Mutex& mutex, int type);
// mutex_consistent: EINVAL.
[[nodiscard]] int RobustConsistent(const Thread& self, Mutex& mutex);
// Before the mutex is overwritten.
void RobustDestroy(Thread& self, Mutex& mutex);

// The thread ends: what it holds is the next locker's, with EOWNERDEAD.
void RobustThreadEnds(Thread& self);

// ---- For robust_memory.cc ----

// Set in Mutex::flag while a holder is about to lose the memory.
inline constexpr uint8_t kUnmapping = 1;

inline RobustNode* NodeOf(Mutex& mutex) {
  return reinterpret_cast<RobustNode*>(&mutex.owner);
}
inline Mutex& MutexOf(const RobustNode& node) {
  auto address = reinterpret_cast<uintptr_t>(&node) - offsetof(Mutex, owner);
  return *reinterpret_cast<Mutex*>(address);
}

// From a mutex' node to its word.
constexpr long RobustWordOffset() {
  return static_cast<long>(offsetof(Mutex, word)) -
         static_cast<long>(offsetof(Mutex, owner));
}

// Makes the word name another kernel thread; what there was else stays.
void TakeOver(Mutex& mutex, uint32_t tid);

// The list of the caller's kernel thread, made if need be; or null.
RobustList* RobustListOf(Thread& self);

// The mutex, of `list`, is held by somebody who has died or lost it.  In a
// critical section.  `own`: the list of the caller's kernel thread.
void Abandon(RobustList& list, RobustList& own, Mutex& mutex)
    ABSL_EXCLUSIVE_LOCKS_REQUIRED(list.lock);

}  // namespace lt

#endif  // LIBTHREAD_SYNC_ROBUST_H_
