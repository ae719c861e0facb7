// SPDX-License-Identifier: MIT
//
// Stopping and signalling LWPs by their numbers.
//
// The LWP of a thread, or one without, is stopped as thr_suspend(3) stops a
// thread, for a reason of its own.  One of the pool is another matter: stopped
// between two threads, it would keep the program from nothing.  What is stopped
// is the thread that it runs at that moment, and the LWP goes on with others.
// The thread remembers the number (Thread::stopped_on), for _lwp_continue().
//
// INV-LS1: a thread remembers the number from before it has the reason to stop
//   until that is taken away, and the LWP that there is such a thread.  Kept by
//   the suspender, who alone writes both.

#include <sys/lwp.h>

#include <cerrno>

#include "api/entry.h"
#include "base/syscall.h"
#include "process/kill.h"
#include "sched/critical.h"
#include "sched/lwp_numbers.h"
#include "sched/stop.h"
#include "thread/lwps.h"
#include "thread/suspend.h"

namespace lt {
namespace {

// ESRCH when there is no such LWP any more.
int NoteStopped(uint32_t number, bool stopped) {
  const LwpHold hold(number);
  if (hold.entry() == nullptr) return ESRCH;
  hold.entry()->stopped.store(stopped, std::memory_order_relaxed);
  return 0;
}

// ESRCH also where the thread `id` has ended.
int StopOn(Thread& self, uint32_t number, uint32_t id) {
  Thread* thread = FindLiving(id);
  if (thread == nullptr || NoteStopped(number, true) != 0) return ESRCH;
  thread->stopped_on.store(number, std::memory_order_relaxed);
  if (thread == &self) {
    AddStopReason(self, kStopLwp);  // stopped when the section ends
    return 0;
  }
  const int error = SuspendOther(id, kStopLwp);
  // Its object may be another thread's by now.
  if (error != 0) thread->stopped_on.store(0, std::memory_order_relaxed);
  return error;
}

int SuspendOnPoolLwp(Thread& self, uint32_t number) {
  Critical critical(self);
  // Before the wait for the role, in which it may change.
  const bool own = number == OwnLwp();
  SuspenderRole role(self);
  if (own) return StopOn(self, number, self.id);
  for (;;) {
    LwpView view;
    if (LookAtLwp(number, view) != 0) return ESRCH;
    // Stopped already, or without a thread.
    if (view.stopped || view.thread == 0) return 0;
    // A thread that has ended meanwhile has made room for another one.
    if (StopOn(self, number, view.thread) == 0) return 0;
    static_cast<void>(NoteStopped(number, false));
  }
}

int ContinueOnPoolLwp(Thread& self, uint32_t number) {
  Critical critical(self);
  SuspenderRole role(self);
  LwpView view;
  if (LookAtLwp(number, view) != 0) return ESRCH;
  if (!view.stopped) return 0;
  for (Thread* t = AllThreads(); t != nullptr; t = t->all_next) {
    if (t->stopped_on.load(std::memory_order_relaxed) != number) continue;
    DropStopReason(*t, kStopLwp);
    t->stopped_on.store(0, std::memory_order_relaxed);
  }
  return NoteStopped(number, false);
}

}  // namespace
}  // namespace lt

LT_EXPORT int _lwp_suspend(lwpid_t id) {
  const auto number = static_cast<uint32_t>(id);
  lt::LwpView view;
  if (lt::LookAtLwp(number, view) != 0) return ESRCH;
  lt::Thread& self = lt::Self();
  return view.pool ? lt::SuspendOnPoolLwp(self, number)
                   : lt::SuspendThread(self, view.thread, lt::kStopLwp);
}

LT_EXPORT int _lwp_continue(lwpid_t id) {
  const auto number = static_cast<uint32_t>(id);
  lt::LwpView view;
  if (lt::LookAtLwp(number, view) != 0) return ESRCH;
  lt::Thread& self = lt::Self();
  return view.pool ? lt::ContinueOnPoolLwp(self, number)
                   : lt::ContinueThread(self, view.thread, lt::kStopLwp);
}

LT_EXPORT int _lwp_kill(lwpid_t id, int signal) {
  if (!lt::IsSendable(signal)) return EINVAL;
  const auto number = static_cast<uint32_t>(id);
  lt::LwpView view;
  if (lt::LookAtLwp(number, view) != 0) return ESRCH;
  lt::Thread& self = lt::Self();
  if (signal == 0) return 0;
  const pid_t tid = lt::KernelIdOfLwp(number);
  if (tid == 0) return ESRCH;
  if (!view.pool) return lt::SendToThread(self, view.thread, signal);
  // To the LWP: for the first thread there that does not block the signal.
  const lt::Critical critical(self);
  const lt::LwpHold hold(number);
  if (hold.entry() == nullptr) return ESRCH;
  lt::RawSyscall(SYS_tgkill, lt::RawSyscall(SYS_getpid), tid, signal);
  return 0;
}
