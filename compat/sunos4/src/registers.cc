// SPDX-License-Identifier: MIT
//
// Registers of threads that do not run (lwp_getregs, lwp_setregs).
//
// Where a thread stands tells what they are:
//   - it was not begun: its function, the top of its stack and its arguments,
//     or what was set;
//   - a signal has stopped it in code of the program: all of them;
//   - it waits in the library or the C library: where that waits.  The rest is
//     the library's business, and 0.
// Set, they are the interrupted ones at once in the second case.  In the others
// they are kept until the thread is dispatched; a wait in the library is left
// for good then.

#include "registers.h"

#include <algorithm>
#include <cstdlib>
#include <cstring>

#include "parts.h"
#include "ready.h"
#include "run.h"

namespace lwp4 {
namespace {

// Lwp::jump.
struct Jump {
  Registers registers;
  bool begins;  // a function is called, on a fresh stack
};

bool IsBegun(const Lwp& thread) {
  return thread.is_main || thread.carrier_sp != nullptr;
}

#if defined(__x86_64__)

// DWARF's order, and the kernel's.
constexpr int kContextIndex[Registers::kCount] = {
    REG_RAX, REG_RDX, REG_RCX, REG_RBX, REG_RSI, REG_RDI, REG_RBP, REG_RSP,
    REG_R8,  REG_R9,  REG_R10, REG_R11, REG_R12, REG_R13, REG_R14, REG_R15};
constexpr int kArgument[kRegisterArguments] = {
    Registers::kRdi, Registers::kRsi, Registers::kRdx,
    Registers::kRcx, Registers::kR8,  Registers::kR8 + 1};

template <typename Array>
void FromArray(const Array& from, Registers& to) {
  for (int i = 0; i < Registers::kCount; ++i) {
    to.general[i] = static_cast<uintptr_t>(from[kContextIndex[i]]);
  }
  to.pc = static_cast<uintptr_t>(from[REG_RIP]);
  to.sp = static_cast<uintptr_t>(from[REG_RSP]);
  to.flags = static_cast<uintptr_t>(from[REG_EFL]);
}

void FromContext(const mcontext_t& from, Registers& to) {
  FromArray(from.gregs, to);
}

void ToContext(const Registers& from, mcontext_t& to) {
  for (int i = 0; i < Registers::kCount; ++i) {
    to.gregs[kContextIndex[i]] = static_cast<greg_t>(from.general[i]);
  }
  to.gregs[REG_RIP] = static_cast<greg_t>(from.pc);
  to.gregs[REG_RSP] = static_cast<greg_t>(from.sp);
  to.gregs[REG_EFL] = static_cast<greg_t>(from.flags);
}

#else

constexpr int kArgument[kRegisterArguments] = {0, 1, 2, 3, 4, 5, 6, 7};

// thr_getstate's.
template <typename Array>
void FromArray(const Array& from, Registers& to) {
  std::copy_n(from, Registers::kCount, to.general);
  to.sp = from[31];
  to.pc = from[32];
  to.flags = from[33];
}

void FromContext(const mcontext_t& from, Registers& to) {
  std::copy_n(from.regs, Registers::kCount, to.general);
  to.sp = from.sp;
  to.pc = from.pc;
  to.flags = from.pstate;
}

void ToContext(const Registers& from, mcontext_t& to) {
  std::copy_n(from.general, Registers::kCount, to.regs);
  to.sp = from.sp;
  to.pc = from.pc;
  to.pstate = from.flags;
}

#endif

void FromBeginning(const Lwp& thread, Registers& to) {
  to.pc = reinterpret_cast<uintptr_t>(thread.function);
  to.sp = reinterpret_cast<uintptr_t>(thread.arguments);
  const int count = std::min(thread.argument_words, kRegisterArguments);
  for (int i = 0; i < count; ++i) {
    to.general[kArgument[i]] = thread.arguments[i];
  }
}

// Of a thread that waits.
void FromWait(const Lwp& thread, Registers& to) {
  int flag;
  int lwp;
  stack_t stack;
  gregset_t registers = {};
  if (!thread.stopped) thr_suspend(thread.thread);
  if (thr_getstate(thread.thread, &flag, &lwp, &stack, registers) == 0) {
    FromArray(registers, to);
  }
  if (!thread.stopped) thr_continue(thread.thread);
}

void Get(const Lwp& thread, Registers& to) {
  to = {};
  if (thread.jump != nullptr) {
    to = static_cast<const Jump*>(thread.jump)->registers;
  } else if (!IsBegun(thread)) {
    FromBeginning(thread, to);
  } else {
    mutex_lock(&g_stop_lock);
    RegistersOf(thread, to);
    mutex_unlock(&g_stop_lock);
  }
#if defined(__x86_64__)
  to.general[Registers::kStackPointer] = to.sp;
#endif
}

int Set(Lwp& thread, Registers from) {
#if defined(__x86_64__)
  from.general[Registers::kStackPointer] = from.sp;
#endif
  if (thread.stop_context != nullptr) {
    ToContext(from, thread.stop_context->uc_mcontext);
    return 0;
  }
  if (from.pc == 0 || from.sp == 0) return Fail(kInvalidArg);
  if (IsBegun(thread)) {
    // A system call of the program's is not left.
    if (thread.stopped) return Fail(kInvalidArg);
    Registers now;
    Get(thread, now);
    // To go on where it is it needs nothing.
    if (now.pc == from.pc && now.sp == from.sp && thread.jump == nullptr) {
      return 0;
    }
  }
  auto* jump = static_cast<Jump*>(thread.jump);
  if (jump == nullptr) jump = static_cast<Jump*>(malloc(sizeof *jump));
  if (jump == nullptr) return Fail(kNoRoom);
  *jump = {from, !IsBegun(thread)};
  thread.jump = jump;
  AwaitDeaths();
  return 0;
}

// In the thread itself, which has left the library.
void Go(Lwp& self) {
  const Jump jump = *static_cast<const Jump*>(self.jump);
  DropJump(self);
  if (jump.begins)
    lwp4_call(&jump.registers, &self.in_library, self.carrier_sp);
  lwp4_go(&jump.registers);
}

}  // namespace

void RegistersOf(const Lwp& thread, Registers& to) {
  if (thread.stop_context != nullptr) {
    FromContext(thread.stop_context->uc_mcontext, to);
  } else {
    FromWait(thread, to);
  }
}

void DropJump(Lwp& thread) {
  free(thread.jump);
  thread.jump = nullptr;
}

}  // namespace lwp4

LWP4_EXPORT int lwp_getregs(lwp4::Handle tid, lwp4::Registers* registers) {
  lwp4::Primitive primitive;
  if (!primitive) return -1;
  lwp4::Lwp* thread = primitive.FindThread(tid);
  if (thread == nullptr) return lwp4::Fail(lwp4::kNonexist);
  if (registers == nullptr || thread == &primitive.self()) {
    return lwp4::Fail(lwp4::kInvalidArg);
  }
  lwp4::Get(*thread, *registers);
  return 0;
}

LWP4_EXPORT int lwp_setregs(lwp4::Handle tid,
                            const lwp4::Registers* registers) {
  lwp4::Primitive primitive;
  if (!primitive) return -1;
  lwp4::Lwp* thread = primitive.FindThread(tid);
  if (thread == nullptr) return lwp4::Fail(lwp4::kNonexist);
  if (registers == nullptr || thread == &primitive.self()) {
    return lwp4::Fail(lwp4::kInvalidArg);
  }
  lwp4::hooks.jump = lwp4::Go;
  return lwp4::Set(*thread, *registers);
}
