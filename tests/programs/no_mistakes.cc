// SPDX-License-Identifier: MIT
//
// Use of the objects of <synch.h> that is no mistake, though some of it looks
// like one.  The threads are bound with a second argument.

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <iterator>

#include "programs/check.h"

namespace lt {
namespace {

long g_flags = 0;
mutex_t g_mutex;
mutex_t g_recursive = RECURSIVEMUTEX;
cond_t g_cond;
rwlock_t g_rwlock;
sema_t g_sema;

// Objects on memory where others were destroyed, given free while held, or
// initialised over.
int Reuse() {
  MustJoin(MustCreate(
      [](void*) -> void* {
        for (int i = 0; i < 100; ++i) {
          auto* mutex = static_cast<mutex_t*>(calloc(1, 64));
          LT_REQUIRE(mutex_lock(mutex) == 0);
          LT_REQUIRE(mutex_unlock(mutex) == 0);
          LT_REQUIRE(mutex_destroy(mutex) == 0);
          memset(static_cast<void*>(mutex), 0, sizeof *mutex);
          LT_REQUIRE(mutex_lock(mutex) == 0);
          LT_REQUIRE(mutex_unlock(mutex) == 0);
          LT_REQUIRE(mutex_destroy(mutex) == 0);
          *mutex = DEFAULTMUTEX;
          LT_REQUIRE(mutex_trylock(mutex) == 0);
          // Initialised while it is held: as it was not.
          LT_REQUIRE(mutex_init(mutex, USYNC_THREAD, nullptr) == 0);
          LT_REQUIRE(mutex_lock(mutex) == 0);
          LT_REQUIRE(mutex_unlock(mutex) == 0);
          LT_REQUIRE(mutex_destroy(mutex) == 0);
          LT_REQUIRE(mutex_init(mutex, LOCK_ERRORCHECK, nullptr) == 0);
          LT_REQUIRE(mutex_lock(mutex) == 0);
          LT_REQUIRE(mutex_lock(mutex) == EDEADLK);
          LT_REQUIRE(mutex_unlock(mutex) == 0);
          auto* lock = reinterpret_cast<rwlock_t*>(mutex);
          memset(static_cast<void*>(lock), 0, sizeof *lock);
          LT_REQUIRE(rw_rdlock(lock) == 0);
          LT_REQUIRE(rw_rdlock(lock) == 0);
          LT_REQUIRE(rw_unlock(lock) == 0);
          LT_REQUIRE(rw_unlock(lock) == 0);
          LT_REQUIRE(rw_wrlock(lock) == 0);
          LT_REQUIRE(rw_tryrdlock(lock) == EBUSY);
          LT_REQUIRE(rw_unlock(lock) == 0);
          LT_REQUIRE(rwlock_destroy(lock) == 0);
          auto* sema = reinterpret_cast<sema_t*>(mutex);
          LT_REQUIRE(sema_init(sema, 1, USYNC_THREAD, nullptr) == 0);
          LT_REQUIRE(sema_wait(sema) == 0);
          LT_REQUIRE(sema_trywait(sema) == EBUSY);
          LT_REQUIRE(sema_destroy(sema) == 0);
          free(mutex);
        }
        return nullptr;
      },
      nullptr, g_flags));
  puts("done");
  return 0;
}

// All that a program may do with locks.
int Correct() {
  static int turn = 0;
  constexpr int kThreads = 4;
  constexpr int kTurns = 200;
  thread_t ids[kThreads];
  for (long i = 0; i < kThreads; ++i) {
    ids[i] = MustCreate(
        [](void* arg) -> void* {
          const int me = static_cast<int>(reinterpret_cast<long>(arg));
          for (int k = 0; k < kTurns; ++k) {
            LT_REQUIRE(mutex_lock(&g_mutex) == 0);
            while (turn % kThreads != me) {
              LT_REQUIRE(cond_wait(&g_cond, &g_mutex) == 0);
            }
            ++turn;
            LT_REQUIRE(cond_broadcast(&g_cond) == 0);
            LT_REQUIRE(mutex_unlock(&g_mutex) == 0);
            LT_REQUIRE(mutex_lock(&g_recursive) == 0);
            LT_REQUIRE(mutex_lock(&g_recursive) == 0);
            LT_REQUIRE(mutex_unlock(&g_recursive) == 0);
            LT_REQUIRE(mutex_unlock(&g_recursive) == 0);
            LT_REQUIRE((k % 8 == 0 ? rw_wrlock : rw_rdlock)(&g_rwlock) == 0);
            LT_REQUIRE(rw_unlock(&g_rwlock) == 0);
            LT_REQUIRE(sema_post(&g_sema) == 0);
            LT_REQUIRE(sema_wait(&g_sema) == 0);
          }
          return nullptr;
        },
        reinterpret_cast<void*>(i), g_flags);
  }
  for (const thread_t id : ids) MustJoin(id);
  puts("done");
  return 0;
}

const Case kCases[] = {{"reuse", Reuse}, {"correct", Correct}};

}  // namespace
}  // namespace lt

int main(int argc, char** argv) {
  if (argc > 2) lt::g_flags = THR_BOUND;
  return lt::RunCase(argc, argv, lt::kCases, std::size(lt::kCases));
}
