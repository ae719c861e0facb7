// SPDX-License-Identifier: MIT
//
// Monitors and condition variables.
//
// INV-MO1: a monitor with waiters has an owner.  It is handed on, not given
//   free for whoever comes first.
// INV-MO2: the entries of a thread, the newest first, say in which order it
//   entered its monitors; the counts of those for one monitor add up to its
//   nesting.  A thread in cv_wait has none for that monitor.

#ifndef LIBLWP_MONITOR_H_
#define LIBLWP_MONITOR_H_

#include "pod.h"

namespace lwp4 {

struct Cond;

struct Monitor : Object {
  static constexpr Kind kKind = Kind::kMonitor;
  Lwp* owner = nullptr;
  int nest = 0;   // entries of the owner
  Queue waiters;  // for entry
  Cond* conds = nullptr;
  Entry entry;  // its owner's first
};

struct Cond : Object {
  static constexpr Kind kKind = Kind::kCond;
  Monitor* monitor = nullptr;
  Cond* next_of_monitor = nullptr;
  Queue waiters;
};

// The monitor is the caller's, `count` times more.  False: no memory; cannot be
// for a monitor that had no owner.
bool TakeMonitor(Monitor& monitor, Lwp& thread, int count);
// Its owner has left it for good: to the first waiter.
void HandMonitorOn(Monitor& monitor);
// All entries of the owner go; the waiter that is first gets it.
void LeaveMonitor(Monitor& monitor);

// Of a thread that dies.
void ReleaseMonitors(Lwp& thread);

// In the child of a fork: nobody waits, and only `self` owns anything.
void ForgetMonitors(Lwp* self);

}  // namespace lwp4

#endif  // LIBLWP_MONITOR_H_
