// SPDX-License-Identifier: MIT
//
// The futex word that the watcher sleeps on, and how it is woken for work.
//
// INV-WA1: while a thread waits in a run queue, the watcher is not parked for
//   good.  The watcher announces that it parks, makes that visible on all
//   processors (membarrier), and looks at the queues once more; who adds a
//   thread looks at the announcement afterwards.  So the adding side needs no
//   fence.

#ifndef LIBTHREAD_SCHED_WATCH_WORD_H_
#define LIBTHREAD_SCHED_WATCH_WORD_H_

#include <atomic>
#include <cstdint>

#include "absl/base/optimization.h"
#include "base/clock.h"
#include "base/machine.h"

namespace lt {

template <typename Machine>
class BasicWatchWord {
 public:
  // After something was added that the watcher is to see: a thread to a run
  // queue.
  void NoteWork() {
    std::atomic_signal_fence(std::memory_order_seq_cst);
    // Relaxed: INV-WA1, the watcher's membarrier orders it.  Without membarrier
    // an operation that changes nothing takes its place among the watcher's own
    // on the word: it comes before the parking, which then sees the thread, or
    // after.
    const uint32_t word = ABSL_PREDICT_FALSE(Machine::NoMembarrier())
                              ? word_.fetch_add(0, std::memory_order_acq_rel)
                              : word_.load(std::memory_order_relaxed);
    if (ABSL_PREDICT_FALSE(word == kParked)) Kick();
  }

  // Ends its sleep, or the one that it is about to begin.
  __attribute__((noinline)) void Kick() {
    const uint32_t was = word_.exchange(kKicked, std::memory_order_acq_rel);
    if (was == kNapping || was == kParked) Machine::FutexWake(word_, 1);
  }

  // The watcher's: sleeps until `deadline` or a kick.  Parked, also until there
  // is work.
  template <typename IsWork>
  void Sleep(Deadline deadline, bool park, IsWork is_work) {
    const uint32_t mode = park ? kParked : kNapping;
    uint32_t seen = kAwake;
    if (word_.compare_exchange_strong(seen, mode, std::memory_order_acq_rel)) {
      if (park) Machine::MembarrierAll();
      if (!park || !is_work()) Machine::FutexWait(word_, mode, deadline);
    }
    // A kick that is overwritten here is honoured: the queues and timers that
    // it speaks of are looked at next.
    word_.exchange(kAwake, std::memory_order_acq_rel);
  }

  // In the child of a fork.
  void Reset() { word_.store(kAwake, std::memory_order_relaxed); }

 private:
  enum : uint32_t {
    kAwake,
    kNapping,  // sleeps until its next look; a timer wakes it
    kParked,   // sleeps until there is work; a runnable thread wakes it too
    kKicked,   // somebody woke it, or told it not to sleep
  };

  typename Machine::template Atomic<uint32_t> word_{kAwake};
};

using WatchWord = BasicWatchWord<RealMachine>;

}  // namespace lt

#endif  // LIBTHREAD_SCHED_WATCH_WORD_H_
