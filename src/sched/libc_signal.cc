// SPDX-License-Identifier: MIT

#include "sched/libc_signal.h"

#include <csignal>
#include <cstdint>

#include "arch/thread_pointer.h"
#include "base/syscall.h"
#include "sched/pool.h"
#include "sched/thread.h"

namespace lt {
namespace {

constexpr int kSetxidSignal = 33;  // glibc's SIGSETXID: sigaction refuses it
constexpr long kMaskBytes = 8;     // the kernel's signal set

using Handler = void (*)(int, siginfo_t*, void*);

// struct sigaction as the kernel has it.
struct KernelAction {
  Handler handler;
  unsigned long flags;
#if defined(__x86_64__)
  void (*restorer)();
#endif
  uint64_t mask;
};

Handler g_libc_handler;

void OnLibcSignal(int signal, siginfo_t* info, void* context) {
  const Thread* self = Current();
  const PoolLwp* lwp = self == nullptr ? nullptr : self->lwp;
  if (lwp == nullptr) {
    g_libc_handler(signal, info, context);
    return;
  }
  const uintptr_t tp = ReadThreadPointer();
  WriteThreadPointer(lwp->native_tp);
  g_libc_handler(signal, info, context);
  WriteThreadPointer(tp);
}

}  // namespace

void WrapLibcSignal() {
  KernelAction action;
  if (RawSyscall(SYS_rt_sigaction, kSetxidSignal, 0,
                 reinterpret_cast<long>(&action), kMaskBytes) != 0) {
    return;
  }
  constexpr uintptr_t kDefaultOrIgnore = 1;
  const auto handler = reinterpret_cast<uintptr_t>(action.handler);
  if (handler <= kDefaultOrIgnore || action.handler == OnLibcSignal) return;
  g_libc_handler = action.handler;
  action.handler = OnLibcSignal;
  RawSyscall(SYS_rt_sigaction, kSetxidSignal, reinterpret_cast<long>(&action),
             0, kMaskBytes);
}

}  // namespace lt
