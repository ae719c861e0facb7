// SPDX-License-Identifier: MIT
//
// thr_exit unwinds the stack by the C library's pthread_exit: C++ destructors
// and pthread_cleanup_push handlers run as they do in a pthread.  The unwinding
// ends at what looks like the outermost cleanup handler: Body::Run registers
// itself as one (with the functions that the pthread_cleanup_push macro uses),
// and so gets control back on any kind of thread.
//
// From there on nothing may run on the frames that were live at thr_exit: the
// status may point into them until the thread is joined.  Destructors therefore
// run in a context of their own below those frames (RunBelow).

#include "thread/entry.h"

#include <pthread.h>
#include <ucontext.h>

#include <cerrno>
#include <csetjmp>
#include <cstdlib>
#include <cstring>

#include "arch/start_context.h"
#include "arch/tls.h"
#include "base/own_call.h"
#include "base/panic.h"
#include "base/signal_set.h"
#include "lwp/alternate_stack.h"
#include "lwp/kernel_thread.h"
#include "sched/critical.h"
#include "sched/dispatch.h"
#include "sched/pin.h"
#include "sched/signal_mask.h"
#include "thread/cache.h"
#include "thread/census.h"
#include "thread/keys.h"
#include "thread/life.h"

extern "C" {
// What pthread_cleanup_push expands to, in the headers' own words.
void __pthread_register_cancel(__pthread_unwind_buf_t*);
void __pthread_unregister_cancel(__pthread_unwind_buf_t*);
}

