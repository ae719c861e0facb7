// SPDX-License-Identifier: MIT

#include "arch/start_context.h"

#include <cstring>

#if defined(__aarch64__)
#include <asm/sigcontext.h>
#endif

namespace lt {
namespace {

constexpr uintptr_t kStackAlignment = 16;

uintptr_t Word(const void* pointer) {
  return reinterpret_cast<uintptr_t>(pointer);
}

#if defined(__x86_64__)

constexpr uint16_t kControl = 0x37f;  // of the x87: what processes begin with
constexpr uint32_t kMxcsr = 0x1f80;

// What setcontext(3) loads: the first 28 bytes are those of an fldenv
// instruction, but for the last four, which are MXCSR.
struct Environment {
  uint16_t control;
  uint16_t unused_control;
  uint16_t status;
  uint16_t unused_status;
  uint16_t tags;  // all ones: no register is in use
  uint16_t unused_tags;
  uint32_t addresses[3];
  uint32_t mxcsr;
};
static_assert(sizeof(Environment) == 28);

void SetFloatingPoint(ucontext_t& context, uint16_t control, uint32_t mxcsr) {
  Environment state = {};
  state.control = control;
  state.tags = 0xffff;
  state.mxcsr = mxcsr;
  std::memset(&context.__fpregs_mem, 0, sizeof context.__fpregs_mem);
  std::memcpy(&context.__fpregs_mem, &state, sizeof state);
  context.uc_mcontext.fpregs = &context.__fpregs_mem;
}

#else

void SetFloatingPoint(ucontext_t& context, uint32_t control) {
  fpsimd_context state = {};
  state.head.magic = FPSIMD_MAGIC;
  state.head.size = sizeof state;
  state.fpcr = control;
  // The record behind it is zero: the last one.
  auto& records = context.uc_mcontext.__reserved;
  std::memset(&records, 0, sizeof state + sizeof(_aarch64_ctx));
  std::memcpy(&records, &state, sizeof state);
}

#endif

}  // namespace

#if defined(__x86_64__)

void FillStartContext(ucontext_t& context, char* high,
                      void (*entry)(void*, void*, void*), void* a, void* b,
                      void* c) {
  // Where a call has left its return address: nowhere.
  uintptr_t sp = (Word(high) & ~(kStackAlignment - 1)) - sizeof(void*);
  *reinterpret_cast<void**>(sp) = nullptr;
  auto& registers = context.uc_mcontext.gregs;
  std::memset(registers, 0, sizeof registers);
  registers[REG_RIP] = reinterpret_cast<greg_t>(entry);
  registers[REG_RSP] = static_cast<greg_t>(sp);
  registers[REG_RDI] = reinterpret_cast<greg_t>(a);
  registers[REG_RSI] = reinterpret_cast<greg_t>(b);
  registers[REG_RDX] = reinterpret_cast<greg_t>(c);
  SetFloatingPoint(context, kControl, kMxcsr);
}

void AdoptContext(ucontext_t& copy) {
  const bool has_state = copy.uc_mcontext.fpregs != nullptr;
  Environment state;
  std::memcpy(&state, &copy.__fpregs_mem, sizeof state);
  // A signal frame's ucontext_t has its state elsewhere, and here whatever.
  // Bits that no control word has, or always has, tell.
  constexpr uint16_t kFixedBits = 0xe0c0;
  constexpr uint16_t kFixedValue = 0x0040;
  constexpr uint32_t kNoMxcsr = 0xffff0000;
  if (has_state && (state.control & kFixedBits) == kFixedValue &&
      (state.mxcsr & kNoMxcsr) == 0) {
    SetFloatingPoint(copy, state.control, state.mxcsr);
  } else {
    SetFloatingPoint(copy, kControl, kMxcsr);
  }
}

uintptr_t StackPointer(const ucontext_t& context) {
  return static_cast<uintptr_t>(context.uc_mcontext.gregs[REG_RSP]);
}

#else

void FillStartContext(ucontext_t& context, char* high,
                      void (*entry)(void*, void*, void*), void* a, void* b,
                      void* c) {
  mcontext_t& registers = context.uc_mcontext;
  std::memset(registers.regs, 0, sizeof registers.regs);
  registers.regs[0] = Word(a);
  registers.regs[1] = Word(b);
  registers.regs[2] = Word(c);
  registers.sp = Word(high) & ~(kStackAlignment - 1);
  registers.pc = reinterpret_cast<uintptr_t>(entry);
  registers.pstate = 0;
  registers.fault_address = 0;
  SetFloatingPoint(context, 0);
}

void AdoptContext(ucontext_t& copy) {
  fpsimd_context state;
  std::memcpy(&state, &copy.uc_mcontext.__reserved, sizeof state);
  const bool has_state =
      state.head.magic == FPSIMD_MAGIC && state.head.size == sizeof state;
  SetFloatingPoint(copy, has_state ? state.fpcr : 0);
}

uintptr_t StackPointer(const ucontext_t& context) {
  return context.uc_mcontext.sp;
}

#endif

}  // namespace lt
