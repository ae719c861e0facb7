// SPDX-License-Identifier: MIT
//
// Registers of threads that do not run (registers.cc, registers_PROCESSOR.S).

#ifndef LIBLWP_REGISTERS_H_
#define LIBLWP_REGISTERS_H_

#include <cstddef>
#include <cstdint>

#include "pod.h"

namespace lwp4 {

// machstate_t of <lwp/lwpmachdep.h>.  Known to registers_PROCESSOR.S.
struct Registers {
#if defined(__x86_64__)
  // In DWARF's order.
  enum { kRax, kRdx, kRcx, kRbx, kRsi, kRdi, kRbp, kRsp, kR8 };
  static constexpr int kCount = 16;
  static constexpr int kStackPointer = kRsp;
#elif defined(__aarch64__)
  static constexpr int kCount = 31;
#else
#error "no registers for this processor"
#endif
  uintptr_t general[kCount];
  uintptr_t pc;
  uintptr_t sp;
  uintptr_t flags;
};
#if defined(__x86_64__)
static_assert(offsetof(Registers, pc) == 128);
#else
static_assert(offsetof(Registers, pc) == 248);
#endif

// Those of a thread that was begun and does not run.  g_stop_lock is held.
void RegistersOf(const Lwp& thread, Registers& to);

extern "C" {
// Goes on with these registers.
[[noreturn]] void lwp4_go(const Registers* registers);

// Calls what is at `pc` with these registers, on their stack; when that has
// returned, writes 1 to *in_library and goes to lwp4_leave(saved).
[[noreturn]] void lwp4_call(const Registers* registers,
                            volatile int* in_library, void* saved);
}

}  // namespace lwp4

#endif  // LIBLWP_REGISTERS_H_
