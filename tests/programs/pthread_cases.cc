// SPDX-License-Identifier: MIT
//
// Ways to end a process that has pthreads, one per case; see exit_cases.cc.

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

#include <atomic>
#include <cstdint>
#include <iterator>
#include <thread>

#include "programs/check.h"

namespace lt {
namespace {

void SayAtexit() {
  puts("atexit");
}

pthread_t MustCreatePthread(void* (*start)(void*), const char* text,
                            bool detached = false) {
  pthread_attr_t attr;
  LT_REQUIRE(pthread_attr_init(&attr) == 0);
  if (detached) {
    LT_REQUIRE(pthread_attr_setdetachstate(&attr, PTHREAD_CREATE_DETACHED) ==
               0);
  }
  pthread_t thread;
  LT_REQUIRE(pthread_create(&thread, &attr, start, const_cast<char*>(text)) ==
             0);
  LT_REQUIRE(pthread_attr_destroy(&attr) == 0);
  return thread;
}

// Main has left when this joins it.
extern "C" void* JoinMainAndSay(void* text) {
  LT_REQUIRE(thr_join(1, nullptr, nullptr) == 0);
  puts(static_cast<const char*>(text));
  return nullptr;
}

extern "C" void* ReturnText(void* text) {
  return text;
}

sema_t never = DEFAULTSEMA;
std::atomic<bool> waits{false};

extern "C" void* WaitForever(void*) {
  waits = true;
  sema_wait(&never);
  return nullptr;
}

extern "C" void* ExitProcess(void*) {
  exit(5);
}

pthread_key_t key;

extern "C" void SayDestructor(void*) {
  puts("destructor");
}

extern "C" void* SetValueAndJoinMain(void*) {
  LT_REQUIRE(pthread_setspecific(key, &key) == 0);
  return JoinMainAndSay(const_cast<char*>("last"));
}

int LastReturns() {
  MustCreatePthread(JoinMainAndSay, "pthread");
  pthread_exit(nullptr);
}

int LastIsDetached() {
  MustCreatePthread(JoinMainAndSay, "detached", true);
  thr_exit(nullptr);
}

int LastIsStdThread() {
  std::thread([] {
    JoinMainAndSay(const_cast<char*>("std::thread"));
  }).detach();
  pthread_exit(nullptr);
}

int LastIsCancelled() {
  const pthread_t thread = MustCreatePthread(WaitForever, nullptr);
  Await([] { return waits.load(); });
  LT_REQUIRE(pthread_cancel(thread) == 0);
  pthread_exit(nullptr);
}

// Solaris ends the process before the last thread's destructors.
int LastKeepsItsValues() {
  LT_REQUIRE(pthread_key_create(&key, SayDestructor) == 0);
  MustCreatePthread(SetValueAndJoinMain, nullptr);
  pthread_exit(nullptr);
}

int MainReturns() {
  MustCreatePthread(WaitForever, nullptr);
  Await([] { return waits.load(); });
  return 3;
}

int PthreadExits() {
  const pthread_t thread = MustCreatePthread(ExitProcess, nullptr);
  pthread_join(thread, nullptr);
  return 1;
}

int AnyJoinsAll() {
  static const char kText[] = "joined";
  for (int i = 0; i < 3; ++i) MustCreatePthread(ReturnText, kText);
  void* status = nullptr;
  while (thr_join(0, nullptr, &status) == 0) {
    puts(static_cast<const char*>(status));
  }
  LT_REQUIRE(thr_join(0, nullptr, nullptr) == EDEADLK);
  return 0;
}

const Case kCases[] = {
    {"last-returns", LastReturns},        {"last-detached", LastIsDetached},
    {"last-std-thread", LastIsStdThread}, {"last-cancelled", LastIsCancelled},
    {"last-values", LastKeepsItsValues},  {"main-returns", MainReturns},
    {"pthread-exits", PthreadExits},      {"any-join", AnyJoinsAll},
};

}  // namespace
}  // namespace lt

int main(int argc, char** argv) {
  LT_REQUIRE(atexit(lt::SayAtexit) == 0);
  return lt::RunCase(argc, argv, lt::kCases, std::size(lt::kCases));
}
