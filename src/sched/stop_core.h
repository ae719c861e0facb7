// SPDX-License-Identifier: MIT
//
// Which threads are stopped, and who may run a thread: the steps.
//
// INV-ST1: an unbound thread with a reason is not run.  Who picks a thread
//   marks it running first and then looks at its requests; who adds a reason
//   looks at the state afterwards, with all processors past a barrier in
//   between.  Of the two one sees what the other did.
// INV-ST2: a thread in kStopped is in no queue; it leaves that state only under
//   the stop lock, by whoever takes the last reason away.

#ifndef LIBTHREAD_SCHED_STOP_CORE_H_
#define LIBTHREAD_SCHED_STOP_CORE_H_

#include <atomic>
#include <cstdint>

#include "absl/base/optimization.h"
#include "base/machine.h"
#include "base/spinlock.h"
#include "sched/critical.h"
#include "sched/thread.h"

namespace lt {

// Rank 9: reasons, and who is in kStopped.
extern SpinLock g_stop_lock;

template <typename Machine>
struct StopCore {
  using Thread = typename Machine::Thread;
  using Holder = typename Machine::LockHolder;

  static void NoteStopped(Thread& thread) {
    // Release: pairs with who waits for it and then looks at the registers.
    thread.stops.fetch_add(1, std::memory_order_release);
    Machine::FutexWake(thread.stops, 1);
  }

  // What was picked from a run queue: true when it may be run now; false when
  // it is stopped, and no longer the caller's.
  static bool Claim(Thread& thread) {
    // Relaxed: INV-ST1 is the other side's barrier.  Also read by spinning
    // lockers and by the watcher as a hint.
    thread.state.store(State::kRunning, std::memory_order_relaxed);
    std::atomic_signal_fence(std::memory_order_seq_cst);
    // Acquire: pairs with the release in DropReason().
    const uint32_t requests = thread.requests.load(std::memory_order_acquire);
    return ABSL_PREDICT_TRUE((requests & kStopRequest) == 0) ||
           !Machine::Withhold(thread);
  }

  // The slow half of Claim().
  static bool Withhold(Thread& thread) {
    {
      Holder hold(Machine::StopLock());
      if (thread.stop_reasons == 0) return false;
      thread.state.store(State::kStopped, std::memory_order_relaxed);
    }
    NoteStopped(thread);
    return true;
  }

  static void AddReason(Thread& target, uint32_t reason) {
    Holder hold(Machine::StopLock());
    target.stop_reasons |= reason;
    target.requests.fetch_or(kStopRequest, std::memory_order_seq_cst);
  }

  // After a barrier on all processors: whether the thread, which has a reason,
  // does not run and will not.
  static bool HasStopped(const Thread& target) {
    return target.state.load(std::memory_order_acquire) != State::kRunning;
  }

  // The reasons that there were.  `release`: the thread was stopped, and the
  // caller is to make it go on.
  static uint32_t DropReason(Thread& target, uint32_t reason, bool& release) {
    Holder hold(Machine::StopLock());
    const uint32_t before = target.stop_reasons;
    target.stop_reasons &= ~reason;
    release = false;
    if (before != 0 && target.stop_reasons == 0) {
      // Release: whoever looked at the stopped thread's registers has done so
      // before it is run.
      target.requests.fetch_and(~kStopRequest, std::memory_order_release);
      release = target.state.load(std::memory_order_relaxed) == State::kStopped;
      if (release) {
        target.state.store(State::kRunnable, std::memory_order_relaxed);
      }
    }
    return before;
  }
};

struct StopMachine : RealMachine {
  using Thread = lt::Thread;
  using LockHolder = SpinLockHolder;

  static SpinLock& StopLock() { return g_stop_lock; }
  // Not inline.
  static bool Withhold(Thread& thread);
};
using Stops = StopCore<StopMachine>;

}  // namespace lt

#endif  // LIBTHREAD_SCHED_STOP_CORE_H_
