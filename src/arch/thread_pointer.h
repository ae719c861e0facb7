// SPDX-License-Identifier: MIT
//
// The register through which compiled code finds thread-local storage.

#ifndef LIBTHREAD_ARCH_THREAD_POINTER_H_
#define LIBTHREAD_ARCH_THREAD_POINTER_H_

#include <sys/auxv.h>

#include <cstdint>

namespace lt {

// True when user space may write the thread pointer.
inline bool ThreadPointerWritable() {
#if defined(__x86_64__)
  constexpr unsigned long kHwcap2FsGsBase = 1UL << 1;
  return (getauxval(AT_HWCAP2) & kHwcap2FsGsBase) != 0;
#else
  return true;
#endif
}

inline uintptr_t ReadThreadPointer() {
#if defined(__x86_64__)
  uintptr_t tp;
  __asm__("mov %%fs:0, %0" : "=r"(tp));
  return tp;
#else
  uintptr_t tp;
  __asm__("mrs %0, tpidr_el0" : "=r"(tp));
  return tp;
#endif
}

inline void WriteThreadPointer(uintptr_t tp) {
#if defined(__x86_64__)
  __asm__ volatile("wrfsbase %0" : : "r"(tp) : "memory");
#else
  __asm__ volatile("msr tpidr_el0, %0" : : "r"(tp) : "memory");
#endif
}

}  // namespace lt

#endif  // LIBTHREAD_ARCH_THREAD_POINTER_H_
