// SPDX-License-Identifier: MIT
//
// One stand-in serves one wait at a time.  The waiter gives it the job once it
// is in a sleep queue itself, on the stand-in's address; the stand-in makes it
// ready when the wait is over.  A waiter that has a request calls the stand-in
// back and takes what it brings: it may have been woken after all.  So no
// wakeup is lost, and the stand-in is free again when the waiter goes on.
//
// A robust mutex needs more (robust_list.h): a process that is killed after its
// stand-in was woken, and before the waiter has the mutex, has swallowed a
// wakeup.  The stand-in therefore names the mutex as its pending operation, as
// the waiter would.

#include "sched/stand_in.h"

#include <sys/prctl.h>

#include <cerrno>
#include <cstdlib>
#include <new>

#include "base/futex.h"
#include "base/signal_set.h"
#include "base/spinlock.h"
#include "lwp/kernel_thread.h"
#include "lwp/parker.h"
#include "sched/critical.h"
#include "sched/fork.h"
#include "sched/own_signal.h"
#include "sched/sleepq.h"

namespace lt {
namespace {

enum : uint32_t { kBusy, kDone };

struct StandIn {
  StandIn* next = nullptr;
  KernelSleep sleep = {nullptr, 0, 0, Deadline::Never(), nullptr};
  RobustList* robust = nullptr;
  std::atomic<pid_t> tid{0};
  Parker parker;                         // a token: there is a job
  std::atomic<uint32_t> called_back{0};  // as Thread::requests
  std::atomic<uint32_t> done{kBusy};     // a futex word
  int result = 0;                        // written before `done`
};

SpinLock g_lock;  // rank 9
StandIn* g_free ABSL_GUARDED_BY(g_lock) = nullptr;

void Work(StandIn& me) {
  if (me.sleep.pending != nullptr && me.robust == nullptr) {
    me.robust = RobustList::ForCaller(me.sleep.word_offset());
  }
  // Until the next job: the waiter may not have got the mutex before.
  if (me.robust != nullptr) me.robust->Begin(me.sleep.pending);
  me.result = FutexWaitUnless(me.called_back, 1, me.sleep);
  SleepBucket& bucket = BucketOf(&me);
  bucket.lock.Lock();
  // Under the lock, so that a waiter that is not in the queue any more finds it
  // done, or waits for that.  Release: `result`.
  me.done.store(kDone, std::memory_order_release);
  WakeAll(bucket, &me);
  FutexWake(&me.done, 1);
}

void* StandInMain(void* arg) {
  auto& me = *static_cast<StandIn*>(arg);
  prctl(PR_SET_NAME, "lt-stand-in");
  me.tid.store(KernelTid(), std::memory_order_release);
  const uint64_t own = SignalBit(g_own_signal);
  RawSyscall(SYS_rt_sigprocmask, SIG_UNBLOCK, reinterpret_cast<long>(&own), 0,
             kKernelSetBytes);
  for (;;) {
    me.parker.Wait(Deadline::Never());
    Work(me);
  }
  return nullptr;
}

StandIn* Take() {
  {
    SpinLockHolder hold(g_lock);
    StandIn* free = g_free;
    if (free != nullptr) {
      g_free = free->next;
      return free;
    }
  }
  void* memory = std::malloc(sizeof(StandIn));
  if (memory == nullptr) return nullptr;
  auto* made = new (memory) StandIn;
  if (StartKernelThread(StandInMain, made) != 0) {
    std::free(memory);
    return nullptr;
  }
  return made;
}

void GiveBack(StandIn& stand_in) {
  SpinLockHolder hold(g_lock);
  stand_in.next = g_free;
  g_free = &stand_in;
}

// On the stack of whoever runs next.
void GiveJob(void* arg) {
  static_cast<StandIn*>(arg)->parker.Unpark();
}

}  // namespace

void ForgetStandIns() ABSL_NO_THREAD_SAFETY_ANALYSIS {
  new (&g_lock) SpinLock();
  g_free = nullptr;
}

LT_NO_CANARY int SleepByStandIn(Thread& self, const KernelSleep& sleep) {
  StandIn* stand_in = Take();
  if (stand_in == nullptr) return ENOSYS;
  stand_in->sleep = sleep;
  stand_in->called_back.store(0, std::memory_order_relaxed);
  stand_in->done.store(kBusy, std::memory_order_relaxed);
  SleepBucket& bucket = AnnounceSleep(self, stand_in);
  bucket.lock.Lock();
  const int ended = SleepOn(self, bucket, stand_in, WaitKey(self),
                            Deadline::Never(), {GiveJob, stand_in});
  if (ended != 0) {
    stand_in->called_back.store(1, std::memory_order_release);
    InterruptKernelThread(stand_in->tid.load(std::memory_order_acquire));
    // A moment: the LWP may block.
    while (stand_in->done.load(std::memory_order_acquire) == kBusy) {
      FutexWait(&stand_in->done, kBusy, Deadline::Never());
    }
  }
  const int result = stand_in->result;
  GiveBack(*stand_in);
  return result;
}

}  // namespace lt
