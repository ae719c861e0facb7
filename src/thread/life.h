// SPDX-License-Identifier: MIT
//
// The life of a thread: made, run, ended, joined.
//
// INV-LI1: a thread object goes back to the cache exactly once: by the joiner
//   that took it out of the registry, or, detached, by its own end.  It is then
//   on no LWP: an unbound thread's end is published by whoever runs next
//   (sched/switch.h), a bound one's kernel thread is waited for first.
// INV-LI2: a thread nobody waits for by id is in the departed list from the
//   moment it is a zombie until somebody takes it from there.

#ifndef LIBTHREAD_THREAD_LIFE_H_
#define LIBTHREAD_THREAD_LIFE_H_

#include <cstddef>
#include <cstdint>

#include "sched/thread.h"

namespace lt {

// What thr_create was asked for; arguments are checked already.
struct Birth {
  char* stack_low = nullptr;  // the caller's, or null
  size_t stack_bytes = 0;     // of the caller's, or wished for
  void* (*start)(void*) = nullptr;
  void* arg = nullptr;
  uint32_t flags = 0;  // THR_*
  bool bound = false;
  bool detached = false;
  bool daemon = false;
  bool suspended = false;
};

// Makes a thread; writes its id to `id`, if not null, before it can run.
// Returns 0, EAGAIN or ENOMEM.
[[nodiscard]] int CreateThread(Thread& self, const Birth& birth, uint32_t* id);

// Ends the calling thread: unwinds its stack, then runs destructors.
[[noreturn]] void ExitThread(Thread& self, void* status);

// Waits for the thread `id` (0: any) to end; see thr_join(3) for the errors.
[[nodiscard]] int JoinThread(Thread& self, uint32_t id, uint32_t* departed,
                             void** status);

// Starts a thread that was made suspended.  ESRCH when there is none.
[[nodiscard]] int ContinueThread(uint32_t id);

// Ends the thread: publishes that it is gone and leaves the LWP.  Called at the
// end of the thread's entry code, all destructors run.
[[noreturn]] void Depart(Thread& self);
// The same for a bound thread, which returns to the C library afterwards.
void PublishBoundEnd(Thread& self);

}  // namespace lt

#endif  // LIBTHREAD_THREAD_LIFE_H_
