// SPDX-License-Identifier: MIT
//
// Interval timers of kernel threads: Solaris' setitimer() counts the time of
// the LWP that calls it, and signals that one.  The kernel's timers can do so;
// this file keeps which kernel thread has which.
//
// INV-IT1: a timer is in the table from its making until before its kernel
//   thread ends, which deletes it: the table has no timer of a kernel thread
//   that is gone, and none is left behind in the kernel.
//
// Each bucket of the table has a lock (rank 9); a kernel thread changes only
// its own entry.

#ifndef LIBTHREAD_LWP_INTERVAL_TIMERS_H_
#define LIBTHREAD_LWP_INTERVAL_TIMERS_H_

#include <time.h>

#include <atomic>

namespace lt {

enum class IntervalTimer {
  kVirtual,  // user time; SIGVTALRM
  kProfile,  // processor time; SIGPROF
  kReal,     // real time; SIGPROF
};
inline constexpr int kIntervalTimers = 3;

// Of the calling kernel thread, in a critical section.  0, EAGAIN (the kernel
// makes no more timers), ENOMEM, or EINVAL for a time that is none.
[[nodiscard]] int SetIntervalTimer(IntervalTimer which, const itimerspec& time,
                                   itimerspec& before);
[[nodiscard]] int GetIntervalTimer(IntervalTimer which, itimerspec& now);

// Kernel threads with timers.  Relaxed: a kernel thread asks for itself.
extern std::atomic<int> g_interval_timers;
void EndOwnIntervalTimers();
// The calling kernel thread is about to end, in a critical section.
inline void EndIntervalTimers() {
  if (g_interval_timers.load(std::memory_order_relaxed) != 0) {
    EndOwnIntervalTimers();
  }
}

// In the child of a fork, which has none.
void ForgetIntervalTimers();

}  // namespace lt

#endif  // LIBTHREAD_LWP_INTERVAL_TIMERS_H_
