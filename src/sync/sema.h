// SPDX-License-Identifier: MIT
//
// Counting semaphores: the entries for those of every kind, and the private
// one, for threads of one process.

#ifndef LIBTHREAD_SYNC_SEMA_H_
#define LIBTHREAD_SYNC_SEMA_H_

#include <time.h>

#include <cerrno>

#include "absl/base/optimization.h"
#include "base/clock.h"
#include "sync/objects.h"
#include "sync/sema_word.h"
#include "thread/cancel.h"

namespace lt {

// How a wait is limited: looked at only when the caller would have to sleep.
enum class Limit { kNone, kTimeOfDay, kInterval };

// False for a bad time.
[[nodiscard]] bool ToDeadline(Limit limit, const timespec* time,
                              Deadline& deadline);

// The entries, for the semaphores that are not plain.  0, ETIME, EINTR (a
// handler of a signal has run), EINVAL (a bad timespec, and no unit is there).
// Blocks the thread.
[[nodiscard]] int SemaWaitSlow(Sema& sema, Limit limit, const timespec* time);
[[nodiscard]] int SemaTryWaitSlow(Sema& sema);  // EBUSY
[[nodiscard]] int SemaPostSlow(Sema& sema);     // EOVERFLOW

// By the type of the semaphore, whoever watches (watch.h).
[[nodiscard]] int SemaWaitOfKind(Thread& self, Sema& sema, Limit limit,
                                 const timespec* time);
[[nodiscard]] int SemaTryWaitOfKind(Sema& sema);

// A cancellation point.
[[nodiscard]] inline int SemaWait(Sema& sema, Limit limit,
                                  const timespec* time) {
  const Thread* self = Current();
  if (ABSL_PREDICT_TRUE(self != nullptr && !MayBeCancelled(*self) &&
                        PrivateSema::TakePlain(sema))) {
    return 0;
  }
  return SemaWaitSlow(sema, limit, time);
}

[[nodiscard]] inline int SemaTryWait(Sema& sema) {
  if (ABSL_PREDICT_TRUE(PrivateSema::TakePlain(sema))) return 0;
  return SemaTryWaitSlow(sema);
}

[[nodiscard]] inline int SemaPost(Sema& sema) {
  return ABSL_PREDICT_TRUE(PrivateSema::PostPlain(sema)) ? 0
                                                         : SemaPostSlow(sema);
}

}  // namespace lt

#endif  // LIBTHREAD_SYNC_SEMA_H_
