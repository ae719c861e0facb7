// SPDX-License-Identifier: MIT

#include "process/fault.h"

#include <csignal>

#include "arch/stack.h"
#include "base/panic.h"
#include "sched/thread.h"

// libc's own sigaction, which is interposed.
extern "C" int __sigaction(int, const struct sigaction*, struct sigaction*);

namespace lt {
namespace {

// Runs on the LWP's alternate stack; the faulting thread's own is full.
void OnFault(int signal, siginfo_t* info, void*) {
  const Thread* self = Current();
  if (self != nullptr && InGuard(self->block, info->si_addr)) {
    Complain("thread %u%s%s overflowed its stack of %zu bytes (%p to %p)",
             self->id, self->name[0] != '\0' ? " " : "", self->name,
             static_cast<size_t>(self->stack_high - self->stack_low),
             static_cast<void*>(self->stack_low),
             static_cast<void*>(self->stack_high));
  }
  // Die of it, as without us: the faulting instruction is run again.  A signal
  // that somebody sent does not come again by itself.
  struct sigaction defaults = {};
  defaults.sa_handler = SIG_DFL;
  __sigaction(signal, &defaults, nullptr);
  if (info->si_code <= 0) raise(signal);
}

void Watch(int signal) {
  struct sigaction now;
  if (__sigaction(signal, nullptr, &now) != 0 || now.sa_handler != SIG_DFL) {
    return;
  }
  struct sigaction ours = {};
  ours.sa_sigaction = OnFault;
  ours.sa_flags = SA_SIGINFO | SA_ONSTACK;
  sigemptyset(&ours.sa_mask);
  __sigaction(signal, &ours, nullptr);
}

}  // namespace

void WatchForOverflow() {
  Watch(SIGSEGV);
  Watch(SIGBUS);
}

bool IsFaultHandler(const struct sigaction& action) {
  return (action.sa_flags & SA_SIGINFO) != 0 && action.sa_sigaction == OnFault;
}

}  // namespace lt
