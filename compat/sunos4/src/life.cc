// SPDX-License-Identifier: MIT
//
// The libthread thread of a thread of the pod is its *carrier*.  It has a stack
// of its own, on which it begins; calls the thread's function on the stack that
// lwp_create was given; and comes back to its own when that has returned, or
// when the thread ends anywhere in it (lwp4_leave).
//
// INV-LF1: what ends a thread is done by its carrier, or by who kills it after
//   the carrier has said that it is back (g_back).  So nothing runs on the
//   thread's stack any more when a joiner or a LASTRITES agent runs, or when
//   the stack is given to the next thread.
//
// A thread that is killed runs once more, to leave its stack.  Where that is
// depends on where it stands: in the library it waits for its semaphore, and
// finds itself doomed when it gets it.  Stopped by a signal in code of the
// program, its registers are changed so that it goes on in lwp4_leave.  Stopped
// in a wait of libthread or the C library (a sleep of the program's own), it is
// cancelled, which ends the wait; the unwinding ends at the carrier.
//
// main has no carrier: its function's stack is that of the process, which is
// given to nobody, and its libthread thread stays there for ever.

#include "life.h"

#include <alloca.h>
#include <pthread.h>

#include <algorithm>
#include <csignal>

#include "client.h"
#include "fork.h"
#include "helper.h"
#include "message.h"
#include "monitor.h"
#include "ready.h"
#include "run.h"
#include "stacks.h"
#include "timers.h"

// Of AddressSanitizer, in a program that is made with it.
extern "C" void __asan_unpoison_memory_region(const volatile void*, size_t)
    __attribute__((weak));

