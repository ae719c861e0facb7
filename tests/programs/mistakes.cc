// SPDX-License-Identifier: MIT
//
// Mistakes with the objects of <synch.h>, one a case.  Each is made by a thread
// named "culprit", bound with a second argument; what the calls return is
// printed, and errno, set to 77 before, must be that afterwards.

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <iterator>

#include "programs/check.h"

namespace lt {
namespace {

long g_flags = 0;
constexpr int kErrno = 77;

mutex_t g_mutex;
mutex_t g_checked = ERRORCHECKMUTEX;
mutex_t g_recursive = RECURSIVEMUTEX;
cond_t g_cond;
rwlock_t g_rwlock;
sema_t g_sema;

void Print(const char* what, int result) {
  printf("%s=%d\n", what, result);
  fflush(stdout);
}

// Runs body() in a thread and waits for it.
template <typename Body>
void InThread(Body body, const char* name) {
  struct Call {
    Body body;
    const char* name;
  } call{body, name};
  const thread_t id = MustCreate(
      [](void* arg) -> void* {
        auto& c = *static_cast<Call*>(arg);
        LT_REQUIRE(thr_setname(thr_self(), c.name) == 0);
        errno = kErrno;
        c.body();
        LT_REQUIRE(errno == kErrno);
        return nullptr;
      },
      &call, g_flags);
  MustJoin(id);
}

template <typename Body>
int Culprit(Body body) {
  InThread(body, "culprit");
  puts("done");
  return 0;
}

// Makes the mistake while a thread named "owner" holds what hold() took.
template <typename Hold, typename Release, typename Body>
int WhileHeld(Hold hold, Release release, Body body) {
  InThread(
      [&] {
        LT_REQUIRE(hold() == 0);
        InThread(body, "culprit");
        release();
      },
      "owner");
  puts("done");
  return 0;
}

int UnlockFree() {
  return Culprit([] { Print("unlock", mutex_unlock(&g_mutex)); });
}

int UnlockForeign() {
  return WhileHeld([] { return mutex_lock(&g_mutex); }, [] {},
                   [] {
                     Print("unlock", mutex_unlock(&g_mutex));
                     Print("trylock", mutex_trylock(&g_mutex));
                     mutex_unlock(&g_mutex);
                   });
}

int UnlockForeignChecked() {
  return WhileHeld([] { return mutex_lock(&g_checked); },
                   [] { mutex_unlock(&g_checked); },
                   [] { Print("unlock", mutex_unlock(&g_checked)); });
}

int UnlockForeignRecursive() {
  return WhileHeld([] { return mutex_lock(&g_recursive); }, [] {},
                   [] { Print("unlock", mutex_unlock(&g_recursive)); });
}

int UnlockShared() {
  LT_REQUIRE(mutex_init(&g_mutex, USYNC_PROCESS, nullptr) == 0);
  return Culprit([] { Print("unlock", mutex_unlock(&g_mutex)); });
}

// The first thread is the only one: the lock fails.
int RelockAlone() {
  LT_REQUIRE(mutex_lock(&g_mutex) == 0);
  errno = kErrno;
  Print("lock", mutex_lock(&g_mutex));
  LT_REQUIRE(errno == kErrno);
  LT_REQUIRE(mutex_unlock(&g_mutex) == 0);
  puts("done");
  return 0;
}

// Nobody else may unlock it: without detection it would be for ever.
int RelockRobust() {
  return Culprit([] {
    static mutex_t robust;
    LT_REQUIRE(mutex_init(&robust, USYNC_THREAD | LOCK_ROBUST, nullptr) == 0);
    LT_REQUIRE(mutex_lock(&robust) == 0);
    Print("lock", mutex_lock(&robust));
  });
}

// It really blocks, until somebody else unlocks the mutex.
int Relock() {
  static sema_t locked;
  const thread_t id = MustCreate(
      [](void*) -> void* {
        LT_REQUIRE(thr_setname(thr_self(), "culprit") == 0);
        LT_REQUIRE(mutex_lock(&g_mutex) == 0);
        LT_REQUIRE(sema_post(&locked) == 0);
        Print("lock", mutex_lock(&g_mutex));
        LT_REQUIRE(mutex_unlock(&g_mutex) == 0);
        return nullptr;
      },
      nullptr, g_flags);
  LT_REQUIRE(sema_wait(&locked) == 0);
  // The word says when it sleeps.
  constexpr uint32_t kWaiters = 2;
  const auto* word = reinterpret_cast<const uint32_t*>(&g_mutex) + 3;
  Await([&] {
    return (__atomic_load_n(word, __ATOMIC_RELAXED) & kWaiters) != 0;
  });
  // This is a mistake, too.
  mutex_unlock(&g_mutex);
  MustJoin(id);
  puts("done");
  return 0;
}

// Returns ETIME as nobody signals.
int WaitUnheld() {
  return Culprit([] {
    timespec_t soon = {0, 1000};
    Print("wait", cond_reltimedwait(&g_cond, &g_mutex, &soon));
    LT_REQUIRE(MUTEX_HELD(&g_mutex));
    LT_REQUIRE(mutex_unlock(&g_mutex) == 0);
  });
}

int WaitUnheldChecked() {
  return Culprit([] { Print("wait", cond_wait(&g_cond, &g_checked)); });
}

int WaitRecursive() {
  return Culprit([] {
    timespec_t soon = {0, 1000};
    LT_REQUIRE(mutex_lock(&g_recursive) == 0);
    LT_REQUIRE(mutex_lock(&g_recursive) == 0);
    Print("wait", cond_reltimedwait(&g_cond, &g_recursive, &soon));
    LT_REQUIRE(mutex_unlock(&g_recursive) == 0);
    LT_REQUIRE(MUTEX_HELD(&g_recursive));
    LT_REQUIRE(mutex_unlock(&g_recursive) == 0);
    LT_REQUIRE(!MUTEX_HELD(&g_recursive));
  });
}

int WaitShared(int cond_type, int mutex_type) {
  LT_REQUIRE(cond_init(&g_cond, cond_type, nullptr) == 0);
  LT_REQUIRE(mutex_init(&g_mutex, mutex_type, nullptr) == 0);
  return Culprit([] {
    timespec_t soon = {0, 1000};
    LT_REQUIRE(mutex_lock(&g_mutex) == 0);
    Print("wait", cond_reltimedwait(&g_cond, &g_mutex, &soon));
    LT_REQUIRE(mutex_unlock(&g_mutex) == 0);
  });
}
int WaitSharedCond() {
  return WaitShared(USYNC_PROCESS, USYNC_THREAD);
}
int WaitSharedMutex() {
  return WaitShared(USYNC_THREAD, USYNC_PROCESS);
}

// Memory for an object, in which it is 4 bytes off.
template <typename T>
T* Misaligned() {
  alignas(8) static char memory[sizeof(T) + 8];
  memset(memory, 0, sizeof memory);
  return reinterpret_cast<T*>(memory + 4);
}

int InitMisaligned() {
  return Culprit([] {
    Print("mutex", mutex_init(Misaligned<mutex_t>(), USYNC_THREAD, nullptr));
    Print("cond", cond_init(Misaligned<cond_t>(), USYNC_THREAD, nullptr));
    Print("rwlock", rwlock_init(Misaligned<rwlock_t>(), USYNC_THREAD, nullptr));
    Print("sema", sema_init(Misaligned<sema_t>(), 1, USYNC_THREAD, nullptr));
  });
}

int UseMisaligned() {
  return Culprit([] {
    mutex_t* mutex = Misaligned<mutex_t>();
    Print("mutex", mutex_lock(mutex));
    Print("cond", cond_signal(Misaligned<cond_t>()));
    Print("rwlock", rw_rdlock(Misaligned<rwlock_t>()));
    Print("sema", sema_post(Misaligned<sema_t>()));
    mutex_unlock(mutex);
    rw_unlock(Misaligned<rwlock_t>());
  });
}

int UseDestroyed() {
  return Culprit([] {
    LT_REQUIRE(mutex_destroy(&g_mutex) == 0);
    LT_REQUIRE(cond_destroy(&g_cond) == 0);
    LT_REQUIRE(rwlock_destroy(&g_rwlock) == 0);
    LT_REQUIRE(sema_destroy(&g_sema) == 0);
    Print("mutex", mutex_trylock(&g_mutex));
    Print("cond", cond_broadcast(&g_cond));
    Print("rwlock", rw_trywrlock(&g_rwlock));
    Print("sema", sema_post(&g_sema));
  });
}

int DestroyLocked() {
  return WhileHeld([] { return mutex_lock(&g_mutex); }, [] {},
                   [] { Print("destroy", mutex_destroy(&g_mutex)); });
}

int DestroyRwlock() {
  return WhileHeld([] { return rw_wrlock(&g_rwlock); }, [] {},
                   [] { Print("destroy", rwlock_destroy(&g_rwlock)); });
}

// The condition variable has its waiter until that is cancelled by the end.
int DestroyAwaited() {
  static int waiting = 0;
  static sema_t gone;
  MustCreate(
      [](void*) -> void* {
        LT_REQUIRE(mutex_lock(&g_mutex) == 0);
        waiting = 1;
        for (;;) cond_wait(&g_cond, &g_mutex);
      },
      nullptr, g_flags | THR_DAEMON);
  // The mutex is free again once it sleeps.
  for (int seen = 0; seen == 0; thr_yield()) {
    LT_REQUIRE(mutex_lock(&g_mutex) == 0);
    seen = waiting;
    LT_REQUIRE(mutex_unlock(&g_mutex) == 0);
  }
  return Culprit([] { Print("destroy", cond_destroy(&g_cond)); });
}

int ReadUnlockFree() {
  return Culprit([] { Print("unlock", rw_unlock(&g_rwlock)); });
}

int UnlockForeignRwlock() {
  return WhileHeld([] { return rw_wrlock(&g_rwlock); },
                   [] { LT_REQUIRE(rw_unlock(&g_rwlock) == 0); },
                   [] { Print("unlock", rw_unlock(&g_rwlock)); });
}

int ReadWhileWriting() {
  return Culprit([] {
    LT_REQUIRE(rw_wrlock(&g_rwlock) == 0);
    Print("rdlock", rw_rdlock(&g_rwlock));
    LT_REQUIRE(rw_unlock(&g_rwlock) == 0);
  });
}

int WriteWhileReading() {
  return Culprit([] {
    LT_REQUIRE(rw_rdlock(&g_rwlock) == 0);
    Print("wrlock", rw_wrlock(&g_rwlock));
    LT_REQUIRE(rw_unlock(&g_rwlock) == 0);
  });
}

int WriteTwice() {
  return Culprit([] {
    LT_REQUIRE(rw_wrlock(&g_rwlock) == 0);
    Print("wrlock", rw_wrlock(&g_rwlock));
    LT_REQUIRE(rw_unlock(&g_rwlock) == 0);
  });
}

int EndHolding() {
  return Culprit([] { Print("lock", mutex_lock(&g_mutex)); });
}

int EndHoldingRwlock() {
  return Culprit([] { Print("lock", rw_rdlock(&g_rwlock)); });
}

const Case kCases[] = {
    {"unlock-free", UnlockFree},
    {"unlock-foreign", UnlockForeign},
    {"unlock-foreign-checked", UnlockForeignChecked},
    {"unlock-foreign-recursive", UnlockForeignRecursive},
    {"unlock-shared", UnlockShared},
    {"relock-alone", RelockAlone},
    {"relock", Relock},
    {"relock-robust", RelockRobust},
    {"wait-unheld", WaitUnheld},
    {"wait-unheld-checked", WaitUnheldChecked},
    {"wait-recursive", WaitRecursive},
    {"wait-shared-cond", WaitSharedCond},
    {"wait-shared-mutex", WaitSharedMutex},
    {"init-misaligned", InitMisaligned},
    {"use-misaligned", UseMisaligned},
    {"use-destroyed", UseDestroyed},
    {"destroy-locked", DestroyLocked},
    {"destroy-rwlock", DestroyRwlock},
    {"destroy-awaited", DestroyAwaited},
    {"rw-unlock-free", ReadUnlockFree},
    {"rw-unlock-foreign", UnlockForeignRwlock},
    {"read-while-writing", ReadWhileWriting},
    {"write-while-reading", WriteWhileReading},
    {"write-twice", WriteTwice},
    {"end-holding", EndHolding},
    {"end-holding-rwlock", EndHoldingRwlock},
};

}  // namespace
}  // namespace lt

int main(int argc, char** argv) {
  if (argc > 2) lt::g_flags = THR_BOUND;
  return lt::RunCase(argc, argv, lt::kCases, std::size(lt::kCases));
}
