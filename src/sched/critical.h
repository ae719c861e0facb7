// SPDX-License-Identifier: MIT
//
// Critical sections, and what other threads want of a thread.
//
// Somebody who wants something of a thread (that it stops, runs the handler of
// a signal, is cancelled, gives way) sets a request and makes the thread notice
// (thread/interrupt.h).  The thread attends to requests at safe points: at the
// end of its critical sections, or from the library's own signal when that
// interrupts it outside of one.
//
// A critical section is any piece of the library in which the calling thread
// holds a lock of the library or has left a structure half changed.  No handler
// of the program runs in it, and nobody stops or preempts the thread.  Sections
// nest; an unbound thread is switched in a section and goes on in it, so each
// thread's depth is its own.

#ifndef LIBTHREAD_SCHED_CRITICAL_H_
#define LIBTHREAD_SCHED_CRITICAL_H_

#include "sched/thread.h"

namespace lt {

// Bits of Thread::requests.
inline constexpr uint32_t kStopRequest = 1;     // a reason to stop is set
inline constexpr uint32_t kSignalRequest = 2;   // a signal is to be delivered
inline constexpr uint32_t kCancelRequest = 4;   // pthread_cancel
inline constexpr uint32_t kPreemptRequest = 8;  // give way to another thread

// Those that end a wait.
inline constexpr uint32_t kInterrupts = kSignalRequest | kCancelRequest;

// Those that end a wait in the kernel (kernel_wait.h), which goes on
// afterwards.
inline constexpr uint32_t kEndsKernelWait = kInterrupts | kStopRequest;

inline bool IsInterrupted(const Thread& thread) {
  return (thread.requests.load(std::memory_order_relaxed) & kInterrupts) != 0 &&
         !thread.deaf;
}

// What a cancelled thread does; set by the upper layer.
extern void (*g_cancel_hook)(Thread& self);

// Attends to the requests of the calling thread, which is in no section.  May
// run code of the program; may switch; does not return when the thread is
// cancelled.  `errno` is as it was unless a handler changed it.
void Attend(Thread& self);

// How many handlers of the program have run on the calling thread.
inline uint32_t HandlersRun(const Thread& self) {
  return self.handlers_run.load(std::memory_order_relaxed);
}

inline void EnterCritical(Thread& self) {
  self.critical = self.critical + 1;
  std::atomic_signal_fence(std::memory_order_seq_cst);
}

// Leaves without a look at requests.
inline void LeaveCriticalQuietly(Thread& self) {
  std::atomic_signal_fence(std::memory_order_seq_cst);
  self.critical = self.critical - 1;
  std::atomic_signal_fence(std::memory_order_seq_cst);
}

inline void LeaveCritical(Thread& self) {
  LeaveCriticalQuietly(self);
  // Relaxed: who sets a request afterwards makes the thread notice.
  if (ABSL_PREDICT_FALSE(self.requests.load(std::memory_order_relaxed) != 0) &&
      self.critical == 0) {
    Attend(self);
  }
}

class Critical {
 public:
  explicit Critical(Thread& self) : self_(self) { EnterCritical(self); }
  ~Critical() { LeaveCritical(self_); }
  Critical(const Critical&) = delete;
  Critical& operator=(const Critical&) = delete;

 private:
  Thread& self_;
};

}  // namespace lt

#endif  // LIBTHREAD_SCHED_CRITICAL_H_
