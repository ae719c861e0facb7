// SPDX-License-Identifier: MIT
//
// The watcher: a helper kernel thread.  It expires timers, finds threads that
// wait although LWPs could be had, makes the pool grow when its LWPs are
// blocked, and ends time slices.  It samples only while something waits, and
// sleeps otherwise.

#ifndef LIBTHREAD_SCHED_WATCHER_H_
#define LIBTHREAD_SCHED_WATCHER_H_

#include <atomic>
#include <cstdint>

#include "sched/watch_word.h"

namespace lt {

// See watch_word.h: INV-WA1.
extern WatchWord g_watch_word;

// Starts the helper.  Returns 0 or EAGAIN.
[[nodiscard]] int StartWatcher();

// After a thread was added to a run queue.
inline void NoteWork() {
  g_watch_word.NoteWork();
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
