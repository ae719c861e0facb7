// SPDX-License-Identifier: MIT
//
// The context switch: Boost.Context's jump plus the thread pointer.
//
// A context is an opaque saved stack pointer.  The payload of a jump travels
// to whoever runs next on this LWP; see sched/switch.h for what it carries.
//
// Floating-point flags: a new context inherits the control word and the sticky
// flags of its creator.  Two sides whose flags differ pay some 80 ns a switch.

#ifndef LIBTHREAD_ARCH_CONTEXT_H_
#define LIBTHREAD_ARCH_CONTEXT_H_

#include <boost/context/detail/fcontext.hpp>
#include <cstddef>
#include <cstdint>

#include "arch/thread_pointer.h"

namespace lt {

using Context = boost::context::detail::fcontext_t;
using Arrival = boost::context::detail::transfer_t;

// An entry function must never return: fcontext would end the process with
// status 0 and no word.  Entries end in LT_NO_RETURN_FROM_ENTRY.
using ContextEntry = void (*)(Arrival);

inline Context MakeContext(void* stack_high, size_t bytes, ContextEntry entry) {
  return boost::context::detail::make_fcontext(stack_high, bytes, entry);
}

// Leaves the running flow of control for `to`, whose thread pointer is `tp`.
// Returns when somebody jumps back; the caller's thread pointer is then set
// again, by whoever jumped.  Between the two instructions below only registers
// are used: no thread-local storage, no stack protector.
inline Arrival Jump(Context to, uintptr_t tp, void* payload) {
  WriteThreadPointer(tp);
  return boost::context::detail::jump_fcontext(to, payload);
}

}  // namespace lt

// First statement of an entry function: debuggers and unwinders stop here.
#if defined(__x86_64__)
#define LT_OUTERMOST_FRAME() __asm__ volatile(".cfi_undefined rip")
#else
#define LT_OUTERMOST_FRAME() __asm__ volatile(".cfi_undefined x30")
#endif

#endif  // LIBTHREAD_ARCH_CONTEXT_H_
