// SPDX-License-Identifier: MIT
//
// The mask during a handler.  The library's handler begins with all signals
// blocked, so that of several that come at once only one is in work; it then
// gives kernel thread and thread the mask that the action asks for.  When it
// returns, the kernel takes the former mask from the signal frame; the thread's
// own idea (Thread::sigmask) and its LWP's (lwp.mask) are set back as the last
// thing before.  Whatever interrupts between these two steps restores what it
// found, so that all is right again when the frame is gone; and switches
// nothing, since it finds itself in this library.

#include "process/action.h"

#include <atomic>
#include <cerrno>

#include "arch/interrupted.h"
#include "base/signal_set.h"
#include "base/spinlock.h"
#include "lwp/alternate_stack.h"
#include "lwp/kernel_thread.h"
#include "process/fault.h"
#include "process/report_signal.h"
#include "sched/critical.h"
#include "sched/deliver.h"
#include "sched/own_signal.h"
#include "sched/pin.h"
#include "sched/signal_mask.h"
#include "thread/runtime.h"

// libc's own sigaction, which is interposed.
extern "C" int __sigaction(int, const struct sigaction*, struct sigaction*);
// Where mutex_unlock lies (sync/mutex.h).
extern "C" {
extern const char __start_lt_unlocking[]
    __attribute__((weak, visibility("hidden")));
extern const char __stop_lt_unlocking[]
    __attribute__((weak, visibility("hidden")));
}

