// SPDX-License-Identifier: MIT
//
// From a pthread_t to the thread.
//
// A pthread_t is the address of a control block, and each block has the
// library's pointer to its thread at the same place.  Of unbound threads blocks
// live as long as the process, so an old handle does no harm; of kernel threads
// they live until the join, as POSIX has it.  No handle lies below 4 GiB: a
// number there is a thread_t.

#ifndef LIBTHREAD_THREAD_HANDLE_H_
#define LIBTHREAD_THREAD_HANDLE_H_

#include <pthread.h>

#include <cstdint>

#include "sched/thread.h"

namespace lt {

// What there is to know of a thread for those that are not the thread.
struct ThreadView {
  bool unbound;
  bool adopted;  // the library met it at its first call; libc joins it
  bool detached;
  char* stack_low;  // null: the C library knows
  char* stack_high;
  pthread_t pthread;  // of its kernel thread, unless it is unbound
};

// False for a kernel thread that the library does not know: the C library's
// business.  Else `id` is that of the thread, or of none any more.
bool FindId(pthread_t handle, uint32_t& id);

// ESRCH when there is no thread `id`, be it a zombie.
[[nodiscard]] int LookAt(uint32_t id, ThreadView& view);

// Notes that the thread is to be cancelled and makes it notice.  ESRCH.
[[nodiscard]] int CancelThread(Thread& self, uint32_t id);

}  // namespace lt

#endif  // LIBTHREAD_THREAD_HANDLE_H_
