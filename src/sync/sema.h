// SPDX-License-Identifier: MIT
//
// Counting semaphores for threads of one process.

#ifndef LIBTHREAD_SYNC_SEMA_H_
#define LIBTHREAD_SYNC_SEMA_H_

#include <time.h>

#include "base/clock.h"
#include "sync/objects.h"

namespace lt {

inline constexpr uint32_t kSemaMost = 0x7fffffff;  // SEM_VALUE_MAX

// How a wait is limited: looked at only when the caller would have to sleep.
enum class Limit { kNone, kTimeOfDay, kInterval };

// False for a bad time.
[[nodiscard]] bool ToDeadline(Limit limit, const timespec* time,
                              Deadline& deadline);

// 0, ETIME, EINTR (a handler of a signal has run), EINVAL (a bad timespec, and
// no unit is there).  Blocks the thread.
[[nodiscard]] int SemaWait(Thread& self, Sema& sema, Limit limit,
                           const timespec* time);
[[nodiscard]] int SemaTryWait(Thread& self, Sema& sema);  // EBUSY
[[nodiscard]] int SemaPost(Thread& self, Sema& sema);     // EOVERFLOW

}  // namespace lt

#endif  // LIBTHREAD_SYNC_SEMA_H_
