// SPDX-License-Identifier: MIT
//
// Count, type and magic are changed as one word of 64 bits.  The upper byte of
// the type counts the threads that sleep or are about to (kSleeper); sleepers
// wait in the kernel on the count.
//
// INV-SS1: the number of sleepers in the word is never less than the number of
//   threads that wait in the kernel.  A poster learns it in the same step that
//   adds the unit, and does not touch the semaphore afterwards.
//
// A count of 255 stays for good, since nobody can tell how many there were; a
// process that is killed in a wait leaves the number too high.  Either costs
// posters a system call and nothing else.
//
// The unit goes to whoever comes first, not to the sleeper that is woken: one
// that is killed in between would take it along.

#include "sync/shared_sema.h"

#include <cerrno>

#include "base/futex.h"
#include "sched/critical.h"
#include "sched/kernel_wait.h"
#include "thread/cancel.h"

namespace lt {
namespace {

constexpr uint64_t kCount = 0xffffffff;
constexpr uint64_t kSleeper = uint64_t{1} << 40;
constexpr uint64_t kSleepers = uint64_t{0xff} << 40;

using Word = std::atomic<uint64_t>;

const std::atomic<uint32_t>& CountOf(const Sema& sema) {
  return *reinterpret_cast<const std::atomic<uint32_t>*>(&sema);
}

bool TakeUnit(Sema& sema) {
  Word& word = sema.word;
  uint64_t seen = word.load(std::memory_order_relaxed);
  while ((seen & kCount) != 0) {
    if (word.compare_exchange_weak(seen, seen - 1, std::memory_order_acquire,
                                   std::memory_order_relaxed)) {
      return true;
    }
  }
  return false;
}

// One sleeper more, or less; 255 stays.
void CountSleeper(Sema& sema, bool more) {
  Word& word = sema.word;
  uint64_t seen = word.load(std::memory_order_relaxed);
  while ((seen & kSleepers) != kSleepers &&
         !word.compare_exchange_weak(seen,
                                     more ? seen + kSleeper : seen - kSleeper,
                                     std::memory_order_relaxed)) {
  }
}

}  // namespace

int SharedSemaWait(Thread& self, Sema& sema, Limit limit,
                   const timespec* time) {
  if (TakeUnit(sema)) return 0;
  Deadline deadline = Deadline::Never();
  if (!ToDeadline(limit, time, deadline)) return EINVAL;
  Critical critical(self);
  for (;;) {
    const uint32_t handlers = HandlersRun(self);
    CountSleeper(sema, true);
    const int error = KernelWait(self, CountOf(sema), 0, deadline);
    CountSleeper(sema, false);
    // Woken for a unit, it must not leave that to nobody.
    if (TakeUnit(sema)) return 0;
    if (error == ETIME) return ETIME;
    LeaveCritical(self);  // handlers of signals run here
    TestCancel(self);
    EnterCritical(self);
    if (HandlersRun(self) != handlers) return EINTR;
  }
}

int SharedSemaTryWait(Sema& sema) {
  return TakeUnit(sema) ? 0 : EBUSY;
}

int SharedSemaPost(Sema& sema) {
  Word& word = sema.word;
  uint64_t seen = word.load(std::memory_order_relaxed);
  do {
    if ((seen & kCount) >= kSemaMost) return EOVERFLOW;
  } while (!word.compare_exchange_weak(
      seen, seen + 1, std::memory_order_release, std::memory_order_relaxed));
  // The last touch was that: others may unmap it now.
  if ((seen & kSleepers) != 0) FutexWakeShared(&sema, 1);
  return 0;
}

}  // namespace lt
