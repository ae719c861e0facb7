// SPDX-License-Identifier: MIT

#include "sched/own_signal.h"

#include <csignal>

#include "arch/code_ranges.h"
#include "arch/interrupted.h"
#include "arch/kernel_wait.h"
#include "base/signal_set.h"
#include "base/syscall.h"
#include "lwp/sampler.h"
#include "sched/critical.h"
#include "sched/deliver.h"
#include "sched/dispatch.h"
#include "sched/signal_mask.h"
#include "sched/stop.h"
#include "sched/watcher.h"

// libc's own sigaction, which is interposed.
extern "C" int __sigaction(int, const struct sigaction*, struct sigaction*);

namespace lt {

bool (*g_signal_restarts)(int signal) = nullptr;
void (*g_stop_hook)(void* context, int begins) = nullptr;

namespace {

// Where the interrupted thread was.
enum class Place {
  kProgram,  // in code of the program: anything may be done to it
  kKernel,   // blocked in a system call: may be stopped
  kGuarded,  // in code that may hold locks
};

// A thread in the C library's code is known to be blocked if it is so by its
// registers and announced the call, or was seen to be so: before a system call
// it looks nearly the same, and may hold the lock of a FILE.
Place PlaceOf(const Thread& self, const ucontext_t& context) {
  const uintptr_t pc = ProgramCounter(context);
  if (!InGuardedCode(pc)) return Place::kProgram;
  const bool announced = self.lwp != nullptr
                             ? self.lwp->KernelCall() != 0
                             : self.in_call.load(std::memory_order_relaxed);
  const bool seen = self.seen_blocked.load(std::memory_order_acquire);
  return (announced || seen) && WasBlocked(context) && !InThisLibrary(pc)
             ? Place::kKernel
             : Place::kGuarded;
}

void AskAgain(const Thread& self) {
  if (self.lwp == nullptr) return;
  self.lwp->ask_again.store(true, std::memory_order_relaxed);
  NoteAskAgain();
}

// The signals go to this LWP now and come when the handler returns.
void DeliverFromHandler(Thread& self, ucontext_t& context, uint64_t& mask) {
  const Delivery delivery = SendPending(self);
  if (delivery.change_mask) mask = delivery.mask;
  if (RestartingCall(context) < 0) return;
  for (uint64_t sent = delivery.sent; sent != 0; sent &= sent - 1) {
    // The kernel would restart the call because of the own signal, though that
    // one's handler says that it ends.
    if (!g_signal_restarts(__builtin_ctzll(sent) + 1)) {
      FailInterrupted(context);
      return;
    }
  }
}

void StopAt(Thread& self, ucontext_t& context) {
  if (g_stop_hook != nullptr) g_stop_hook(&context, 1);
  StopSelf(self, &context);
  if (g_stop_hook != nullptr) g_stop_hook(&context, 0);
}

// Attends to what can be attended to here.  All signals are blocked; `mask` is
// what will be blocked when the handler returns.
void AttendAt(Thread& self, Place place, ucontext_t& context, uint64_t& mask) {
  const auto wants = [&self](uint32_t request) {
    return (self.requests.load(std::memory_order_acquire) & request) != 0;
  };
  if (wants(kStopRequest) && place != Place::kGuarded) {
    StopAt(self, context);
  }
  if (wants(kSignalRequest) && !wants(kStopRequest)) {
    self.requests.fetch_and(~kSignalRequest, std::memory_order_acq_rel);
    DeliverFromHandler(self, context, mask);
  }
  // Anywhere, as the C library's own signal for it: unless the program allowed
  // to be unwound anywhere, this only leaves a mark.
  if (wants(kCancelRequest)) {
    self.requests.fetch_and(~kCancelRequest, std::memory_order_acq_rel);
    g_cancel_hook(self);
  }
  if (wants(kPreemptRequest) && place != Place::kGuarded) {
    self.requests.fetch_and(~kPreemptRequest, std::memory_order_acq_rel);
    // One that was blocked in the kernel used no processor.
    if (place == Place::kProgram) Preempt(self);
  }
}

bool SliceIsOver(const PoolLwp& lwp) {
  return lwp.slice_over.load(std::memory_order_relaxed) ==
         lwp.dispatches.load(std::memory_order_relaxed);
}

void OnOwnSignal(int, siginfo_t*, void* arg) {
  Thread* self = Current();
  auto& context = *static_cast<ucontext_t*>(arg);
  if (self == nullptr) AbortKernelWait(context);  // a stand-in, called back
  if (self == nullptr || self->kind == Kind::kIdle) return;
  if (self->lwp != nullptr && SliceIsOver(*self->lwp)) {
    self->requests.fetch_or(kPreemptRequest, std::memory_order_relaxed);
  }
  const uint32_t requests = self->requests.load(std::memory_order_relaxed);
  if ((requests & kEndsKernelWait) != 0) AbortKernelWait(context);
  if (self->critical != 0 || requests == 0) return;
  // INV-SM1.  On return the kernel takes the mask from the context.  What
  // lwp.mask says may be ahead of that already: the end of another handler was
  // interrupted (process/action.cc).
  const uint64_t context_mask = ToKernelSet(context.uc_sigmask);
  const uint64_t told = self->lwp != nullptr ? self->lwp->mask : context_mask;
  if (self->lwp != nullptr) self->lwp->mask = ~NeverBlocked();
  uint64_t mask = told;
  AttendAt(*self, PlaceOf(*self, context), context, mask);
  if (mask != told) FromKernelSet(mask, context.uc_sigmask);
  if (self->lwp != nullptr) self->lwp->mask = mask;
  if (self->requests.load(std::memory_order_relaxed) != 0) AskAgain(*self);
}

}  // namespace

void StartInterrupts() {
  ScanCodeRanges();
  StartOwnSignal();
  struct sigaction action = {};
  action.sa_sigaction = OnOwnSignal;
  action.sa_flags = SA_SIGINFO | SA_RESTART;
  sigfillset(&action.sa_mask);
  __sigaction(g_own_signal, &action, nullptr);
}

void InterruptKernelThread(pid_t tid) {
  if (tid == 0) return;  // it has not begun; it looks when it does
  RawSyscall(SYS_tgkill, RawSyscall(SYS_getpid), tid, g_own_signal);
}

namespace {

pid_t KernelTidOf(const Thread& thread) {
  // An unbound thread has its last LWP's.
  const PoolLwp* lwp = thread.lwp;
  return lwp != nullptr ? lwp->tid.load(std::memory_order_relaxed)
                        : thread.kernel_tid.load(std::memory_order_relaxed);
}

}  // namespace

int64_t ProcessorTimeNs(const Thread& thread) {
  return KernelThreadTimeNs(KernelTidOf(thread));
}

void InterruptThread(const Thread& thread) {
  if (thread.state.load(std::memory_order_acquire) != State::kRunning) return;
  InterruptKernelThread(KernelTidOf(thread));
}

}  // namespace lt
