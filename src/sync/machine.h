// SPDX-License-Identifier: MIT
//
// What the private primitives stand on: base/machine.h, and threads that sleep
// in queues.  The model checker has another one, with functions of the same
// names for its threads (SleepOn, Ready, EnterCritical, ...), which are found
// by the type of their arguments.

#ifndef LIBTHREAD_SYNC_MACHINE_H_
#define LIBTHREAD_SYNC_MACHINE_H_

#include "base/machine.h"
#include "base/spinlock.h"
#include "sched/critical.h"
#include "sched/dispatch.h"
#include "sched/sleepq.h"
#include "sync/objects.h"
#include "sync/watch_waits.h"
#include "thread/wait_graph.h"

namespace lt {

struct SleepMachine : RealMachine {
  using Thread = lt::Thread;
  using Mutex = lt::Mutex;
  using Cond = lt::Cond;
  using Sema = lt::Sema;
  using Rwlock = lt::Rwlock;
  using Bucket = SleepBucket;
  using LockHolder = SpinLockHolder;
  using Critical = lt::Critical;

  static Bucket& BucketOf(const void* address) { return lt::BucketOf(address); }

  // A sleep was interrupted, handlers of signals have run, and the wait goes
  // on.
  static void WaitGoesOn(Thread& self, const Mutex& mutex) {
    if (ABSL_PREDICT_FALSE(g_watch != 0)) WatchInterrupted(self, mutex);
  }
  static void WaitGoesOn(Thread& self, const Rwlock& lock, bool writer) {
    if (ABSL_PREDICT_FALSE(g_watch != 0)) WatchInterrupted(self, lock, writer);
  }
  // Once it is in the queue of a rwlock.
  static AfterSleep AfterQueued(Thread& self) {
    AfterSleep after;
    if (ABSL_PREDICT_FALSE(g_watch != 0)) after = {SearchAfterSleep, &self};
    return after;
  }
};

}  // namespace lt

#endif  // LIBTHREAD_SYNC_MACHINE_H_
