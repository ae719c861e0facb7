// SPDX-License-Identifier: MIT
//
// Exceptions, for what raises them by itself: traps (agent_trap.cc).

#ifndef LIBLWP_EXCEPTION_H_
#define LIBLWP_EXCEPTION_H_

#include <cstddef>
#include <cstdint>

#include "pod.h"

namespace lwp4 {

// What a procedure expects to find when a call returns.  Known to
// exc_PROCESSOR.S.
struct SavedRegisters {
#if defined(__x86_64__)
  uintptr_t rbx, rbp, r12, r13, r14, r15;
  uintptr_t sp;
  uintptr_t pc;
  uint32_t mxcsr;
  uint16_t x87_control;
#elif defined(__aarch64__)
  uintptr_t x19_to_x29[11];
  uintptr_t pc;
  uintptr_t sp;
  uintptr_t fpcr;
  uintptr_t d8_to_d15[8];
#else
#error "no exceptions for this processor"
#endif
};
#if defined(__x86_64__)
static_assert(offsetof(SavedRegisters, sp) == 48);
static_assert(offsetof(SavedRegisters, pc) == 56);
static_assert(offsetof(SavedRegisters, mxcsr) == 64);
static_assert(offsetof(SavedRegisters, x87_control) == 68);
static_assert(sizeof(SavedRegisters) == 72);
#else
static_assert(offsetof(SavedRegisters, pc) == 88);
static_assert(offsetof(SavedRegisters, sp) == 96);
static_assert(offsetof(SavedRegisters, d8_to_d15) == 112);
static_assert(sizeof(SavedRegisters) == 176);
#endif

// Calls what the newest handler of the pattern binds, or raises where it binds
// nothing, which does not return.  In a thread of the pod, in no primitive.
// False: there is no handler.
bool NotifyException(int pattern, int& result);

// The thread has died: its handlers are dropped, its exit handlers not called.
void DropExceptions(Lwp& thread);

}  // namespace lwp4

#endif  // LIBLWP_EXCEPTION_H_
