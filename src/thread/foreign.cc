// SPDX-License-Identifier: MIT
//
// The C library runs such a thread and ends it.  The library notices the end by
// the destructor of a pthread key, and lets it pass in two rounds: in the first
// the last thread ends the process; in the second, after the destructors of the
// program, the end is published.
//
// To the C library all of them are joinable.  Whether one is detached is this
// library's business, and so is the C library's join, which comes after the
// published end: so the object is given back only when its kernel thread is
// gone, and the status is the one that the C library knows.

#include "thread/foreign.h"

#include <dlfcn.h>

#include <atomic>
#include <cstdlib>
#include <initializer_list>

#include "base/own_call.h"
#include "lwp/kernel_thread.h"
#include "sched/critical.h"
#include "thread/census.h"
#include "thread/entry.h"
#include "thread/keys.h"
#include "thread/life.h"

namespace lt {
namespace {

pthread_key_t g_key;

void EndForeign(void* arg) {
  auto& self = *static_cast<Thread*>(arg);
  if (!self.ending) {
    self.ending = true;
    if (!self.daemon && g_census.BeginExit()) std::exit(0);
    RunDestructors(self);
    pthread_setspecific(g_key, &self);  // the second round
    return;
  }
  RunDestructors(self);
  self.made.Wait(Deadline::Never());
  g_end_hook(self);
  PublishBoundEnd(self);
}

void* ForeignMain(void* arg) {
  auto& self = *static_cast<Thread*>(arg);
  t_self = &self;
  self.pthread = pthread_self();
  // Release: pairs with StartForeign().
  self.kernel_tid.store(KernelTid(), std::memory_order_release);
  pthread_setspecific(g_key, &self);
  self.state.store(State::kRunning, std::memory_order_relaxed);
  LeaveCritical(self);
  return self.start(self.arg);
}

}  // namespace

int MakeForeignKey() {
  return pthread_key_create(&g_key, EndForeign);
}

int StartForeign(Thread& thread, const pthread_attr_t* attr,
                 pthread_t* handle) {
  pthread_attr_t joinable;
  if (attr != nullptr) {
    joinable = *attr;  // shares what hangs on it, and is not destroyed
    pthread_attr_setdetachstate(&joinable, PTHREAD_CREATE_JOINABLE);
    attr = &joinable;
  }
  const int error = OwnCall(pthread_create, handle, attr, ForeignMain, &thread);
  if (error != 0) return error;
  // The handle must lead to the thread before that has begun to run; from then
  // on the thread sees to it, and the program may overwrite the handle.  The
  // control block is there: the thread does not end until it has the token.
  const pthread_t made = *handle;
  if (thread.kernel_tid.load(std::memory_order_acquire) == 0) {
    SetSelf(ThreadPointerOf(made), &thread);
  }
  thread.made.Unpark();
  return 0;
}

bool SanitizerAtWork() {
  // Relaxed: everybody finds the same.
  static constinit std::atomic<int> answer{-1};
  int known = answer.load(std::memory_order_relaxed);
  if (known < 0) {
    known = 0;
    for (const char* name : {"__asan_init", "__tsan_init", "__msan_init"}) {
      if (dlsym(RTLD_DEFAULT, name) != nullptr) known = 1;
    }
    answer.store(known, std::memory_order_relaxed);
  }
  return known == 1;
}

}  // namespace lt
