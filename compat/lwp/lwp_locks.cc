// SPDX-License-Identifier: MIT
//
// Locks of LWPs.  They are the process-shared ones of <synch.h>, whatever their
// type says, so that memory of zeros is valid between processes; without what
// belongs to a type: nobody asks who the owner is.  Whoever waits blocks its
// LWP (sched/kernel_wait.h).
//
// A robust mutex is one here, too: its word names the owner, and the kernel
// reads it.

#include <synch.h>

#include <cerrno>
#include <cstring>

#include "api/entry.h"
#include "sched/critical.h"
#include "sync/kinds.h"
#include "sync/robust.h"
#include "sync/shared_cond.h"
#include "sync/shared_mutex.h"
#include "sync/shared_sema.h"

namespace lt {
namespace {

// The semaphore is read as a sema_t, the first eight bytes of which are all
// that counts.
static_assert(offsetof(lwp_sema_t, count) == offsetof(sema_t, count) &&
              offsetof(lwp_sema_t, type) == offsetof(sema_t, type) &&
              offsetof(lwp_sema_t, magic) == offsetof(sema_t, magic));

Sema& AsSema(lwp_sema_t* sema) {
  return *reinterpret_cast<Sema*>(sema);
}

// No program has anything in the first page.  Other addresses are believed: a
// look at each would cost more than the lock.
int CheckAddress(const void* object) {
  if (reinterpret_cast<uintptr_t>(object) < kPage) return EFAULT;
  return IsAligned(object) ? 0 : EINVAL;
}

bool IsRobust(const Mutex& mutex) {
  return (mutex.type & kRobust) != 0;
}

void Release(Thread& self, Mutex& mutex) {
  if (IsRobust(mutex)) {
    RobustRelease(self, mutex);
  } else {
    SharedRelease(self, mutex);
  }
}

// In a critical section.
int LockAgain(Thread& self, Mutex& mutex) {
  if (IsRobust(mutex)) return RobustRelock(self, mutex);
  SharedAcquire(self, mutex);
  return 0;
}

int Lock(Thread& self, Mutex& mutex) {
  if (IsRobust(mutex)) return RobustLock(self, mutex);
  if (!SharedTryAcquire(self, mutex)) {
    Critical critical(self);
    SharedAcquire(self, mutex);
  }
  return 0;
}

// Releases the mutex, sleeps, takes it again.
int Wait(lwp_cond_t* cond, lwp_mutex_t* lock, Deadline deadline) {
  Thread& self = Self();
  Mutex& mutex = Of(lock);
  Critical critical(self);
  const uint32_t handlers = HandlersRun(self);
  int error = SharedCondSleep(self, Of(cond), mutex, deadline, Release);
  // Handlers of signals run without the mutex.
  LeaveCritical(self);
  EnterCritical(self);
  if (error == EINTR && HandlersRun(self) == handlers) error = 0;
  const int lock_error = LockAgain(self, mutex);
  return lock_error != 0 ? lock_error : error;
}

int CheckWait(const lwp_cond_t* cond, const lwp_mutex_t* mutex) {
  const int error = CheckAddress(cond);
  return error != 0 ? error : CheckAddress(mutex);
}

// The address of a time, which may be null, and the time.
int CheckTime(const timespec_t* time) {
  if (time == nullptr) return 0;
  if (reinterpret_cast<uintptr_t>(time) < kPage) return EFAULT;
  return ValidTimespec(*time) ? 0 : EINVAL;
}

int Wake(lwp_cond_t* cond, bool all) {
  if (const int error = CheckAddress(cond)) return error;
  SharedCondWake(Of(cond), all);
  return 0;
}

}  // namespace
}  // namespace lt

LT_EXPORT int _lwp_mutex_lock(lwp_mutex_t* mutex) {
  if (const int error = lt::CheckAddress(mutex)) return error;
  return lt::Lock(lt::Self(), lt::Of(mutex));
}

LT_EXPORT int _lwp_mutex_trylock(lwp_mutex_t* mutex) {
  if (const int error = lt::CheckAddress(mutex)) return error;
  lt::Mutex& object = lt::Of(mutex);
  lt::Thread& self = lt::Self();
  if (lt::IsRobust(object)) return lt::RobustTryLock(self, object);
  return lt::SharedTryAcquire(self, object) ? 0 : EBUSY;
}

LT_EXPORT int _lwp_mutex_unlock(lwp_mutex_t* mutex) {
  if (const int error = lt::CheckAddress(mutex)) return error;
  lt::Mutex& object = lt::Of(mutex);
  lt::Thread& self = lt::Self();
  const lt::Critical critical(self);
  if (lt::IsRobust(object)) return lt::RobustUnlock(self, object);
  lt::SharedRelease(self, object);
  return 0;
}

LT_EXPORT int _lwp_cond_wait(lwp_cond_t* cond, lwp_mutex_t* mutex) {
  if (const int error = lt::CheckWait(cond, mutex)) return error;
  return lt::Wait(cond, mutex, lt::Deadline::Never());
}

// Bad times are found before the mutex is released.

LT_EXPORT int _lwp_cond_timedwait(lwp_cond_t* cond, lwp_mutex_t* mutex,
                                  timespec_t* time) {
  if (const int error = lt::CheckWait(cond, mutex)) return error;
  if (const int error = lt::CheckTime(time)) return error;
  return lt::Wait(cond, mutex,
                  time == nullptr ? lt::Deadline::Never()
                                  : lt::Deadline::AtTimeOfDay(*time));
}

LT_EXPORT int _lwp_cond_reltimedwait(lwp_cond_t* cond, lwp_mutex_t* mutex,
                                     timespec_t* interval) {
  if (const int error = lt::CheckWait(cond, mutex)) return error;
  if (const int error = lt::CheckTime(interval)) return error;
  if (interval != nullptr && interval->tv_sec < 0) return EINVAL;
  return lt::Wait(cond, mutex,
                  interval == nullptr ? lt::Deadline::Never()
                                      : lt::Deadline::After(*interval));
}

LT_EXPORT int _lwp_cond_signal(lwp_cond_t* cond) {
  return lt::Wake(cond, false);
}

LT_EXPORT int _lwp_cond_broadcast(lwp_cond_t* cond) {
  return lt::Wake(cond, true);
}

LT_EXPORT int _lwp_sema_init(lwp_sema_t* sema, int count) {
  if (const int error = lt::CheckAddress(sema)) return error;
  if (count < 0) return EINVAL;
  lwp_sema_t made = {};
  made.count = static_cast<uint32_t>(count);
  made.type = USYNC_PROCESS;
  made.magic = SEMA_MAGIC;
  std::memcpy(sema, &made, sizeof made);
  return 0;
}

LT_EXPORT int _lwp_sema_wait(lwp_sema_t* sema) {
  if (const int error = lt::CheckAddress(sema)) return error;
  return lt::SharedSemaWait(lt::Self(), lt::AsSema(sema), lt::Limit::kNone,
                            nullptr);
}

LT_EXPORT int _lwp_sema_trywait(lwp_sema_t* sema) {
  if (const int error = lt::CheckAddress(sema)) return error;
  return lt::SharedSemaTryWait(lt::AsSema(sema));
}

LT_EXPORT int _lwp_sema_post(lwp_sema_t* sema) {
  if (const int error = lt::CheckAddress(sema)) return error;
  return lt::SharedSemaPost(lt::AsSema(sema));
}
