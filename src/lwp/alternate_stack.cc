// SPDX-License-Identifier: MIT

#include "lwp/alternate_stack.h"

#include <sys/auxv.h>
#include <sys/mman.h>

#include <csignal>
#include <cstddef>
#include <new>

#include "base/list.h"
#include "base/spinlock.h"
#include "base/syscall.h"

namespace lt {
namespace {

struct FreeStack {
  FreeStack* next;
};

SpinLock g_lock;  // rank 7
FreeStack* g_free ABSL_GUARDED_BY(g_lock) = nullptr;

size_t Bytes() {
#ifndef AT_MINSIGSTKSZ
#define AT_MINSIGSTKSZ 51
#endif
  // The report formats text, and handlers of the program may run here.
  constexpr size_t kReportBytes = 64 * 1024;
  constexpr size_t kMark = 128;  // an odd size: see IsLibrarysStack()
  return ((getauxval(AT_MINSIGSTKSZ) + kReportBytes + 4095) & ~size_t{4095}) -
         kMark;
}

void* TakeFree() {
  SpinLockHolder hold(g_lock);
  FreeStack* stack = g_free;
  if (stack != nullptr) g_free = stack->next;
  return stack;
}

// sigaltstack is interposed.
long SignalStack(const stack_t* stack, stack_t* before) {
  return RawSyscall(SYS_sigaltstack, reinterpret_cast<long>(stack),
                    reinterpret_cast<long>(before));
}

}  // namespace

void InstallAlternateStack() {
  stack_t stack;
  if (SignalStack(nullptr, &stack) != 0 || (stack.ss_flags & SS_DISABLE) == 0) {
    return;
  }
  void* memory = TakeFree();
  if (memory == nullptr) {
    const long result =
        RawSyscall(SYS_mmap, 0, static_cast<long>(Bytes()),
                   PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (result < 0 && result > -4096) return;  // no report then
    memory = reinterpret_cast<void*>(result);
  }
  stack = {};
  stack.ss_sp = memory;
  stack.ss_size = Bytes();
  SignalStack(&stack, nullptr);
}

void RemoveAlternateStack() {
  stack_t stack;
  stack_t none = {};
  none.ss_flags = SS_DISABLE;
  if (SignalStack(&none, &stack) != 0) return;
  if ((stack.ss_flags & SS_DISABLE) != 0 || !IsLibrarysStack(stack)) return;
  auto* freed = static_cast<FreeStack*>(stack.ss_sp);
  SpinLockHolder hold(g_lock);
  freed->next = g_free;
  g_free = freed;
}

void ForgetAlternateStacks() ABSL_NO_THREAD_SAFETY_ANALYSIS {
  new (&g_lock) SpinLock();
  g_free = nullptr;
}

bool OnAlternateStack() {
  stack_t stack;
  return SignalStack(nullptr, &stack) == 0 &&
         (stack.ss_flags & SS_ONSTACK) != 0;
}

bool IsLibrarysStack(const stack_t& stack) {
  // No program asks for just so much.
  return stack.ss_size == Bytes();
}

}  // namespace lt
