// SPDX-License-Identifier: MIT
//
// Whether a page can be read or written is asked of system calls that do little
// else: rt_sigprocmask reads a set before it looks at how to use it (a null
// pointer is none), FUTEX_WAKE_OP adds 0 to a word and wakes nobody.  Somebody
// may unmap the page after that: the program's fault then, as on any other
// memory.

#include "compat/lwp/user_memory.h"

#include <linux/futex.h>
#include <signal.h>

#include <cstdint>
#include <cstring>

#include "base/syscall.h"

namespace lt {
namespace {

constexpr uintptr_t kPageBytes = 4096;  // the smallest there is

bool Readable(uintptr_t address) {
  constexpr uintptr_t kSetBytes = 8;
  constexpr int kNoHow = -1;
  const uintptr_t word = address & ~(kSetBytes - 1);
  return word != 0 &&
         RawSyscall(SYS_rt_sigprocmask, kNoHow, static_cast<long>(word), 0,
                    kSetBytes) != -EFAULT;
}

bool Writable(uintptr_t address) {
  constexpr uintptr_t kWordBytes = 4;
  constexpr int kLeast = -2048;  // of what it can compare with
  constexpr long kAddNothing =
      FUTEX_OP(FUTEX_OP_ADD, 0, FUTEX_OP_CMP_LT, kLeast);
  uint32_t nobodys = 0;
  const uintptr_t word = address & ~(kWordBytes - 1);
  return RawSyscall(SYS_futex, reinterpret_cast<long>(&nobodys),
                    FUTEX_WAKE_OP | FUTEX_PRIVATE_FLAG, 0, 0,
                    static_cast<long>(word), kAddNothing) >= 0;
}

uintptr_t NextPage(uintptr_t address) {
  return (address | (kPageBytes - 1)) + 1;
}

}  // namespace

int CopyIn(void* to, const void* from, size_t bytes) {
  const auto begin = reinterpret_cast<uintptr_t>(from);
  for (uintptr_t at = begin; at < begin + bytes; at = NextPage(at)) {
    if (!Readable(at)) return EFAULT;
  }
  std::memcpy(to, from, bytes);
  return 0;
}

int CopyOut(void* to, const void* from, size_t bytes) {
  const auto begin = reinterpret_cast<uintptr_t>(to);
  for (uintptr_t at = begin; at < begin + bytes; at = NextPage(at)) {
    if (!Writable(at)) return EFAULT;
  }
  std::memcpy(to, from, bytes);
  return 0;
}

int CopyInString(char* to, const char* from, size_t room) {
  const auto begin = reinterpret_cast<uintptr_t>(from);
  for (size_t i = 0; i < room; ++i) {
    if ((i == 0 || (begin + i) % kPageBytes == 0) && !Readable(begin + i)) {
      return EFAULT;
    }
    to[i] = from[i];
    if (to[i] == '\0') return 0;
  }
  return EINVAL;
}

}  // namespace lt
