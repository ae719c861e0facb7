// SPDX-License-Identifier: MIT
//
// What a child of fork() has of its parent's threads, and what the parent
// keeps. Each case returns the status that the parent process ends with.

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <functional>
#include <iterator>

#include "programs/check.h"

// In a header of Solaris, and in none of Linux.
extern "C" pid_t fork1(void);
extern "C" pid_t forkall(void);
// Exported for other libraries, in no header.
extern "C" int __nthreads(void);  // NOLINT(bugprone-reserved-identifier)

namespace {

constexpr unsigned kChildSeconds = 60;

// Runs `body` in a child of the calling thread; returns the child's status.
int StatusOfChild(const std::function<void()>& body) {
  const pid_t child = fork();
  LT_REQUIRE(child >= 0);
  if (child == 0) {
    alarm(kChildSeconds);
    body();
    _exit(0);
  }
  int status = 0;
  LT_REQUIRE(waitpid(child, &status, 0) == child);
  LT_REQUIRE(WIFEXITED(status));
  return WEXITSTATUS(status);
}

// Runs `body` in an unbound thread, in a bound one, and in main.
int InEachKind(void (*body)()) {
  using Body = void (*)();
  for (const long flags : {0, THR_BOUND}) {
    Body arg = body;
    const thread_t id = lt::MustCreate(
        [](void* address) -> void* {
          (*static_cast<Body*>(address))();
          return nullptr;
        },
        &arg, flags);
    lt::MustJoin(id);
  }
  body();
  puts("done");
  return 0;
}

sema_t sema = DEFAULTSEMA;
sema_t held = DEFAULTSEMA;
mutex_t mutex = DEFAULTMUTEX;

// ---- The child has the caller, with all that is his ----

thread_key_t key;
std::atomic<int> destructions{0};
thread_local int local_number;

extern "C" void CountDestruction(void*) {
  ++destructions;
}

extern "C" void* WaitWithData(void*) {
  LT_REQUIRE(thr_setspecific(key, &sema) == 0);
  LT_REQUIRE(sema_post(&held) == 0);
  LT_REQUIRE(sema_wait(&sema) == 0);
  return nullptr;
}

void CheckChildState() {
  static int value = 0;
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, SIGUSR1);
  LT_REQUIRE(thr_sigsetmask(SIG_BLOCK, &set, nullptr) == 0);
  LT_REQUIRE(thr_setspecific(key, &value) == 0);
  LT_REQUIRE(thr_setprio(thr_self(), 3) == 0);
  local_number = 4711;
  mutex_t mine = ERRORCHECKMUTEX;
  LT_REQUIRE(mutex_lock(&mine) == 0);
  // Pending signals stay with the parent.
  LT_REQUIRE(thr_kill(thr_self(), SIGUSR1) == 0);
  const thread_t self = thr_self();
  destructions = 0;
  const thread_t other = lt::MustCreate(WaitWithData, nullptr);
  LT_REQUIRE(sema_wait(&held) == 0);

  LT_REQUIRE(StatusOfChild([&] {
               LT_REQUIRE(thr_self() == self);
               LT_REQUIRE(__nthreads() == 1);
               LT_REQUIRE(local_number == 4711);
               void* data = nullptr;
               LT_REQUIRE(thr_getspecific(key, &data) == 0);
               LT_REQUIRE(data == &value);
               int priority = -1;
               LT_REQUIRE(thr_getprio(self, &priority) == 0);
               LT_REQUIRE(priority == 3);
               sigset_t mask;
               LT_REQUIRE(thr_sigsetmask(0, nullptr, &mask) == 0);
               LT_REQUIRE(sigismember(&mask, SIGUSR1) == 1);
               sigset_t pending;
               LT_REQUIRE(sigpending(&pending) == 0);
               LT_REQUIRE(sigismember(&pending, SIGUSR1) == 0);
               LT_REQUIRE(MUTEX_HELD(&mine));
               LT_REQUIRE(mutex_unlock(&mine) == 0);
               // The others are gone, without their destructors.
               LT_REQUIRE(thr_kill(other, 0) == ESRCH);
               LT_REQUIRE(thr_join(other, nullptr, nullptr) == ESRCH);
               LT_REQUIRE(thr_continue(other) == ESRCH);
               LT_REQUIRE(destructions == 0);
             }) == 0);

  LT_REQUIRE(mutex_unlock(&mine) == 0);
  const timespec_t at_once{0, 0};
  LT_REQUIRE(sigtimedwait(&set, nullptr, &at_once) == SIGUSR1);
  LT_REQUIRE(thr_sigsetmask(SIG_UNBLOCK, &set, nullptr) == 0);
  LT_REQUIRE(sema_post(&sema) == 0);
  lt::MustJoin(other);
  LT_REQUIRE(destructions == 1);
}

int ChildState() {
  LT_REQUIRE(thr_keycreate(&key, CountDestruction) == 0);
  return InEachKind(CheckChildState);
}

// ---- What others held stays held in the child ----

extern "C" void* HoldMutex(void*) {
  LT_REQUIRE(mutex_lock(&mutex) == 0);
  LT_REQUIRE(sema_post(&held) == 0);
  LT_REQUIRE(sema_wait(&sema) == 0);
  LT_REQUIRE(mutex_unlock(&mutex) == 0);
  return nullptr;
}

