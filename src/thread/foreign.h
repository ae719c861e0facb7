// SPDX-License-Identifier: MIT
//
// Kernel threads of the program's pthread_create: pthreads to the C library,
// threads with an id to this one.

#ifndef LIBTHREAD_THREAD_FOREIGN_H_
#define LIBTHREAD_THREAD_FOREIGN_H_

#include <pthread.h>

#include "sched/thread.h"

namespace lt {

// At start-up.  0, or an error number when there are no pthread keys.
[[nodiscard]] int MakeForeignKey();

// Makes the kernel thread of `thread`, which is registered, by the C library's
// pthread_create.
[[nodiscard]] int StartForeign(Thread& thread, const pthread_attr_t* attr,
                               pthread_t* handle);

// A sanitizer's runtime is in the process: it follows each pthread from its
// making to its join, and wants no other to do that.
bool SanitizerAtWork();

}  // namespace lt

#endif  // LIBTHREAD_THREAD_FOREIGN_H_
