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
#include "base/watch.h"
#include "sync/objects.h"
#include "thread/cancel.h"

namespace lt {

inline constexpr uint32_t kSemaMost = 0x7fffffff;  // SEM_VALUE_MAX

// The word of a semaphore: the count, above it the type, above that the magic.
inline constexpr int kSemaTypeShift = 32;
// In the type of a private semaphore: threads sleep, or slept.
inline constexpr uint16_t kSemaSleepers = 0x8000;

inline uint32_t SemaCount(uint64_t word) {
  return static_cast<uint32_t>(word);
}
inline uint16_t SemaType(uint64_t word) {
  return static_cast<uint16_t>(word >> kSemaTypeShift);
}
// One compare-exchange is all there is to do: a private semaphore on which
// nobody sleeps, and that nobody watches.
inline bool SemaIsPlain(uint64_t word) {
  return (SemaType(word) | g_watch) == 0;
}

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

// Takes a unit of a plain semaphore, if one is there.
inline bool SemaTake(Sema& sema) {
  uint64_t word = sema.word.load(std::memory_order_relaxed);
  while (SemaIsPlain(word) && SemaCount(word) != 0) {
    // Acquire: pairs with the release in SemaPost().
    if (ABSL_PREDICT_TRUE(sema.word.compare_exchange_weak(
            word, word - 1, std::memory_order_acquire,
            std::memory_order_relaxed))) {
      return true;
    }
  }
  return false;
}

// A cancellation point.
[[nodiscard]] inline int SemaWait(Sema& sema, Limit limit,
                                  const timespec* time) {
  const Thread* self = Current();
  if (ABSL_PREDICT_TRUE(self != nullptr && !MayBeCancelled(*self) &&
                        SemaTake(sema))) {
    return 0;
  }
  return SemaWaitSlow(sema, limit, time);
}

[[nodiscard]] inline int SemaTryWait(Sema& sema) {
  if (ABSL_PREDICT_TRUE(SemaTake(sema))) return 0;
  return SemaTryWaitSlow(sema);
}

// One atomic on the object, and no touch afterwards: somebody else may take the
// unit, destroy the semaphore and free it at once.
[[nodiscard]] inline int SemaPost(Sema& sema) {
  uint64_t word = sema.word.load(std::memory_order_relaxed);
  while (ABSL_PREDICT_TRUE(SemaIsPlain(word) && SemaCount(word) < kSemaMost)) {
    if (ABSL_PREDICT_TRUE(sema.word.compare_exchange_weak(
            word, word + 1, std::memory_order_release,
            std::memory_order_relaxed))) {
      return 0;
    }
  }
  return SemaPostSlow(sema);
}

}  // namespace lt

#endif  // LIBTHREAD_SYNC_SEMA_H_
