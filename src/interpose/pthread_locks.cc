// SPDX-License-Identifier: MIT
//
// libc's own locks.  They block the LWP, by the historical rule; the pool makes
// up for it.  In many-to-one it cannot: a mutex may be held by an unbound
// thread that needs this LWP to get on, so who wants the mutex lets others run.

#include <pthread.h>
#include <semaphore.h>

#include <cerrno>

#include "api/entry.h"
#include "base/config.h"
#include "interpose/blocking.h"
#include "interpose/real.h"
#include "interpose/sleep.h"
#include "sched/critical.h"

namespace lt {
namespace {

// The calling thread if no other LWP can run the owner of what it waits for.
Thread* SelfOnTheOnlyLwp() {
  return g_config.model == Model::kManyToOne ? ParkableSelf() : nullptr;
}

void LetOthersRun(Thread& self, unsigned turn) {
  constexpr unsigned kYields = 16;
  if (turn < kYields) {
    Yield(self);
    return;
  }
  // The owner does not need this LWP, it seems.
  constexpr timespec kPause{0, 200'000};
  // An interruption may end the pause; the mutex is looked at again anyhow.
  static_cast<void>(ParkUntil(self, Deadline::After(kPause)));
}

// `until` is on `clock`; null: for ever.
int LockInTurns(Thread& self, pthread_mutex_t* mutex, clockid_t clock,
                const timespec* until) {
  // A time that has passed makes this an attempt which, unlike trylock, knows
  // all of the mutex's own errors.
  constexpr timespec kPassed{};
  for (unsigned turn = 0;; ++turn) {
    const int error = LT_REAL(pthread_mutex_timedlock)(mutex, &kPassed);
    if (error != ETIMEDOUT) return error;
    if (until != nullptr) {
      if (!ValidTimespec(*until)) return EINVAL;
      const int64_t until_ns = Deadline::AtMonotonic(*until).ns();
      if (NowNs(clock) >= until_ns) return ETIMEDOUT;
    }
    LetOthersRun(self, turn);
  }
}

}  // namespace
}  // namespace lt

namespace lt {
namespace {
// Robust ones and those with a protocol: glibc's trylock and lock differ in
// more than that one of them waits.
bool IsPlain(const pthread_mutex_t& mutex) {
  constexpr int kRobustOrProtocol = 0x70;
  return (mutex.__data.__kind & kRobustOrProtocol) == 0;
}
}  // namespace
}  // namespace lt

LT_EXPORT int pthread_mutex_lock(pthread_mutex_t* mutex) noexcept {
  const int error = lt::IsPlain(*mutex) ? pthread_mutex_trylock(mutex) : EBUSY;
  if (ABSL_PREDICT_TRUE(error != EBUSY)) return error;
  if (lt::Thread* self = lt::SelfOnTheOnlyLwp()) {
    return lt::LockInTurns(*self, mutex, CLOCK_REALTIME, nullptr);
  }
  return lt::Announced(LT_REAL(pthread_mutex_lock), mutex);
}

LT_EXPORT int pthread_mutex_timedlock(pthread_mutex_t* mutex,
                                      const timespec* until) noexcept {
  if (lt::Thread* self = lt::SelfOnTheOnlyLwp()) {
    return lt::LockInTurns(*self, mutex, CLOCK_REALTIME, until);
  }
  return lt::Announced(LT_REAL(pthread_mutex_timedlock), mutex, until);
}

LT_EXPORT int pthread_mutex_clocklock(pthread_mutex_t* mutex, clockid_t clock,
                                      const timespec* until) noexcept {
  lt::Thread* self = lt::SelfOnTheOnlyLwp();
  if (self != nullptr &&
      (clock == CLOCK_REALTIME || clock == CLOCK_MONOTONIC)) {
    return lt::LockInTurns(*self, mutex, clock, until);
  }
  return lt::Announced(LT_REAL(pthread_mutex_clocklock), mutex, clock, until);
}

LT_EXPORT int pthread_cond_wait(pthread_cond_t* cond, pthread_mutex_t* mutex) {
  return lt::Announced(LT_REAL(pthread_cond_wait), cond, mutex);
}

LT_EXPORT int pthread_cond_timedwait(pthread_cond_t* cond,
                                     pthread_mutex_t* mutex,
                                     const timespec* until) {
  return lt::Announced(LT_REAL(pthread_cond_timedwait), cond, mutex, until);
}

LT_EXPORT int pthread_cond_clockwait(pthread_cond_t* cond,
                                     pthread_mutex_t* mutex, clockid_t clock,
                                     const timespec* until) {
  return lt::Announced(LT_REAL(pthread_cond_clockwait), cond, mutex, clock,
                       until);
}

LT_EXPORT int pthread_rwlock_rdlock(pthread_rwlock_t* lock) noexcept {
  return lt::Announced(LT_REAL(pthread_rwlock_rdlock), lock);
}

LT_EXPORT int pthread_rwlock_wrlock(pthread_rwlock_t* lock) noexcept {
  return lt::Announced(LT_REAL(pthread_rwlock_wrlock), lock);
}

LT_EXPORT int pthread_rwlock_timedrdlock(pthread_rwlock_t* lock,
                                         const timespec* until) noexcept {
  return lt::Announced(LT_REAL(pthread_rwlock_timedrdlock), lock, until);
}

LT_EXPORT int pthread_rwlock_timedwrlock(pthread_rwlock_t* lock,
                                         const timespec* until) noexcept {
  return lt::Announced(LT_REAL(pthread_rwlock_timedwrlock), lock, until);
}

LT_EXPORT int pthread_rwlock_clockrdlock(pthread_rwlock_t* lock,
                                         clockid_t clock,
                                         const timespec* until) noexcept {
  return lt::Announced(LT_REAL(pthread_rwlock_clockrdlock), lock, clock, until);
}

LT_EXPORT int pthread_rwlock_clockwrlock(pthread_rwlock_t* lock,
                                         clockid_t clock,
                                         const timespec* until) noexcept {
  return lt::Announced(LT_REAL(pthread_rwlock_clockwrlock), lock, clock, until);
}

LT_EXPORT int sem_wait(sem_t* semaphore) {
  return lt::Blocking(LT_REAL(sem_wait), semaphore);
}

LT_EXPORT int sem_timedwait(sem_t* semaphore, const timespec* until) {
  return lt::Blocking(LT_REAL(sem_timedwait), semaphore, until);
}

LT_EXPORT int sem_clockwait(sem_t* semaphore, clockid_t clock,
                            const timespec* until) {
  return lt::Blocking(LT_REAL(sem_clockwait), semaphore, clock, until);
}

LT_EXPORT int pthread_barrier_wait(pthread_barrier_t* barrier) noexcept {
  return lt::Announced(LT_REAL(pthread_barrier_wait), barrier);
}
