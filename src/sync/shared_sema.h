// SPDX-License-Identifier: MIT
//
// Semaphores of USYNC_PROCESS type.  (And lwp_sema_t, which is laid out alike.)

#ifndef LIBTHREAD_SYNC_SHARED_SEMA_H_
#define LIBTHREAD_SYNC_SHARED_SEMA_H_

#include "sync/sema.h"

namespace lt {

// As SemaWait(), SemaTryWait() and SemaPost().
[[nodiscard]] int SharedSemaWait(Thread& self, Sema& sema, Limit limit,
                                 const timespec* time);
[[nodiscard]] int SharedSemaTryWait(Sema& sema);
[[nodiscard]] int SharedSemaPost(Sema& sema);

}  // namespace lt

#endif  // LIBTHREAD_SYNC_SHARED_SEMA_H_
