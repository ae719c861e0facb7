// SPDX-License-Identifier: MIT
//
// The C library's per-thread data for threads that the C library did not make.
//
// An unbound thread owns a glibc thread control block (TCB) and a static TLS
// block like any pthread; the scheduler switches the thread pointer with the
// stack.  So errno, __thread variables, exceptions in flight, pthread keys,
// locale and the owner of a FILE lock belong to the thread and follow it from
// LWP to LWP, and code that was never written for this system runs unchanged.
//
// How a block comes to be.  At start-up one ordinary pthread, the *template*,
// is made and copied before it has done anything: its TCB and libc's own TLS.
// A new block takes DTV and the images of all other modules from the dynamic
// linker (_dl_allocate_tls on our memory) and the rest from that copy, where
// every word that points into the template's block is moved to the new one.
//
// Each block has an invented kernel-thread id of its own, above the kernel's
// largest: recursive and error-checking pthread mutexes, the dynamic linker's
// lock among them, compare owners by it.
//
// The private names of the C library are looked up at run time.  Where one is
// missing, or the layout is not the one expected, TlsStart() says so and the
// library falls back to one-to-one.
//
// A block lives as long as the process; it is recycled for later threads.

#ifndef LIBTHREAD_ARCH_TLS_H_
#define LIBTHREAD_ARCH_TLS_H_

#include <pthread.h>

#include <cstddef>
#include <cstdint>

namespace lt {

// Takes the copy of the template.  Returns 0; EAGAIN when no kernel thread is
// to be had just now; ENOTSUP when it cannot be done here, for the reason in
// `why`. Called by one thread, before all else here.
[[nodiscard]] int TlsStart(const char*& why);

// Bytes that a block needs below its top; 0 before TlsStart().
size_t TlsBytes();

// What the C library's own threads need below the top of their stacks: control
// block and TLS of all modules, a page rounded up.  At any time.
size_t StaticTlsBytes();

// Builds a block right below `top` (aligned to 64).  Returns its thread
// pointer, or 0 when there is no memory.
uintptr_t TlsCreate(char* top);

// Tells the C library where the stack of the block's thread is.
void TlsSetStack(uintptr_t tp, char* low, size_t bytes);

// The end of a thread, on the thread itself: thread_local destructors and the
// destructors of pthread keys.  Runs user code.
void TlsRunDestructors();

// False when the calling thread has nothing for TlsRunDestructors() to do.
bool TlsHasDestructors();

// Makes free, on the thread itself, the robust pthread mutexes that it still
// holds: their next lockers get EOWNERDEAD.  The kernel does that for its own
// threads only.
void TlsReleaseRobust();

// The pthread_t that pthread_self() gives on the block's thread.
pthread_t TlsHandle(uintptr_t tp);

// Makes a dead thread's block as good as new: other modules' variables at
// their initial values, dynamic TLS freed.  libc's own part is kept (its malloc
// cache would be lost) unless `unwound` says that the thread left through
// pthread_exit, which marks the TCB as dying.
void TlsRecycle(uintptr_t tp, bool unwound);

// Takes back the restartable-sequences registration of the calling kernel
// thread: its area is in a block that may be switched to another one.
void TlsDropRseq();

}  // namespace lt

#endif  // LIBTHREAD_ARCH_TLS_H_
