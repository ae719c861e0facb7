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

#include "base/clock.h"
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
  // An LWP of _lwp_create(2), which begins with these registers on the stack
  // that they say; the rest but the three flags above does not count.
  const ucontext_t* context = nullptr;
  pthread_t* handle = nullptr;  // where to write that of an unbound thread
};

// Makes a thread or an LWP; writes its id to `id`, if not null, before it can
// run. Returns 0, EAGAIN or ENOMEM.
[[nodiscard]] int CreateThread(Thread& self, const Birth& birth, uint32_t* id);

// Makes a kernel thread of the program's pthread_create known as it is made.
// `attr` may be null; what it says of being detached is in `birth`.  Returns
// what the C library returns, or EAGAIN.
[[nodiscard]] int CreateForeign(Thread& self, const Birth& birth,
                                const pthread_attr_t* attr, pthread_t* handle);

// Ends the calling thread: unwinds its stack, then runs destructors.
[[noreturn]] void ExitThread(Thread& self, void* status);

// Waits for the thread `id` (0: any) to end; see thr_join(3) for the errors.
// EINTR: the caller is to act on its cancellation.
[[nodiscard]] int JoinThread(Thread& self, uint32_t id, uint32_t* departed,
                             void** status);
// The same for LWPs of _lwp_create(2) only; see _lwp_wait(2).  EINTR: a handler
// has run.
[[nodiscard]] int WaitForLwp(Thread& self, uint32_t id, uint32_t* departed);

// The same with a deadline: ETIMEDOUT when it passed, EINTR when the caller is
// to act on its cancellation.
[[nodiscard]] int JoinThreadUntil(Thread& self, uint32_t id, Deadline deadline,
                                  void** status);

// Nobody can join the thread any more; ESRCH, or EINVAL when that is so
// already.
[[nodiscard]] int DetachThread(Thread& self, uint32_t id);

// The end of a thread begins: no handler of the program runs on it any more.
void BlockSignals(Thread& self);

// Ends the thread: publishes that it is gone and leaves the LWP.  Called at the
// end of the thread's entry code, all destructors run.
[[noreturn]] void Depart(Thread& self);
// The same for a bound or foreign thread, which returns to the C library
// afterwards.
void PublishBoundEnd(Thread& self);

}  // namespace lt

#endif  // LIBTHREAD_THREAD_LIFE_H_
