// SPDX-License-Identifier: MIT
//
// Where code lies that may hold locks which nobody sees: the C library, the
// dynamic linker, the runtime of C++, the allocator, this library.  A thread
// that is interrupted there is neither preempted nor stopped, but asked again
// later: what it holds, everybody else waits for.

#ifndef LIBTHREAD_ARCH_CODE_RANGES_H_
#define LIBTHREAD_ARCH_CODE_RANGES_H_

#include <cstdint>

namespace lt {

// Once, at the start.
void ScanCodeRanges();

// From anywhere.
bool InGuardedCode(uintptr_t pc);
bool InThisLibrary(uintptr_t pc);

}  // namespace lt

#endif  // LIBTHREAD_ARCH_CODE_RANGES_H_
