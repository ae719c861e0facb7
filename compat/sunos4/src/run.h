// SPDX-License-Identifier: MIT
//
// The change of stacks (run_*.S).

#ifndef LIBLWP_RUN_H_
#define LIBLWP_RUN_H_

#include <cstdint>

namespace lwp4 {

// Arguments that a function gets in registers; the others are on its stack.
#if defined(__x86_64__)
inline constexpr int kRegisterArguments = 6;
#elif defined(__aarch64__)
inline constexpr int kRegisterArguments = 8;
#else
#error "run_*.S knows x86-64 and AArch64"
#endif

extern "C" {
// Changes to the stack below `sp`, a multiple of 16; calls lwp4_begin() there,
// then the function with the words of `registers` in registers.  Writes the
// caller's own stack pointer to *saved first, and 1 to *in_library when the
// function has returned.  Returns then, or by lwp4_leave().
void lwp4_run(void** saved, uintptr_t sp, void (*function)(),
              const uintptr_t* registers, volatile int* in_library);

// From anywhere on the other stack: lwp4_run(), which saved that, returns.
[[noreturn]] void lwp4_leave(void* saved);

// Leaves the library.  May go elsewhere (lwp_setregs).
void lwp4_begin();
}

}  // namespace lwp4

#endif  // LIBLWP_RUN_H_
