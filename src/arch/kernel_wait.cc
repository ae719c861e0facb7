// SPDX-License-Identifier: MIT
//
// In assembler, because a handler must know by the program counter how far the
// code is: from `begin` up to the system call, the instruction included, it has
// done nothing.  A call that the kernel is going to restart has the counter at
// its instruction again.

#include "arch/kernel_wait.h"

#include "arch/interrupted.h"

extern "C" {
extern const char lt_kernel_wait_begin[] __attribute__((visibility("hidden")));
extern const char lt_kernel_wait_end[] __attribute__((visibility("hidden")));
extern const char lt_kernel_wait_abort[] __attribute__((visibility("hidden")));
}

// clang-format off
__asm__(
    "  .text\n"
    "  .p2align 4\n"
    "  .hidden lt_kernel_wait\n"
    "  .hidden lt_kernel_wait_begin\n"
    "  .hidden lt_kernel_wait_end\n"
    "  .hidden lt_kernel_wait_abort\n"
    "  .globl lt_kernel_wait\n"
    "  .globl lt_kernel_wait_begin\n"
    "  .globl lt_kernel_wait_end\n"
    "  .globl lt_kernel_wait_abort\n"
    "  .type lt_kernel_wait, %function\n"
    "lt_kernel_wait:\n"
    "  .cfi_startproc\n"
#if defined(__x86_64__)
    "lt_kernel_wait_begin:\n"
    "  test %esi, (%rdi)\n"
    "  jnz lt_kernel_wait_abort\n"
    "  mov 48(%rdx), %r9\n"
    "  mov 40(%rdx), %r8\n"
    "  mov 32(%rdx), %r10\n"
    "  mov 16(%rdx), %rsi\n"
    "  mov 8(%rdx), %rdi\n"
    "  mov 0(%rdx), %rax\n"
    "  mov 24(%rdx), %rdx\n"
    "  syscall\n"
    "lt_kernel_wait_end:\n"
    "  ret\n"
    "lt_kernel_wait_abort:\n"
    "  mov $-4, %rax\n"
    "  ret\n"
#elif defined(__aarch64__)
    "lt_kernel_wait_begin:\n"
    "  ldr w3, [x0]\n"
    "  tst w3, w1\n"
    "  b.ne lt_kernel_wait_abort\n"
    "  mov x6, x2\n"
    "  ldr x8, [x6]\n"
    "  ldp x0, x1, [x6, 8]\n"
    "  ldp x2, x3, [x6, 24]\n"
    "  ldp x4, x5, [x6, 40]\n"
    "  svc #0\n"
    "lt_kernel_wait_end:\n"
    "  ret\n"
    "lt_kernel_wait_abort:\n"
    "  mov x0, #-4\n"
    "  ret\n"
#else
#error "libthread knows x86-64 and AArch64"
#endif
    "  .cfi_endproc\n"
    "  .size lt_kernel_wait, .-lt_kernel_wait\n");
// clang-format on

namespace lt {

static_assert(EINTR == 4);

void AbortKernelWait(ucontext_t& context) {
  const uintptr_t pc = ProgramCounter(context);
  if (pc < reinterpret_cast<uintptr_t>(lt_kernel_wait_begin) ||
      pc >= reinterpret_cast<uintptr_t>(lt_kernel_wait_end)) {
    return;
  }
  SetProgramCounter(context, reinterpret_cast<uintptr_t>(lt_kernel_wait_abort));
}

}  // namespace lt
