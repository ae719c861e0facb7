// SPDX-License-Identifier: MIT

#include "fork.h"

#include <pthread.h>

#include "helper.h"
#include "life.h"
#include "monitor.h"
#include "pod.h"
#include "ready.h"
#include "timers.h"

namespace lwp4 {
namespace {

void FreeThreadsBut(Lwp* self) {
  Object* next;
  for (Object* at = FirstOf(Kind::kThread); at != nullptr; at = next) {
    next = at->next;
    if (at != self) FreeObject(*at);
  }
}

// What the caller had to do with others.
void Isolate(Lwp& self) {
  self.senders = nullptr;
  self.joiners = {};
  self.awaited = 0;
  self.has_received = false;
  self.thread = thr_self();
}

// By who had the baton, in code of the program; or by a thread that is not of
// the pod, which has none in the child.
void AfterForkInChild() {
  Lwp* self = t_self;
  ForgetHelper();
  ForgetTimers();
  ForgetReady();
  ForgetMonitors(self);
  FreeThreadsBut(self);
  ForgetOthers(self);
  if (self != nullptr) Isolate(*self);
  const bool server = self != nullptr && (self->flags & kServer) != 0;
  pod.clients = self != nullptr && !server ? 1 : 0;
  pod.servers_active = server ? 1 : 0;
  pod.last = self;
  pod.main = self != nullptr && self->is_main ? self : nullptr;
  pod.running.store(self, std::memory_order_relaxed);
  pod.running_thread.store(self != nullptr ? self->thread : 0,
                           std::memory_order_relaxed);
  if (self == nullptr) {
    pod.max_priority = kMinPriority;
    pod.exit_status = 0;
  } else if (hooks.forked != nullptr) {
    hooks.forked(*self);
  }
}

}  // namespace

void WatchForks() {
  static bool watched = false;
  if (!watched) pthread_atfork(nullptr, nullptr, AfterForkInChild);
  watched = true;
}

}  // namespace lwp4
