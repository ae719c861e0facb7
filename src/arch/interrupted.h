// SPDX-License-Identifier: MIT
//
// What a signal handler can tell of the code that it interrupted.
//
// A thread that was blocked in the kernel is recognised.  A system call that
// the kernel is going to restart (SA_RESTART) has its instruction as the next
// one and its number in the result register; one that it never restarts lies
// just behind, with -EINTR as the result.

#ifndef LIBTHREAD_ARCH_INTERRUPTED_H_
#define LIBTHREAD_ARCH_INTERRUPTED_H_

#include <sys/syscall.h>
#include <ucontext.h>

#include <cerrno>
#include <cstdint>
#include <cstring>

namespace lt {

inline uintptr_t ProgramCounter(const ucontext_t& context) {
#if defined(__x86_64__)
  return static_cast<uintptr_t>(context.uc_mcontext.gregs[REG_RIP]);
#else
  return context.uc_mcontext.pc;
#endif
}

inline void SetProgramCounter(ucontext_t& context, uintptr_t pc) {
#if defined(__x86_64__)
  context.uc_mcontext.gregs[REG_RIP] = static_cast<greg_t>(pc);
#else
  context.uc_mcontext.pc = pc;
#endif
}

// A blocking call that may fail with EINTR, and does so only when it has done
// nothing yet.
inline bool MayBeInterrupted(long number) {
  switch (number) {
#if defined(__x86_64__)
    case SYS_accept:
    case SYS_open:
#endif
    case SYS_read:
    case SYS_write:
    case SYS_readv:
    case SYS_writev:
    case SYS_pread64:
    case SYS_pwrite64:
    case SYS_preadv:
    case SYS_pwritev:
    case SYS_openat:
    case SYS_ioctl:
    case SYS_fcntl:
    case SYS_flock:
    case SYS_accept4:
    case SYS_connect:
    case SYS_recvfrom:
    case SYS_recvmsg:
    case SYS_recvmmsg:
    case SYS_sendto:
    case SYS_sendmsg:
    case SYS_sendmmsg:
    case SYS_wait4:
    case SYS_waitid:
    case SYS_futex:
    case SYS_getrandom:
    case SYS_mq_timedsend:
    case SYS_mq_timedreceive:
      return true;
    default:
      return false;
  }
}

namespace interrupted_internal {
#if defined(__x86_64__)
inline constexpr uint16_t kInstruction = 0x050f;  // syscall
#else
inline constexpr uint32_t kInstruction = 0xd4000001;  // svc #0
#endif
inline bool IsSyscallAt(uintptr_t pc) {
  auto instruction = kInstruction;
  std::memcpy(&instruction, reinterpret_cast<const void*>(pc),
              sizeof instruction);
  return instruction == kInstruction;
}
}  // namespace interrupted_internal

// The system call that will be restarted when the handler returns, or -1.  Also
// one that the thread was just about to make.
inline long RestartingCall(const ucontext_t& context) {
#if defined(__x86_64__)
  const long number = context.uc_mcontext.gregs[REG_RAX];
#else
  const long number = static_cast<long>(context.uc_mcontext.regs[8]);
#endif
  // Most of what can be interrupted has no such number there: the look at the
  // code is rare.
  if (!MayBeInterrupted(number)) return -1;
  return interrupted_internal::IsSyscallAt(ProgramCounter(context)) ? number
                                                                    : -1;
}

// It was blocked in a system call, as far as the registers tell.
inline bool WasBlocked(const ucontext_t& context) {
  using namespace interrupted_internal;  // NOLINT: this header's own names
#if defined(__x86_64__)
  const auto result = static_cast<long>(context.uc_mcontext.gregs[REG_RAX]);
#else
  const auto result = static_cast<long>(context.uc_mcontext.regs[0]);
#endif
  if (result == -EINTR &&
      IsSyscallAt(ProgramCounter(context) - sizeof kInstruction)) {
    return true;
  }
  if (RestartingCall(context) < 0) return false;
#if defined(__x86_64__)
  // What the instruction leaves in a register shows that it was executed.
  const auto after =
      static_cast<greg_t>(ProgramCounter(context) + sizeof kInstruction);
  return context.uc_mcontext.gregs[REG_RCX] == after;
#else
  return true;
#endif
}

// Makes a call that would be restarted fail with EINTR instead.
inline void FailInterrupted(ucontext_t& context) {
#if defined(__x86_64__)
  context.uc_mcontext.gregs[REG_RIP] +=
      sizeof interrupted_internal::kInstruction;
  context.uc_mcontext.gregs[REG_RAX] = -EINTR;
#else
  context.uc_mcontext.pc += sizeof interrupted_internal::kInstruction;
  context.uc_mcontext.regs[0] = static_cast<uint64_t>(-EINTR);
#endif
}

}  // namespace lt

#endif  // LIBTHREAD_ARCH_INTERRUPTED_H_
