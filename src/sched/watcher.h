// SPDX-License-Identifier: MIT
//
// The watcher: the one helper kernel thread.  It expires timers, finds threads
// that wait although LWPs could be had, and makes the pool grow when its LWPs
// are blocked.  It samples only while something waits, and sleeps otherwise.
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
extern bool g_fence_needed;
void Wake();
}  // namespace watcher_internal

// Starts the helper.  Returns 0 or EAGAIN.
[[nodiscard]] int StartWatcher();

// After a thread was added to a run queue.
inline void NoteWork() {
  if (ABSL_PREDICT_FALSE(watcher_internal::g_fence_needed)) {
    std::atomic_thread_fence(std::memory_order_seq_cst);
  }
  std::atomic_signal_fence(std::memory_order_seq_cst);
  // Relaxed: INV-WA1, the watcher's membarrier orders it.
  if (ABSL_PREDICT_FALSE(
          watcher_internal::g_word.load(std::memory_order_relaxed) ==
          watcher_internal::kParked)) {
    watcher_internal::Wake();
  }
}

// After a timer became the earliest.
void NoteTimer();

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
