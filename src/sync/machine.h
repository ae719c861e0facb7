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
};

}  // namespace lt

#endif  // LIBTHREAD_SYNC_MACHINE_H_
