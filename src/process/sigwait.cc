// SPDX-License-Identifier: MIT
//
// What is directed at the thread lies in its `pending` set; what is for the
// process the kernel keeps, and is asked.  A waiter announces what it waits for
// (`awaited`), looks at both, and sleeps.  Who makes a signal pending looks for
// waiters afterwards, and gives a hint under the lock of the sleep queue: no
// signal falls between the look and the sleep.

#include "process/sigwait.h"

#include <cerrno>

#include "base/signal_set.h"
#include "sched/critical.h"
#include "sched/deliver.h"
#include "sched/signal_mask.h"
#include "sched/sleepq.h"
#include "thread/cancel.h"

namespace lt {
namespace {

bool TakeDirected(Thread& self, uint64_t set, siginfo_t& info) {
  for (;;) {
    const uint64_t due = self.pending.load(std::memory_order_seq_cst) & set;
    if (due == 0) return false;
    const uint64_t bit = due & -due;
    if ((self.pending.fetch_and(~bit, std::memory_order_acq_rel) & bit) != 0) {
      info = DirectedInfo(__builtin_ctzll(bit) + 1);
      return true;
    }
  }
}

bool TakeFromKernel(uint64_t set, siginfo_t& info) {
  const timespec now = {};
  info = {};
  return RawSyscall(SYS_rt_sigtimedwait, reinterpret_cast<long>(&set),
                    reinterpret_cast<long>(&info), reinterpret_cast<long>(&now),
                    kKernelSetBytes) > 0;
}

int Await(Thread& self, uint64_t set, Deadline deadline, siginfo_t& info) {
  for (;;) {
    const uint32_t hints = self.hints.load(std::memory_order_acquire);
    if (TakeDirected(self, set, info) || TakeFromKernel(set, info)) return 0;
    const uint32_t handlers = HandlersRun(self);
    SleepBucket& bucket = AnnounceSleep(self, &self.hints);
    bucket.lock.Lock();
    if (self.hints.load(std::memory_order_relaxed) != hints) {
      bucket.lock.Unlock();
      continue;
    }
    const int error =
        SleepOn(self, bucket, &self.hints, WaitKey(self), deadline);
    if (error == ETIME) return EAGAIN;
    if (error == 0) continue;
    LeaveCritical(self);  // handlers of other signals run here
    TestCancel(self);
    EnterCritical(self);
    if (HandlersRun(self) != handlers) return EINTR;
  }
}

}  // namespace

int AwaitSignal(Thread& self, uint64_t set, Deadline deadline,
                siginfo_t& info) {
  TestCancel(self);
  Critical critical(self);
  set &= ~NeverBlocked();
  self.awaited.exchange(set, std::memory_order_seq_cst);
  const int error = Await(self, set, deadline, info);
  self.awaited.exchange(0, std::memory_order_seq_cst);
  // One of the others may have come, and not be blocked.
  if ((self.pending.load(std::memory_order_seq_cst) & ~MaskOf(self)) != 0) {
    self.requests.fetch_or(kSignalRequest, std::memory_order_relaxed);
  }
  return error;
}

void SuspendForSignal(Thread& self, uint64_t mask) {
  TestCancel(self);
  Critical critical(self);
  const uint64_t before = MaskOf(self);
  const uint32_t handlers = HandlersRun(self);
  SetOwnMask(self, mask);
  for (;;) {
    LeaveCritical(self);
    TestCancel(self);
    EnterCritical(self);
    if (HandlersRun(self) != handlers) break;
    SleepBucket& bucket = AnnounceSleep(self, &self.sigmask);
    bucket.lock.Lock();
    SleepOn(self, bucket, &self.sigmask, WaitKey(self), Deadline::Never());
  }
  SetOwnMask(self, before);
}

uint64_t PendingSignals(Thread& self) {
  uint64_t set = 0;
  RawSyscall(SYS_rt_sigpending, reinterpret_cast<long>(&set), kKernelSetBytes);
  return (set | self.pending.load(std::memory_order_relaxed)) & MaskOf(self);
}

void HintSignalWaiter(Thread& waiter) {
  SleepBucket& bucket = BucketOf(&waiter.hints);
  bucket.lock.Lock();
  waiter.hints.fetch_add(1, std::memory_order_release);
  WakeAll(bucket, &waiter.hints);
}

}  // namespace lt
