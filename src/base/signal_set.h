// SPDX-License-Identifier: MIT
//
// Signal sets as the kernel has them: bit n - 1 for signal n; and the library's
// own signal.

#ifndef LIBTHREAD_BASE_SIGNAL_SET_H_
#define LIBTHREAD_BASE_SIGNAL_SET_H_

#include <signal.h>

#include <cstdint>
#include <cstring>

#include "base/syscall.h"

namespace lt {

inline constexpr long kKernelSetBytes = 8;
inline constexpr int kSignals = 65;          // numbers are below
inline constexpr int kFirstLibcSignal = 32;  // 32 and 33 are the C library's
inline constexpr int kLastLibcSignal = 33;

// Those that Solaris has and Linux has not, as compat/include/signal.h numbers
// them.  None ever comes; a disposition is accepted for each, and forgotten.
inline constexpr int kFirstAbsentSignal = 65;
inline constexpr int kLastAbsentSignal = 69;
constexpr bool IsAbsentSignal(int signal) {
  return signal >= kFirstAbsentSignal && signal <= kLastAbsentSignal;
}

constexpr uint64_t SignalBit(int signal) {
  return uint64_t{1} << (signal - 1);
}

// The signal by which the library interrupts kernel threads; 0 before
// StartOwnSignal().  Taken from the real-time signals of the C library, so that
// no SIGRTMIN + n of the program is the same.
extern int g_own_signal;
void StartOwnSignal();

// What no thread of the program ever blocks: the own signal, the C library's,
// and those that cannot be blocked.
inline uint64_t NeverBlocked() {
  return SignalBit(g_own_signal) | SignalBit(kFirstLibcSignal) |
         SignalBit(kLastLibcSignal) | SignalBit(SIGKILL) | SignalBit(SIGSTOP);
}

// Signals that report a fault of the code that runs.
inline constexpr uint64_t kFaults = SignalBit(SIGSEGV) | SignalBit(SIGBUS) |
                                    SignalBit(SIGILL) | SignalBit(SIGFPE) |
                                    SignalBit(SIGTRAP) | SignalBit(SIGSYS);

// What kernel threads that run no thread of the program block.
inline uint64_t BlockedByHelpers() {
  return ~NeverBlocked();
}

inline uint64_t ToKernelSet(const sigset_t& set) {
  uint64_t bits;
  std::memcpy(&bits, &set, sizeof bits);
  return bits;
}

inline void FromKernelSet(uint64_t bits, sigset_t& set) {
  sigemptyset(&set);
  std::memcpy(&set, &bits, sizeof bits);
}

// The mask of the calling kernel thread; returns the former one.
inline uint64_t SetKernelMask(uint64_t mask) {
  uint64_t before = 0;
  RawSyscall(SYS_rt_sigprocmask, SIG_SETMASK, reinterpret_cast<long>(&mask),
             reinterpret_cast<long>(&before), kKernelSetBytes);
  return before;
}

inline uint64_t KernelMask() {
  uint64_t mask = 0;
  RawSyscall(SYS_rt_sigprocmask, SIG_SETMASK, 0, reinterpret_cast<long>(&mask),
             kKernelSetBytes);
  return mask;
}

}  // namespace lt

#endif  // LIBTHREAD_BASE_SIGNAL_SET_H_
