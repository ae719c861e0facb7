// SPDX-License-Identifier: MIT
//
// Whatever changes the mask of the calling thread, jumps out of handlers among
// it: the C library's own functions would tell the kernel only.

// Checked headers define one of the jumps by another's name.
#undef _FORTIFY_SOURCE

#include <ucontext.h>

#include <csetjmp>
#include <csignal>
#include <cstring>

#include "api/entry.h"
#include "base/sanitizer.h"
#include "base/signal_set.h"
#include "interpose/real.h"
#include "lwp/alternate_stack.h"
#include "process/mask.h"
#include "process/sigwait.h"
#include "sched/pin.h"

namespace {

void BeforeJump(const __jmp_buf_tag* place) {
  lt::Thread* self = lt::Current();
  // A handler on the LWP's signal stack is left for good.
  if (self != nullptr && self->pinned_by_handler) {
    lt::PinForHandler(*self, false);
  }
  if (place->__mask_was_saved != 0) {
    sigset_t mask;
    static_assert(sizeof mask == sizeof place->__saved_mask);
    __builtin_memcpy(&mask, &place->__saved_mask, sizeof mask);
    lt::ReplaceMask(lt::ToKernelSet(mask));
  }
}

// `to`, or a copy of it that does not block what must not be blocked.
const ucontext_t* Bearable(const ucontext_t* to, ucontext_t& copy) {
  const uint64_t mask = lt::ToKernelSet(to->uc_sigmask);
  if ((mask & lt::NeverBlocked()) == 0) return to;
  std::memcpy(&copy, to, sizeof copy);
  lt::FromKernelSet(mask & ~lt::NeverBlocked(), copy.uc_sigmask);
  return &copy;
}

}  // namespace

LT_EXPORT int sigprocmask(int how, const sigset_t* set, sigset_t* before) {
  return lt::ReturnError(lt::ChangeMask(how, set, before));
}

LT_EXPORT int pthread_sigmask(int how, const sigset_t* set, sigset_t* before) {
  return lt::ChangeMask(how, set, before);
}

// 4.2BSD's: the first 32 signals as a number.

LT_EXPORT int sigblock(int mask) {
  const uint64_t before = lt::CurrentMask();
  lt::ReplaceMask(before | static_cast<uint32_t>(mask));
  return static_cast<int>(before);
}

LT_EXPORT int sigsetmask(int mask) {
  const uint64_t before = lt::CurrentMask();
  lt::ReplaceMask(static_cast<uint32_t>(mask));
  return static_cast<int>(before);
}

LT_EXPORT int siggetmask() {
  return static_cast<int>(lt::CurrentMask());
}

LT_EXPORT int sigpending(sigset_t* set) {
  lt::Thread* self = lt::Current();
  if (self != nullptr && self->lwp != nullptr) {
    lt::FromKernelSet(lt::PendingSignals(*self), *set);
    return 0;
  }
  uint64_t pending = 0;
  lt::RawSyscall(SYS_rt_sigpending, reinterpret_cast<long>(&pending),
                 lt::kKernelSetBytes);
  lt::FromKernelSet(pending, *set);
  return 0;
}

LT_EXPORT void longjmp(__jmp_buf_tag* place, int value) {
  BeforeJump(place);
  LT_REAL(longjmp)(place, value);
  __builtin_unreachable();
}

LT_EXPORT void siglongjmp(__jmp_buf_tag* place, int value) {
  BeforeJump(place);
  LT_REAL(siglongjmp)(place, value);
  __builtin_unreachable();
}

LT_EXPORT void _longjmp(__jmp_buf_tag* place, int value) {
  BeforeJump(place);
  LT_REAL(_longjmp)(place, value);
  __builtin_unreachable();
}

LT_EXPORT void __longjmp_chk(__jmp_buf_tag* place, int value) {
  BeforeJump(place);
  LT_REAL(__longjmp_chk)(place, value);
  __builtin_unreachable();
}

// The C library gives the kernel the context's mask as it is, with it the
// signals that the library needs.  So a context that blocks these is copied.
LT_EXPORT int setcontext(const ucontext_t* to) {
  lt::ReplaceMask(lt::ToKernelSet(to->uc_sigmask));
  ucontext_t copy;
  return LT_REAL(setcontext)(Bearable(to, copy));
}

LT_EXPORT int swapcontext(ucontext_t* from, const ucontext_t* to) {
  const uint64_t before = lt::CurrentMask();
  lt::ReplaceMask(lt::ToKernelSet(to->uc_sigmask));
  ucontext_t copy;
  const int result = LT_REAL(swapcontext)(from, Bearable(to, copy));
  // Somebody came back here: with the mask that was in force when it left.
  lt::ReplaceMask(before);
  return result;
}

// The signal stack belongs to the LWP.  What an unbound thread sets is kept for
// it to ask for; its handlers with SA_ONSTACK run on the LWP's own stack.
// AddressSanitizer asks for it while a thread is unwound, on frames that it
// believes to be gone, ThreadSanitizer before it is ready.
LT_EXPORT LT_UNINSTRUMENTED int sigaltstack(const stack_t* stack,
                                            stack_t* before) {
  lt::Thread* self = lt::t_self;
  if (self == nullptr) {
    const long error =
        lt::RawSyscall(SYS_sigaltstack, reinterpret_cast<long>(stack),
                       reinterpret_cast<long>(before));
    return error == 0 ? 0 : lt::ReturnError(static_cast<int>(-error));
  }
  if (self->lwp != nullptr) {
    const stack_t old = self->signal_stack;
    if (stack != nullptr) {
      if (stack->ss_size < static_cast<size_t>(MINSIGSTKSZ) &&
          (stack->ss_flags & SS_DISABLE) == 0) {
        return lt::ReturnError(ENOMEM);
      }
      self->signal_stack = *stack;
    }
    if (before != nullptr) {
      *before = old;
      if (old.ss_size == 0) before->ss_flags = SS_DISABLE;
    }
    return 0;
  }
  stack_t old = {};
  const long error =
      lt::RawSyscall(SYS_sigaltstack, reinterpret_cast<long>(stack),
                     reinterpret_cast<long>(&old));
  if (error != 0) return lt::ReturnError(static_cast<int>(-error));
  if (before != nullptr) {
    *before = old;
    if (lt::IsLibrarysStack(old)) *before = {nullptr, SS_DISABLE, 0};
  }
  return 0;
}
