// SPDX-License-Identifier: MIT
//
// The registers with which a kernel thread begins, in a ucontext_t: those of
// _lwp_makecontext(2), or of anybody else.
//
// A ucontext_t is copied by whoever hands it on.  On x86-64 it says where its
// floating-point state lies, which is in itself; in a copy that is elsewhere.

#ifndef LIBTHREAD_ARCH_START_CONTEXT_H_
#define LIBTHREAD_ARCH_START_CONTEXT_H_

#include <ucontext.h>

#include <cstdint>

namespace lt {

// Sets all of the registers: entry(a, b, c) on an empty stack below `high`, as
// if called from nowhere, with the floating-point state that programs begin
// with.  Touches nothing else.
void FillStartContext(ucontext_t& context, char* high,
                      void (*entry)(void*, void*, void*), void* a, void* b,
                      void* c);

// For a copy that setcontext(3) is to load: the control registers of the
// floating-point state are kept, if they are such, and the rest of it is empty.
void AdoptContext(ucontext_t& copy);

uintptr_t StackPointer(const ucontext_t& context);

}  // namespace lt

#endif  // LIBTHREAD_ARCH_START_CONTEXT_H_
