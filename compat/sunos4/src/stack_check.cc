// SPDX-License-Identifier: MIT
//
// Limits of stacks.  CHECK of <lwp/check.h> compares the stack pointer of the
// procedure that it stands in.  A limit for switches is compared when the
// thread is switched out, and a word that was stored there is looked at, which
// tells of a stack that has been past the limit meanwhile.

#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>

#include "parts.h"
#include "registers.h"

namespace lwp4 {
namespace {

// No address, no small number, no text.
constexpr uintptr_t kGuard = 0x9c3ad51e86f2b7c9;

// Of Lwp::spare.
constexpr int kSwitchLimit = 0;

uintptr_t StackPointer(const Lwp& thread) {
  if (&thread == t_self) {
    return reinterpret_cast<uintptr_t>(__builtin_frame_address(0));
  }
  // The helper switches, and holds the lock.
  Registers registers = {};
  RegistersOf(thread, registers);
  return registers.sp;
}

[[noreturn]] void Abort() {
  constexpr char kText[] =
      "liblwp: a thread has passed the limit of its stack\n";
  static_cast<void>(
      !syscall(SYS_write, STDERR_FILENO, kText, sizeof kText - 1));
  abort();
}

// Stores the guard value.  False: there is no memory to be written.
bool StoreGuard(char* at) {
  const int error = errno;
  uintptr_t guard = kGuard;
  iovec from = {&guard, sizeof guard};
  iovec to = {at, sizeof guard};
  const long stored =
      syscall(SYS_process_vm_writev, getpid(), &from, 1, &to, 1, 0);
  const bool fault = stored < 0 && errno == EFAULT;
  errno = error;
  if (fault) return false;
  // Or the kernel does not let us ask.
  if (stored != static_cast<long>(sizeof guard)) {
    memcpy(at, &guard, sizeof guard);
  }
  return true;
}

int SetSwitchLimit(Lwp& thread, char* limit) {
  if (limit != nullptr) {
    const uintptr_t up = alignof(uintptr_t) - 1;
    limit = reinterpret_cast<char*>((reinterpret_cast<uintptr_t>(limit) + up) &
                                    ~up);
    if (!StoreGuard(limit)) return Fail(kInvalidArg);
    AwaitSwitches();
  }
  thread.spare[kSwitchLimit] = limit;
  return 0;
}

}  // namespace

void CheckStack(Lwp& before) {
  const char* limit = static_cast<const char*>(before.spare[kSwitchLimit]);
  if (limit == nullptr) return;
  uintptr_t guard;
  memcpy(&guard, limit, sizeof guard);
  if (guard != kGuard ||
      StackPointer(before) < reinterpret_cast<uintptr_t>(limit)) {
    Abort();
  }
}

}  // namespace lwp4

LWP4_EXPORT int lwp_checkstkset(lwp4::Handle tid, char* limit) {
  lwp4::Primitive primitive;
  if (!primitive) return -1;
  lwp4::Lwp* thread = primitive.FindThread(tid);
  if (thread == nullptr) return lwp4::Fail(lwp4::kNonexist);
  thread->stack_limit = limit;
  return 0;
}

LWP4_EXPORT int lwp_stkcswset(lwp4::Handle tid, char* limit) {
  lwp4::Primitive primitive;
  if (!primitive) return -1;
  lwp4::Lwp* thread = primitive.FindThread(tid);
  if (thread == nullptr) return lwp4::Fail(lwp4::kNonexist);
  return lwp4::SetSwitchLimit(*thread, limit);
}

LWP4_EXPORT int __lwp_stkpassed() {
  const lwp4::Lwp* self = lwp4::t_self;
  return self != nullptr && self->stack_limit != nullptr &&
         static_cast<char*>(__builtin_frame_address(0)) < self->stack_limit;
}