namespace lt {

namespace {
void EndsWithNothing(Thread&) {}
}  // namespace
void (*g_end_hook)(Thread& self) = EndsWithNothing;
void (*g_main_hook)(int status) = nullptr;

namespace {

// The thread was unwound, by thr_exit or because it was cancelled.
void NoteUnwound(Thread& self) {
  if (self.unwound) return;  // thr_exit has left its status
  self.unwound = true;
  self.status = PTHREAD_CANCELED;
}

// Calls body(arg); returns also when the thread unwinds to here.
__attribute__((noinline)) void CatchUnwinding(void (*body)(void*), void* arg) {
  __pthread_unwind_buf_t buffer;
  Current()->home = &buffer;
  // The buffer is as much of a sigjmp_buf as unwinding needs.
  auto* place = reinterpret_cast<__jmp_buf_tag*>(buffer.__cancel_jmp_buf);
  if (__sigsetjmp(place, 0) == 0) {
    __pthread_register_cancel(&buffer);
    body(arg);
  } else {
    NoteUnwound(*Current());
  }
  __pthread_unregister_cancel(&buffer);
  Current()->home = nullptr;
}

// Handlers of signals run only where thr_exit in them finds its way.
void CallStart(void* arg) {
  auto& self = *static_cast<Thread*>(arg);
  LeaveCritical(self);
  self.status = self.start(self.arg);
  EnterCritical(self);
}

// The gap of a bound thread: what runs above it after the thread's end leaves
// the thread's own frames alone.
__attribute__((noinline)) void CallStartBelowGap(void* arg) {
  char gap[kBoundGapBytes];
  auto& self = *static_cast<Thread*>(arg);
  // Reported as the thread's stack is what lies below the gap.
  const ptrdiff_t bytes = self.stack_high - self.stack_low;
  self.stack_high = gap;
  self.stack_low = gap - bytes;
  __asm__ volatile("" : : "r"(gap) : "memory");  // it is there
  CallStart(arg);
  __asm__ volatile("" : : "r"(gap) : "memory");
}

// The end of every thread of ours: the last counted one ends the process, as
// exit(0) does and before its destructors (Solaris' order).  Those run with
// signals blocked; without any, blocking is left out: the critical section
// keeps handlers off.
void EndThread(Thread& self, bool tls) {
  self.critical = 1;  // 0 after thr_exit, which has blocked signals
  const bool last = !self.daemon && g_census.BeginExit();
  const bool keys = self.has_values && !self.quiet_end;
  const bool destructors = keys || (tls && TlsHasDestructors());
  if (!last && !destructors) return;
  // There is nothing left that a cancellation could unwind.
  pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, nullptr);
  if (!last) BlockSignals(self);
  LeaveCriticalQuietly(self);
  if (last) std::exit(0);
  if (keys) RunDestructors(self);
  if (tls) TlsRunDestructors();
  EnterCritical(self);
}

void EndBound(Thread& self) {
  EndThread(self, false);  // the C library runs those of TLS
  g_end_hook(self);
}

// main, or the thread of a forked process, while it is not in the pool.
[[noreturn]] void EndFirst(Thread& self) {
  EndBound(self);
  PublishBoundEnd(self);
  // The first kernel thread stays: without it, /proc/self is half empty.
  for (;;) self.parker.Wait(Deadline::Never());
}

void EndUnbound(Thread& self) {
  if (self.lwp == nullptr) EndFirst(self);
  // thr_exit may have left a handler.
  PinForHandler(self, false);
  EndThread(self, true);
  g_end_hook(self);
  TlsReleaseRobust();
  // For the next thread with this control block.
  Depart(self);
}

void BelowEntry(Arrival arrival) {
  LT_OUTERMOST_FRAME();
  Thread& self = *Current();
  auto end = reinterpret_cast<void (*)(Thread&)>(arrival.data);
  end(self);
  boost::context::detail::jump_fcontext(arrival.fctx, nullptr);
  Panic("a context that has ended was run again");
}

// Runs end(self) below the frames that were live at thr_exit; right here when
// the thread's function has returned.
void RunBelow(Thread& self, void (*end)(Thread&)) {
  if (self.exit_sp == nullptr) {
    end(self);
    return;
  }
  Context below = MakeContext(self.exit_sp, kPage, BelowEntry);
  boost::context::detail::jump_fcontext(below, reinterpret_cast<void*>(end));
}

struct MainCall {
  int (*main)(int, char**, char**);
  int argc;
  char** argv;
  char** envp;
  int status = 0;
  bool returned = false;
};

void CallMain(void* arg) {
  auto& call = *static_cast<MainCall*>(arg);
  call.status = call.main(call.argc, call.argv, call.envp);
  call.returned = true;
}

void BeginBound(Thread& self) {
  t_self = &self;
  self.pthread = pthread_self();
  self.kernel_tid.store(KernelTid(), std::memory_order_relaxed);
  InstallAlternateStack();
  // INV-ST1.
  self.state.store(State::kRunning, std::memory_order_relaxed);
}

void* BoundMain(void* arg) {
  auto& self = *static_cast<Thread*>(arg);
  BeginBound(self);
  CatchUnwinding(self.own_stack ? CallStartBelowGap : CallStart, &self);
  // In the child of a fork it may be the first thread of a pool.
  if (self.lwp != nullptr) RunBelow(self, EndUnbound);
  RunBelow(self, EndBound);
  RemoveAlternateStack();
  PublishBoundEnd(self);
  return nullptr;
}

// A bound thread on a stack of the caller's: all of it is the thread's, the
// kernel thread has a small stack and its TLS elsewhere.
void ForeignStackEntry(Arrival arrival) {
  LT_OUTERMOST_FRAME();
  BoundMain(Current());
  boost::context::detail::jump_fcontext(arrival.fctx, nullptr);
  Panic("a thread that has ended was run again");
}

void* BoundMainOnCallersStack(void* arg) {
  auto& self = *static_cast<Thread*>(arg);
  t_self = &self;
  boost::context::detail::jump_fcontext(
      MakeContext(self.stack_high, self.stack_high - self.stack_low,
                  ForeignStackEntry),
      nullptr);
  return nullptr;
}

// An LWP of _lwp_create(2) goes to the stack that its context says.  Signals
// that come before have their handlers run here, and it stops here while it is
// suspended.
void EnterContext(void* arg) {
  auto& self = *static_cast<Thread*>(arg);
  ucontext_t context;
  std::memcpy(&context, self.arg, sizeof context);
  std::free(self.arg);
  AdoptContext(context);
  const uint64_t mask = ToKernelSet(context.uc_sigmask) & ~NeverBlocked();
  FromKernelSet(mask, context.uc_sigmask);
  SetOwnMask(self, mask);
  LeaveCritical(self);
  setcontext(&context);
  Panic("setcontext failed");
}

// It comes back here at its end, so that its stack is the caller's again.
void* RawMain(void* arg) {
  auto& self = *static_cast<Thread*>(arg);
  BeginBound(self);
  CatchUnwinding(EnterContext, &self);
  EndBound(self);
  RemoveAlternateStack();
  PublishBoundEnd(self);
  return nullptr;
}

// What runs in the kernel thread of a bound thread.
void* (*BodyOf(const Thread& thread))(void*) {
  if (thread.raw_lwp) return RawMain;
  return thread.own_stack ? BoundMain : BoundMainOnCallersStack;
}

}  // namespace

void UnboundEntry(Arrival arrival) {
  LT_OUTERMOST_FRAME();
  Arrive(arrival);
  Thread& self = *Current();
  CatchUnwinding(CallStart, &self);
  RunBelow(self, EndUnbound);
  Panic("thread %u has ended and goes on", self.id);
}

int StartBound(Thread& thread) {
  pthread_attr_t attr;
  if (pthread_attr_init(&attr) != 0) return EAGAIN;
  if (thread.own_stack) {
    pthread_attr_setstack(&attr, thread.block.usable_low(),
                          thread.block.high() - thread.block.usable_low());
  } else {
    constexpr size_t kKernelStackBytes = 64 * 1024;
    pthread_attr_setstacksize(&attr, kKernelStackBytes + StaticTlsBytes());
  }
  // Known before it runs, to who names it by its thread_t.
  const int error =
      OwnCall(pthread_create, &thread.pthread, &attr, BodyOf(thread), &thread);
  pthread_attr_destroy(&attr);
  return error == 0 ? 0 : EAGAIN;
}

int RunMain(int (*main)(int, char**, char**), int argc, char** argv,
            char** envp) {
  MainCall call{main, argc, argv, envp};
  CatchUnwinding(CallMain, &call);
  if (g_main_hook != nullptr) g_main_hook(call.status);
  if (call.returned) return call.status;
  Thread& self = *Current();
  RunBelow(self, EndUnbound);
  Panic("main has ended and goes on");
}

}  // namespace lt
