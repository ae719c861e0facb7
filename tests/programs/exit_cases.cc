// SPDX-License-Identifier: MIT
//
// Ways to end a process, one per case.  Each prints what ran; the line "atexit"
// comes from an exit handler, so that it also shows that exit() was called.

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

#include <atomic>
#include <cstdint>

#include "programs/check.h"

namespace lt {
namespace {

void* AsStatus(intptr_t value) {
  return reinterpret_cast<void*>(value);
}

void SayAtexit() {
  puts("atexit");
}

thread_key_t key;

extern "C" void SayDestructor(void* value) {
  printf("destructor of %s\n", static_cast<const char*>(value));
}

extern "C" void SayCleanup(void*) {
  puts("cleanup");
}

// Threads of the cases.

extern "C" void* SayAndExit(void* text) {
  puts(static_cast<const char*>(text));
  thr_exit(AsStatus(9));
  return nullptr;
}

extern "C" void* JoinMain(void*) {
  thread_t departed = 0;
  void* status = nullptr;
  LT_REQUIRE(thr_join(1, &departed, &status) == 0);
  LT_REQUIRE(departed == 1);
  printf("main left %ld\n",
         static_cast<long>(reinterpret_cast<intptr_t>(status)));
  LT_REQUIRE(thr_join(1, nullptr, nullptr) == ESRCH);
  return AsStatus(4);
}

std::atomic<bool> daemon_runs{false};

class SaysDestroyed {
 public:
  ~SaysDestroyed() { puts("daemon unwound"); }
};

extern "C" void* RunForever(void*) {
  const SaysDestroyed destroyed;
  static char name[] = "the daemon";
  LT_REQUIRE(thr_setspecific(key, name) == 0);
  daemon_runs = true;
  sema_t never = DEFAULTSEMA;
  sema_wait(&never);
  return nullptr;
}

extern "C" void* ExitProcess(void*) {
  exit(5);
}

// The cases.

int LastThreadEndsWithZero() {
  MustCreate(SayAndExit, const_cast<char*>("worker"));
  thr_exit(AsStatus(7));
}

int MainAloneExits() {
  thr_exit(AsStatus(7));
}

int DetachedThreadIsLast() {
  MustCreate(SayAndExit, const_cast<char*>("detached"), THR_DETACHED);
  thr_exit(AsStatus(7));
}

int BoundThreadIsLast() {
  MustCreate(SayAndExit, const_cast<char*>("bound"), THR_BOUND);
  thr_exit(AsStatus(7));
}

int MainIsJoined() {
  MustCreate(JoinMain, nullptr);
  thr_exit(AsStatus(7));
}

int ReturnFromMainEndsAll() {
  LT_REQUIRE(thr_keycreate(&key, SayDestructor) == 0);
  MustCreate(RunForever, nullptr);
  Await([] { return daemon_runs.load(); });
  return 3;
}

int ExitFromAThreadEndsAll() {
  const thread_t id = MustCreate(ExitProcess, nullptr);
  thr_join(id, nullptr, nullptr);
  puts("joined");
  return 1;
}

int DaemonsVanish() {
  LT_REQUIRE(thr_keycreate(&key, SayDestructor) == 0);
  MustCreate(RunForever, nullptr, THR_DAEMON);
  MustCreate(RunForever, nullptr, THR_DAEMON | THR_BOUND);
  Await([] { return daemon_runs.load(); });
  thr_exit(AsStatus(7));
}

// A value of the last thread is not destroyed, and exit handlers still read it.
extern "C" void ReadValue() {
  void* value = nullptr;
  LT_REQUIRE(thr_getspecific(key, &value) == 0);
  LT_REQUIRE(value != nullptr);
  printf("atexit reads %s\n", static_cast<const char*>(value));
}

extern "C" void* ExitLastWithAValue(void*) {
  LT_REQUIRE(thr_join(1, nullptr, nullptr) == 0);
  static char name[] = "the last one";
  LT_REQUIRE(thr_setspecific(key, name) == 0);
  pthread_cleanup_push(SayCleanup, nullptr);
  thr_exit(nullptr);
  pthread_cleanup_pop(0);
  return nullptr;
}

int LastThreadKeepsItsValues() {
  LT_REQUIRE(thr_keycreate(&key, SayDestructor) == 0);
  LT_REQUIRE(atexit(ReadValue) == 0);
  static char name[] = "main";
  LT_REQUIRE(thr_setspecific(key, name) == 0);
  MustCreate(ExitLastWithAValue, nullptr);
  thr_exit(nullptr);
}

thread_t suspended;

extern "C" void* ContinueIt(void*) {
  LT_REQUIRE(thr_join(1, nullptr, nullptr) == 0);
  puts("main is gone");
  LT_REQUIRE(thr_continue(suspended) == 0);
  return nullptr;
}

int SuspendedThreadKeepsTheProcess() {
  suspended =
      MustCreate(SayAndExit, const_cast<char*>("suspended"), THR_SUSPENDED);
  MustCreate(ContinueIt, nullptr, THR_DETACHED);
  thr_exit(nullptr);
}

extern "C" void* CountDown(void* arg) {
  const auto left = reinterpret_cast<intptr_t>(arg);
  printf("%ld\n", static_cast<long>(left));
  if (left > 0) MustCreate(CountDown, AsStatus(left - 1), THR_DETACHED);
  return nullptr;
}

int ChainOfThreads() {
  MustCreate(CountDown, AsStatus(20), THR_DETACHED);
  thr_exit(nullptr);
}

const Case kCases[] = {
    {"last-thread", LastThreadEndsWithZero},
    {"main-alone", MainAloneExits},
    {"detached-last", DetachedThreadIsLast},
    {"bound-last", BoundThreadIsLast},
    {"main-joined", MainIsJoined},
    {"return-from-main", ReturnFromMainEndsAll},
    {"exit-from-thread", ExitFromAThreadEndsAll},
    {"daemons", DaemonsVanish},
    {"last-values", LastThreadKeepsItsValues},
    {"suspended", SuspendedThreadKeepsTheProcess},
    {"chain", ChainOfThreads},
};

}  // namespace
}  // namespace lt

int main(int argc, char** argv) {
  LT_REQUIRE(atexit(lt::SayAtexit) == 0);
  return lt::RunCase(argc, argv, lt::kCases, std::size(lt::kCases));
}