namespace lwp4 {
namespace {

mutex_t g_start_lock = DEFAULTMUTEX;
// The carrier of the thread that is being killed is on its own stack.
sema_t g_back = DEFAULTSEMA;
bool g_made = false;

enum class Leaving : uint8_t { kNot, kDies, kEndsProcess };
// Why the calling thread left the stack of its function.
__thread Leaving t_leaving __attribute__((tls_model("initial-exec")));
__thread int t_status __attribute__((tls_model("initial-exec")));

// The frames above an address, which are not returned from, are no more.
void ForgetFrames(const Lwp& self) {
  constexpr ptrdiff_t kMost = 64 << 20;  // else it was on another stack
  if (self.left_sp == nullptr || __asan_unpoison_memory_region == nullptr ||
      self.stack_top - self.left_sp > kMost) {
    return;
  }
  __asan_unpoison_memory_region(self.left_sp, self.stack_top - self.left_sp);
}

// From the stack of its function to the carrier's.
[[noreturn]] void LeaveStack(Lwp& self) {
  void* const saved = self.carrier_sp;
  self.carrier_sp = nullptr;
  // A thread that set its registers itself may be anywhere.
  auto* here = static_cast<char*>(__builtin_frame_address(0));
  if (here < self.stack_top) self.left_sp = here;
  lwp4_leave(saved);
}

[[noreturn]] void StayForEver() {
  static sema_t never = DEFAULTSEMA;
  for (;;) sema_wait(&never);
}

#if defined(__x86_64__)
uintptr_t StackPointer(const mcontext_t& registers) {
  return static_cast<uintptr_t>(registers.gregs[REG_RSP]);
}
void SetLeave(mcontext_t& registers, uintptr_t leave, uintptr_t sp) {
  registers.gregs[REG_RIP] = static_cast<greg_t>(leave);
  registers.gregs[REG_RDI] = static_cast<greg_t>(sp);
  registers.gregs[REG_RSP] = static_cast<greg_t>(sp);
}
#else
uintptr_t StackPointer(const mcontext_t& registers) {
  return registers.sp;
}
void SetLeave(mcontext_t& registers, uintptr_t leave, uintptr_t sp) {
  registers.pc = leave;
  registers.regs[0] = sp;
  registers.sp = sp;
}
#endif

// A signal has stopped the calling thread, or it goes on.
void OnStop(void* context, int begins) {
  Lwp* self = t_self;
  if (self == nullptr) return;
  auto* stopped = static_cast<ucontext_t*>(context);
  self->stop_context = begins != 0 ? stopped : nullptr;
  if (begins != 0 || !self->doomed || self->carrier_sp == nullptr) return;
  // Above that point it is on the carrier's stack already.
  constexpr uintptr_t kCarrierFrames = 65536;
  const auto sp = reinterpret_cast<uintptr_t>(self->carrier_sp);
  if (StackPointer(stopped->uc_mcontext) - sp < kCarrierFrames) return;
  auto* here = reinterpret_cast<char*>(StackPointer(stopped->uc_mcontext));
  if (here < self->stack_top) self->left_sp = here;
  SetLeave(stopped->uc_mcontext, reinterpret_cast<uintptr_t>(&lwp4_leave), sp);
}

void OnMainEnd(int status) {
  Lwp* self = t_self;
  if (self == nullptr || pod.ended.load(std::memory_order_relaxed)) return;
  self->in_library = 1;
  pod.exit_status = status;
  Die(*self);
}

// The dying thread is on its carrier's stack, or is main.
void EndHere(Lwp& self) {
  self.in_library = 1;
  char* const stack =
      (self.flags & kNoLastRites) == 0 ? self.stack_top : nullptr;
  Bury(self);
  if (stack != nullptr) ReturnStack(stack);
  if (pod.last == &self) pod.last = nullptr;
  if (pod.main == &self) pod.main = nullptr;
  t_self = nullptr;
  // The helper may look at it still: INV-OB1.
  FreeObject(self);
  if (PodHasEnded()) EndProcess(pod.exit_status);
  PassOn();
}

// Of a thread that was killed.
void SayBack() {
  t_self = nullptr;
  sema_post(&g_back);
}

// thr_exit or pthread_exit in the thread, or its cancellation.
void OnUnwound(void* arg) {
  Lwp& self = *static_cast<Lwp*>(arg);
  self.in_library = 1;
  std::atomic_signal_fence(std::memory_order_seq_cst);
  if (self.doomed) {
    SayBack();
  } else {
    EndHere(self);
  }
}

// The carrier calls the function, which is on its own stack, and that of the
// thread while it has none.
void RunFunction(Lwp& self) {
  uintptr_t in_registers[kRegisterArguments] = {};
  void* sp = self.arguments;
  if (sp != nullptr) {
    const int count = std::min(self.argument_words, kRegisterArguments);
    std::copy_n(self.arguments, count, in_registers);
    if (count < self.argument_words) sp = self.arguments + kRegisterArguments;
  } else {
    constexpr size_t kScratchBytes = 16384;
    sp = static_cast<char*>(alloca(kScratchBytes)) + kScratchBytes;
  }
  const auto address = reinterpret_cast<uintptr_t>(sp) & ~uintptr_t{15};
  lwp4_run(&self.carrier_sp, address, self.function, in_registers,
           &self.in_library);
}

void* CarrierMain(void* arg) {
  Lwp& self = *static_cast<Lwp*>(arg);
  t_self = &self;
  int ignored;
  pthread_setcanceltype(PTHREAD_CANCEL_ASYNCHRONOUS, &ignored);
  if (!self.doomed) {
    pthread_cleanup_push(OnUnwound, &self);
    RunFunction(self);
    pthread_cleanup_pop(0);
  }
  ForgetFrames(self);
  if (t_leaving == Leaving::kEndsProcess) EndProcess(t_status);
  if (self.doomed) {
    SayBack();
  } else {
    EndHere(self);
  }
  return nullptr;
}

[[noreturn]] void Leave(Lwp& self, Leaving why) {
  t_leaving = why;
  LeaveStack(self);
}

}  // namespace

bool StartPod() {
  mutex_lock(&g_start_lock);
  const bool first = !g_made;
  if (first && ReserveTimers(1)) {
    Lwp* self = NewObject<Lwp>();
    if (self != nullptr) {
      self->priority = pod.max_priority;
      self->thread = thr_self();
      self->is_main = true;
      sema_init(&self->sema, 0, USYNC_THREAD, nullptr);
      pod.clients = 1;
      pod.main = self;
      pod.last = self;
      pod.running_thread.store(self->thread, std::memory_order_relaxed);
      pod.running.store(self, std::memory_order_relaxed);
      t_self = self;
      SetClientHooks(OnMainEnd, OnStop);
      WatchForks();
      g_made = true;
    }
  }
  mutex_unlock(&g_start_lock);
  return t_self != nullptr;
}

bool MakeCarrier(Lwp& thread) {
  sema_init(&thread.sema, 0, USYNC_THREAD, nullptr);
  thread.stopped = true;
  // Of the process's own code only what is to be run at its end runs there.
  constexpr size_t kCarrierBytes = 256 * 1024;
  return thr_create(nullptr, kCarrierBytes, CarrierMain, &thread,
                    THR_DAEMON | THR_SUSPENDED, &thread.thread) == 0;
}

void Bury(Lwp& thread) {
  if (IsReady(thread)) MakeUnready(thread);
  // Not made ready, and what it waited for is as if it had not been.
  if (thread.queue != nullptr) thread.queue->Remove(thread);
  if (thread.timer_slot >= 0) RemoveTimer(thread);
  if ((thread.flags & kServer) == 0) {
    --pod.clients;
  } else if (thread.wait < Wait::kMonitor) {
    --pod.servers_active;
  }
  EndMessages(thread);
  ReleaseMonitors(thread);
  while (Lwp* joiner = thread.joiners.first) Unblock(*joiner, kNoError);
  if (hooks.dying != nullptr) hooks.dying(thread);
}

void Die(Lwp& self) {
  if (!self.is_main) Leave(self, Leaving::kDies);
  EndHere(self);
  StayForEver();
}

void Kill(Lwp& thread) {
  Bury(thread);
  if (pod.last == &thread) pod.last = nullptr;
  if (thread.is_main) {
    pod.main = nullptr;
    // Its libthread thread stays where it is, and with it the object.
    ForgetObject(thread);
    return;
  }
  thread.doomed = true;
  if (thread.stopped) {
    mutex_lock(&g_stop_lock);
    const bool waits = thread.stop_context == nullptr;
    if (waits && thread.carrier_sp != nullptr) {
      // A thread_t stands for the handle: no pthread_t is that small.
      pthread_cancel(static_cast<pthread_t>(thread.thread));
    }
    thr_continue(thread.thread);
    mutex_unlock(&g_stop_lock);
  } else {
    sema_post(&thread.sema);
  }
  while (sema_wait(&g_back) != 0) {
    // A handler of a signal has run.
  }
  char* const stack =
      (thread.flags & kNoLastRites) == 0 ? thread.stack_top : nullptr;
  if (stack != nullptr) ReturnStack(stack);
  FreeObject(thread);
}

void Divert(Lwp& self) {
  if (self.doomed) LeaveStack(self);
  LeaveLibrary(self);
  hooks.jump(self);
}

extern "C" void lwp4_begin() {
  Lwp& self = *t_self;
  LeaveLibrary(self);
  if (self.jump != nullptr) hooks.jump(self);
  if (self.function == nullptr) LeaveStack(self);
}

void EndProcess(int status) {
  Lwp* self = t_self;
  if (self != nullptr && self->carrier_sp != nullptr) {
    // There is more room for handlers.
    self->in_library = 1;
    t_status = status;
    Leave(*self, Leaving::kEndsProcess);
  }
  pod.ended.store(true, std::memory_order_relaxed);
  // The helper stops nobody who is in the library.
  if (self != nullptr) self->in_library = 1;
  t_self = nullptr;
  if (hooks.ending != nullptr) hooks.ending();
  RealExit(status);
}

void ForgetOthers(Lwp* self) {
  sema_init(&g_back, 0, USYNC_THREAD, nullptr);
  mutex_init(&g_start_lock, USYNC_THREAD, nullptr);
  if (self == nullptr) g_made = false;
}

}  // namespace lwp4
