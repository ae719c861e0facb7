// SPDX-License-Identifier: MIT
//
// The watcher: a helper kernel thread.  It expires timers, finds threads that
// wait although LWPs could be had, makes the pool grow when its LWPs are
// blocked, and ends time slices.  It samples only while something waits, and
// sleeps otherwise.
//
// INV-WA1: while a thread waits in a run queue, the watcher is not parked for
//   good.  The watcher announces that it parks, makes that visible on all
//   processors (membarrier), and looks at the queues once more; who adds a
//   thread looks at the announcement afterwards.  So the adding side needs no
//   fence.

#ifndef LIBTHREAD_SCHED_WATCHER_H_
#define LIBTHREAD_SCHED_WATCHER_H_

#include <atomic>
#include <cstdint>

#include "absl/base/optimization.h"
#include "base/clock.h"
#include "base/membarrier.h"

namespace lt {

namespace watcher_internal {
// Futex word of the watcher.
enum : uint32_t {
  kAwake,
  kNapping,  // sleeps until its next look; a timer wakes it
  kParked,   // sleeps until there is work; a runnable thread wakes it too
  kKicked,   // somebody woke it, or told it not to sleep
};
extern std::atomic<uint32_t> g_word;
void Wake();
}  // namespace watcher_internal

// Starts the helper.  Returns 0 or EAGAIN.
[[nodiscard]] int StartWatcher();

// After a thread was added to a run queue.
inline void NoteWork() {
  using namespace watcher_internal;  // NOLINT: this header's own names
  std::atomic_signal_fence(std::memory_order_seq_cst);
  // Relaxed: INV-WA1, the watcher's membarrier orders it.  Without membarrier
  // an operation that changes nothing takes its place among the watcher's own
  // on the word: it comes before the parking, which then sees the thread, or
  // after.
  const uint32_t word = ABSL_PREDICT_FALSE(g_no_membarrier)
                            ? g_word.fetch_add(0, std::memory_order_acq_rel)
                            : g_word.load(std::memory_order_relaxed);
  if (ABSL_PREDICT_FALSE(word == kParked)) Wake();
}

// After a timer became the earliest.
void NoteTimer();

// After PoolLwp::ask_again was set.  From signal handlers too.
void NoteAskAgain();

// Times that the pool grew because its LWPs were blocked, and how long the
// waiting thread had been seen to wait.
struct GrowthStats {
  std::atomic<uint64_t> growths{0};
  std::atomic<int64_t> total_ns{0};
  std::atomic<int64_t> worst_ns{0};
};
extern GrowthStats g_growth_stats;

}  // namespace lt

#endif  // LIBTHREAD_SCHED_WATCHER_H_
