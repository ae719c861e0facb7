// SPDX-License-Identifier: MIT
//
// Threads that are free, with their stacks and TLS blocks: what thr_create
// takes and what a joined or detached thread returns to.
//
// A dead unbound thread goes to the cache of the LWP where that was noticed,
// warm for the next thr_create there; past WarmList::kMost to the list of its
// size class; past 1024 there with its stack pages given back to the kernel.
// STACK_CACHE limits both together instead.

#ifndef LIBTHREAD_THREAD_CACHE_H_
#define LIBTHREAD_THREAD_CACHE_H_

#include <cstddef>

#include "sched/thread.h"

namespace lt {

// Bytes that a stack gets on top of what was asked for: the frames of the entry
// code and room for a signal frame.
size_t StackOverheadBytes();

// Bytes at the top of a block that TLS takes.
size_t TlsRoom();

// A bound thread's entry frames and what the C library does after its end lie
// above this gap, so that the frames that were live at thr_exit stay whole.
inline constexpr size_t kBoundGapBytes = 16 * 1024;

// A thread of `kind` in state kEmbryo.  `stack_low` is the caller's stack of
// `stack_bytes`, or null for the library's own with at least that many usable
// bytes.  Returns 0, ENOMEM or EAGAIN (see CarveStack).
[[nodiscard]] int TakeThread(Kind kind, char* stack_low, size_t stack_bytes,
                             Thread*& result);

// A thread object without stack, for an adopted kernel thread.  Null: no
// memory.
Thread* TakeForeignThread();

// Takes back a thread that is in no registry and on no LWP.
void ReturnThread(Thread& thread);

}  // namespace lt

#endif  // LIBTHREAD_THREAD_CACHE_H_