namespace lt {
namespace {

struct Action {
  bool ours = false;  // the kernel has our handler, the program's is here
  struct sigaction program = {};
};

SpinLock g_lock;  // rank 9
Action g_actions[kSignals] ABSL_GUARDED_BY(g_lock);

bool HasHandler(const struct sigaction& action) {
  return action.sa_handler != SIG_DFL && action.sa_handler != SIG_IGN;
}

// The program's action as it is now; used up when it is for one time.
bool TakeProgramAction(int signal, struct sigaction& action) {
  SpinLockHolder hold(g_lock);
  Action& entry = g_actions[signal];
  if (!entry.ours) return false;  // changed since the signal was sent
  action = entry.program;
  if ((action.sa_flags & static_cast<int>(SA_RESETHAND)) != 0) {
    struct sigaction defaults = {};
    __sigaction(signal, &defaults, nullptr);
    entry.program.sa_handler = SIG_DFL;
    entry.ours = false;
  }
  return true;
}

void CallHandler(const struct sigaction& action, int signal, siginfo_t* info,
                 void* context) {
  if ((action.sa_flags & SA_SIGINFO) != 0) {
    action.sa_sigaction(signal, info, context);
  } else {
    action.sa_handler(signal);
  }
}

uint64_t MaskDuring(const struct sigaction& action, int signal,
                    uint64_t before) {
  uint64_t mask = before | ToKernelSet(action.sa_mask);
  if ((action.sa_flags & SA_NODEFER) == 0) mask |= SignalBit(signal);
  return mask & ~NeverBlocked();
}

// The calling thread's idea of its mask, when the kernel has it already or is
// about to have it.
void TellMask(Thread& self, uint64_t mask) {
  EnterCritical(self);
  // Sequentially consistent: see SetOwnMask().
  self.sigmask.exchange(mask, std::memory_order_seq_cst);
  if (self.lwp != nullptr) self.lwp->mask = mask;
  if (self.lwp != nullptr &&
      (self.pending.load(std::memory_order_seq_cst) & ~mask) != 0) {
    self.requests.fetch_or(kSignalRequest, std::memory_order_relaxed);
  }
  LeaveCriticalQuietly(self);
}

void RunHandler(Thread& self, int signal, siginfo_t* info,
                ucontext_t& context) {
  struct sigaction action;
  EnterCritical(self);
  const bool taken = TakeProgramAction(signal, action);
  LeaveCriticalQuietly(self);
  if (!taken) return;
  if ((action.sa_flags & SA_RESTART) != 0) {
    self.handlers_restarting.fetch_add(1, std::memory_order_relaxed);
  }
  self.handlers_run.fetch_add(1, std::memory_order_relaxed);
  const uint64_t in_context = ToKernelSet(context.uc_sigmask);
  // A pool LWP may be in a moment when the kernel is not that far yet.
  const uint64_t before = self.lwp != nullptr ? MaskOf(self) : in_context;
  // On the LWP's signal stack the thread keeps the LWP.
  const bool pin = self.lwp != nullptr && !self.pinned_by_handler &&
                   (action.sa_flags & SA_ONSTACK) != 0 && OnAlternateStack();
  if (pin) PinForHandler(self, true);
  const uint64_t during = MaskDuring(action, signal, before);
  TellMask(self, during);
  SetKernelMask(during);
  CallHandler(action, signal, info, &context);
  if (pin) PinForHandler(self, false);
  // The handler may have chosen what is blocked after it.
  const uint64_t chosen = ToKernelSet(context.uc_sigmask);
  TellMask(self, chosen == in_context ? before : chosen & ~NeverBlocked());
  // What came meanwhile is looked at when the own signal comes: right now.
  if (self.requests.load(std::memory_order_relaxed) != 0) {
    InterruptKernelThread(KernelTid());
  }
}

bool IsUnlocking(const ucontext_t& context) {
  const uintptr_t pc = ProgramCounter(context);
  return pc >= reinterpret_cast<uintptr_t>(__start_lt_unlocking) &&
         pc < reinterpret_cast<uintptr_t>(__stop_lt_unlocking);
}

void OnSignal(int signal, siginfo_t* info, void* arg) {
  auto& context = *static_cast<ucontext_t*>(arg);
  Thread* self = Current();
  if (self == nullptr) {
    // A kernel thread that the library has not met: nothing of its is ours.
    struct sigaction action;
    if (TakeProgramAction(signal, action)) {
      SetKernelMask(
          MaskDuring(action, signal, ToKernelSet(context.uc_sigmask)));
      CallHandler(action, signal, info, arg);
    }
    return;
  }
  const bool fault = (SignalBit(signal) & kFaults) != 0 && info->si_code > 0;
  if (!fault && (self->critical != 0 || IsUnlocking(context))) {
    DeferSignal(*self, *info, context);
    return;
  }
  RunHandler(*self, signal, info, context);
}

bool DoesNothing(int signal, const struct sigaction& action) {
  constexpr uint64_t kIgnoredByDefault =
      SignalBit(SIGCHLD) | SignalBit(SIGURG) | SignalBit(SIGWINCH);
  return action.sa_handler == SIG_IGN ||
         (action.sa_handler == SIG_DFL &&
          (SignalBit(signal) & kIgnoredByDefault) != 0);
}

// As the kernel does for its threads, when a signal becomes one that does
// nothing.
void ForgetPending(int signal) {
  for (Thread* t = AllThreads(); t != nullptr; t = t->all_next) {
    t->pending.fetch_and(~SignalBit(signal), std::memory_order_relaxed);
  }
}

bool IsReserved(int signal) {
  return signal == g_own_signal ||
         (signal >= kFirstLibcSignal && signal <= kLastLibcSignal);
}

bool SignalRestarts(int signal) {
  SpinLockHolder hold(g_lock);
  const Action& action = g_actions[signal];
  return !action.ours || (action.program.sa_flags & SA_RESTART) != 0;
}

}  // namespace

int ChangeAction(int signal, const struct sigaction* action,
                 struct sigaction* before) {
  if (IsAbsentSignal(signal)) {
    if (before != nullptr) *before = {};
    return 0;
  }
  if (signal <= 0 || signal >= kSignals || IsReserved(signal)) return EINVAL;
  Critical critical(Self());
  if (action != nullptr) GiveUpReportSignal(signal);
  struct sigaction kernel = {};
  if (action != nullptr) {
    kernel = *action;
    if (HasHandler(*action)) {
      kernel.sa_sigaction = OnSignal;
      kernel.sa_flags |= SA_SIGINFO;
      // Done when the handler is called, which may be later.
      kernel.sa_flags &= ~static_cast<int>(SA_RESETHAND);
      FromKernelSet(~(NeverBlocked() | kFaults), kernel.sa_mask);
    }
  }
  // One caller at a time; a handler on another LWP sees the old action or the
  // new one.
  SpinLockHolder hold(g_lock);
  Action& entry = g_actions[signal];
  struct sigaction was;
  if (__sigaction(signal, action != nullptr ? &kernel : nullptr, &was) != 0) {
    return EINVAL;
  }
  // The library's own handlers are not the program's business.
  if (IsFaultHandler(was) || IsReportHandler(was)) was = {};
  if (before != nullptr) *before = entry.ours ? entry.program : was;
  if (action != nullptr) {
    entry.program = *action;
    entry.ours = HasHandler(*action);
    if (DoesNothing(signal, *action)) ForgetPending(signal);
  }
  return 0;
}

bool IsIgnored(int signal) {
  struct sigaction now;
  return ChangeAction(signal, nullptr, &now) == 0 && DoesNothing(signal, now);
}

void HandlerCode(void (**start)(), int* bytes) {
  // CallHandler() is part of it; a page holds it.
  *start = reinterpret_cast<void (*)()>(OnSignal);
  *bytes = 4096;
}

void LockActions() ABSL_NO_THREAD_SAFETY_ANALYSIS {
  g_lock.Lock();
}

void UnlockActions() ABSL_NO_THREAD_SAFETY_ANALYSIS {
  g_lock.Unlock();
}

void StartActions() {
  g_signal_restarts = SignalRestarts;
}

}  // namespace lt