void CheckOthersMutex() {
  const thread_t id = lt::MustCreate(HoldMutex, nullptr);
  LT_REQUIRE(sema_wait(&held) == 0);
  LT_REQUIRE(StatusOfChild([] {
               LT_REQUIRE(mutex_trylock(&mutex) == EBUSY);
               // Nobody waits on the semaphore any more: a unit stays there.
               LT_REQUIRE(sema_post(&sema) == 0);
               LT_REQUIRE(sema_trywait(&sema) == 0);
             }) == 0);
  LT_REQUIRE(sema_post(&sema) == 0);
  lt::MustJoin(id);
}

int OthersMutex() {
  return InEachKind(CheckOthersMutex);
}

// ---- The child's threads ----

extern "C" void* ExitLast(void*) {
  for (int i = 0; i < 20; ++i) thr_yield();
  return nullptr;
}

// The caller is the child's main thread: the last one ends the process.
void CheckThrExitInChild() {
  const pid_t child = fork();
  LT_REQUIRE(child >= 0);
  if (child == 0) {
    alarm(kChildSeconds);
    lt::MustCreate(ExitLast, nullptr);
    thr_exit(nullptr);
  }
  int status = -1;
  LT_REQUIRE(waitpid(child, &status, 0) == child);
  LT_REQUIRE(WIFEXITED(status) && WEXITSTATUS(status) == 0);
}

int ThrExitInChild() {
  return InEachKind(CheckThrExitInChild);
}

// A child forks, and its child again.
void CheckGenerations() {
  LT_REQUIRE(StatusOfChild([] {
               lt::MustJoin(lt::MustCreate(ExitLast, nullptr));
               LT_REQUIRE(StatusOfChild([] {
                            lt::MustJoin(lt::MustCreate(ExitLast, nullptr));
                            lt::MustJoin(
                                lt::MustCreate(ExitLast, nullptr, THR_BOUND));
                          }) == 0);
               lt::MustJoin(lt::MustCreate(ExitLast, nullptr, THR_BOUND));
             }) == 0);
}

int Generations() {
  return InEachKind(CheckGenerations);
}

// ---- Suspension and signals ----

std::atomic<uint64_t> count{0};
std::atomic<bool> stop{false};

extern "C" void* CountUp(void*) {
  while (!stop) ++count;
  return nullptr;
}

// What was suspended stays so, and what was not goes on.
void CheckSuspended() {
  stop = false;
  const thread_t id = lt::MustCreate(CountUp, nullptr);
  uint64_t before = count;
  lt::Await([&] { return count != before; });
  LT_REQUIRE(StatusOfChild([] {}) == 0);
  before = count;
  lt::Await([&] { return count != before; });
  LT_REQUIRE(thr_suspend(id) == 0);
  before = count;
  LT_REQUIRE(StatusOfChild([&] { LT_REQUIRE(thr_continue(id) == ESRCH); }) ==
             0);
  LT_REQUIRE(count == before);
  LT_REQUIRE(thr_continue(id) == 0);
  stop = true;
  lt::MustJoin(id);
}

int Suspended() {
  return InEachKind(CheckSuspended);
}

std::atomic<int> handled{0};

extern "C" void Handle(int) {
  ++handled;
}

extern "C" void* WaitInterrupted(void*) {
  LT_REQUIRE(sema_wait(&sema) == EINTR);
  return nullptr;
}

// Signals work in the child as in the parent.
void CheckSignalsInChild() {
  LT_REQUIRE(StatusOfChild([] {
               handled = 0;
               LT_REQUIRE(kill(getpid(), SIGUSR1) == 0);
               lt::Await([] { return handled == 1; });
               LT_REQUIRE(thr_kill(thr_self(), SIGUSR1) == 0);
               LT_REQUIRE(handled == 2);
               const thread_t id = lt::MustCreate(WaitInterrupted, nullptr);
               // A handler that runs before the wait ends nothing.
               lt::Await([&] { return thr_kill(id, SIGUSR1) == ESRCH; });
               lt::MustJoin(id);
               const thread_t spinner = lt::MustCreate(CountUp, nullptr);
               LT_REQUIRE(thr_suspend(spinner) == 0);
               LT_REQUIRE(thr_continue(spinner) == 0);
               stop = true;
               lt::MustJoin(spinner);
             }) == 0);
}

int SignalsInChild() {
  struct sigaction action {};
  action.sa_handler = Handle;
  LT_REQUIRE(sigaction(SIGUSR1, &action, nullptr) == 0);
  return InEachKind(CheckSignalsInChild);
}

// ---- forkall, fork1 ----

void CheckForkall() {
  errno = 0;
  LT_REQUIRE(forkall() == -1);
  LT_REQUIRE(errno == ENOTSUP);
  const pid_t child = fork1();
  LT_REQUIRE(child >= 0);
  if (child == 0) _exit(__nthreads() == 1 ? 5 : 6);
  int status = 0;
  LT_REQUIRE(waitpid(child, &status, 0) == child);
  LT_REQUIRE(WIFEXITED(status) && WEXITSTATUS(status) == 5);
}

int Forkall() {
  return InEachKind(CheckForkall);
}

// Nothing of the library runs yet.
int BeforeAnyThread() {
  LT_REQUIRE(StatusOfChild(
                 [] { lt::MustJoin(lt::MustCreate(ExitLast, nullptr)); }) == 0);
  lt::MustJoin(lt::MustCreate(ExitLast, nullptr));
  puts("done");
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  constexpr lt::Case kCases[] = {
      {"before_any_thread", BeforeAnyThread},
      {"child_state", ChildState},
      {"forkall", Forkall},
      {"generations", Generations},
      {"others_mutex", OthersMutex},
      {"signals_in_child", SignalsInChild},
      {"suspended", Suspended},
      {"thr_exit_in_child", ThrExitInChild},
  };
  return lt::RunCase(argc, argv, kCases, std::size(kCases));
}
