// SPDX-License-Identifier: MIT

#include "lwp/alternate_stack.h"

#include <sys/auxv.h>
#include <sys/mman.h>

#include <csignal>
#include <cstddef>

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
  // The report formats text: the frame of the kernel and 16 KiB.
  constexpr size_t kReportBytes = 16 * 1024;
  return (getauxval(AT_MINSIGSTKSZ) + kReportBytes + 4095) & ~size_t{4095};
}

void* TakeFree() {
  SpinLockHolder hold(g_lock);
  FreeStack* stack = g_free;
  if (stack != nullptr) g_free = stack->next;
  return stack;
}

}  // namespace

void InstallAlternateStack() {
  stack_t stack;
  if (sigaltstack(nullptr, &stack) != 0 || (stack.ss_flags & SS_DISABLE) == 0) {
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
  sigaltstack(&stack, nullptr);
}

void RemoveAlternateStack() {
  stack_t stack;
  stack_t none = {};
  none.ss_flags = SS_DISABLE;
  if (sigaltstack(&none, &stack) != 0) return;
  if ((stack.ss_flags & SS_DISABLE) != 0 || stack.ss_size != Bytes()) return;
  auto* freed = static_cast<FreeStack*>(stack.ss_sp);
  SpinLockHolder hold(g_lock);
  freed->next = g_free;
  g_free = freed;
}

}  // namespace lt
