// SPDX-License-Identifier: MIT
//
// Locks that are taken and waited for in known numbers.  Names of objects and
// of functions that wait are exported, so that the library can know them.  The
// threads that wait are bound with a second argument.

#include <errno.h>
#include <time.h>

#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <iterator>
#include <vector>

#include "programs/check.h"

extern "C" {
mutex_t stat_mutex;
rwlock_t stat_rwlock;
sema_t stat_sema;
cond_t stat_cond;
mutex_t stat_cond_mutex;

// Not inlined, and not the last thing that they do.
__attribute__((noinline)) void contend_mutex() {
  LT_REQUIRE(mutex_lock(&stat_mutex) == 0);
  LT_REQUIRE(mutex_unlock(&stat_mutex) == 0);
}
__attribute__((noinline)) void contend_read() {
  LT_REQUIRE(rw_rdlock(&stat_rwlock) == 0);
  LT_REQUIRE(rw_unlock(&stat_rwlock) == 0);
}
__attribute__((noinline)) void contend_write() {
  LT_REQUIRE(rw_wrlock(&stat_rwlock) == 0);
  LT_REQUIRE(rw_unlock(&stat_rwlock) == 0);
}
}

namespace lt {
namespace {

long g_flags = 0;
constexpr timespec_t kWhile = {0, 20'000'000};

void Hold() {
  timespec pause = kWhile;
  while (nanosleep(&pause, &pause) != 0) {
  }
}

thread_t Begin(void (*deed)()) {
  return MustCreate(
      [](void* arg) -> void* {
        reinterpret_cast<void (*)()>(arg)();
        return nullptr;
      },
      reinterpret_cast<void*>(deed), g_flags);
}

// The words of the objects say whether somebody sleeps.
bool MutexHasWaiters() {
  const auto* word = reinterpret_cast<const uint32_t*>(&stat_mutex) + 3;
  return (__atomic_load_n(word, __ATOMIC_RELAXED) & 2) != 0;
}
bool RwlockHasWaiters() {
  const auto* word = reinterpret_cast<const uint32_t*>(&stat_rwlock);
  return (__atomic_load_n(word, __ATOMIC_RELAXED) & 0x80000000) != 0;
}

// Taken 100 + 2 * 2 times, waited for twice.
void UseMutex() {
  for (int i = 0; i < 100; ++i) {
    LT_REQUIRE(mutex_lock(&stat_mutex) == 0);
    LT_REQUIRE(mutex_trylock(&stat_mutex) == EBUSY);
    LT_REQUIRE(mutex_unlock(&stat_mutex) == 0);
  }
  for (int i = 0; i < 2; ++i) {
    LT_REQUIRE(mutex_trylock(&stat_mutex) == 0);
    const thread_t waiter = Begin(contend_mutex);
    Await(MutexHasWaiters);
    Hold();
    LT_REQUIRE(mutex_unlock(&stat_mutex) == 0);
    MustJoin(waiter);
  }
}

// Read 10 + 1 + 1 times and waited for once; written 1 + 1 times, once waited
// for.
void UseRwlock() {
  for (int i = 0; i < 10; ++i) {
    LT_REQUIRE(rw_rdlock(&stat_rwlock) == 0);
    LT_REQUIRE(rw_unlock(&stat_rwlock) == 0);
  }
  LT_REQUIRE(rw_wrlock(&stat_rwlock) == 0);
  const thread_t reader = Begin(contend_read);
  Await(RwlockHasWaiters);
  Hold();
  LT_REQUIRE(rw_unlock(&stat_rwlock) == 0);
  MustJoin(reader);
  LT_REQUIRE(rw_rdlock(&stat_rwlock) == 0);
  LT_REQUIRE(rw_trywrlock(&stat_rwlock) == EBUSY);
  const thread_t writer = Begin(contend_write);
  Await(RwlockHasWaiters);
  Hold();
  LT_REQUIRE(rw_unlock(&stat_rwlock) == 0);
  MustJoin(writer);
}

// Taken 3 times, waited for twice.
void UseSema() {
  LT_REQUIRE(sema_init(&stat_sema, 3, USYNC_THREAD, nullptr) == 0);
  for (int i = 0; i < 2; ++i) LT_REQUIRE(sema_wait(&stat_sema) == 0);
  LT_REQUIRE(sema_trywait(&stat_sema) == 0);
  LT_REQUIRE(sema_trywait(&stat_sema) == EBUSY);
  for (int i = 0; i < 2; ++i) {
    timespec_t wait = kWhile;
    LT_REQUIRE(sema_reltimedwait(&stat_sema, &wait) == ETIME);
  }
}

// Waited with twice, once to be signalled; its mutex is taken 2 + 2 times.
void UseCond() {
  timespec_t wait = kWhile;
  LT_REQUIRE(mutex_lock(&stat_cond_mutex) == 0);
  LT_REQUIRE(cond_reltimedwait(&stat_cond, &stat_cond_mutex, &wait) == ETIME);
  LT_REQUIRE(mutex_unlock(&stat_cond_mutex) == 0);
  static bool waits = false;
  const thread_t waiter = Begin([] {
    LT_REQUIRE(mutex_lock(&stat_cond_mutex) == 0);
    waits = true;
    LT_REQUIRE(cond_wait(&stat_cond, &stat_cond_mutex) == 0);
    LT_REQUIRE(mutex_unlock(&stat_cond_mutex) == 0);
  });
  // The signal comes without the mutex: nobody waits for that.
  const auto* waiters = reinterpret_cast<const uint32_t*>(&stat_cond) + 2;
  Await([&] { return __atomic_load_n(waiters, __ATOMIC_ACQUIRE) == 1; });
  const auto* word = reinterpret_cast<const uint32_t*>(&stat_cond_mutex) + 3;
  Await([&] { return __atomic_load_n(word, __ATOMIC_ACQUIRE) == 0; });
  LT_REQUIRE(waits);
  LT_REQUIRE(cond_signal(&stat_cond) == 0);
  MustJoin(waiter);
}

int Known() {
  UseMutex();
  UseRwlock();
  UseSema();
  UseCond();
  // One without a name.
  auto* mutex = static_cast<mutex_t*>(calloc(1, sizeof(mutex_t)));
  LT_REQUIRE(mutex_lock(mutex) == 0);
  LT_REQUIRE(mutex_unlock(mutex) == 0);
  printf("heap=%p\n", static_cast<void*>(mutex));
  free(mutex);
  return 0;
}

// More than the table has room for.
int Many() {
  constexpr int kCount = 60'000;
  std::vector<mutex_t> mutexes(kCount);
  for (mutex_t& mutex : mutexes) {
    LT_REQUIRE(mutex_lock(&mutex) == 0);
    LT_REQUIRE(mutex_unlock(&mutex) == 0);
  }
  printf("count=%d\n", kCount);
  return 0;
}

// Waits for a signal that prints what was counted so far.
int Ask() {
  LT_REQUIRE(mutex_lock(&stat_mutex) == 0);
  LT_REQUIRE(mutex_unlock(&stat_mutex) == 0);
  puts("ready");
  fflush(stdout);
  for (;;) Hold();
}

const Case kCases[] = {{"known", Known}, {"many", Many}, {"ask", Ask}};

}  // namespace
}  // namespace lt

int main(int argc, char** argv) {
  if (argc > 2) lt::g_flags = THR_BOUND;
  return lt::RunCase(argc, argv, lt::kCases, std::size(lt::kCases));
}
