// SPDX-License-Identifier: MIT

#include "lwp/interval_timers.h"

#include <signal.h>

#include <cerrno>
#include <cstdlib>
#include <new>
#include <utility>

#include "base/spinlock.h"
#include "base/syscall.h"
#include "lwp/kernel_thread.h"

namespace lt {

std::atomic<int> g_interval_timers{0};

namespace {

constexpr int kNone = -1;

struct Timers {
  pid_t tid = 0;
  int ids[kIntervalTimers] = {kNone, kNone, kNone};  // the kernel's
  Timers* next = nullptr;
};

struct Bucket {
  SpinLock lock;
  Timers* first ABSL_GUARDED_BY(lock) = nullptr;
};
constexpr int kBuckets = 256;
constinit Bucket g_buckets[kBuckets];

Bucket& BucketOf(pid_t tid) {
  return g_buckets[tid % kBuckets];
}

// The entry of the caller: nobody else ends it.
Timers* Find(pid_t tid) {
  Bucket& bucket = BucketOf(tid);
  SpinLockHolder hold(bucket.lock);
  Timers* timers = bucket.first;
  while (timers != nullptr && timers->tid != tid) timers = timers->next;
  return timers;
}

// The kernel's clock of one kernel thread's time: of all that it ran, or of
// what it ran outside of the kernel, which the C library has no name for.
clockid_t ClockOf(IntervalTimer which, pid_t tid) {
  constexpr int kOfThread = 4;
  constexpr int kUserTime = 1;
  constexpr int kProcessorTime = 2;
  if (which == IntervalTimer::kReal) return CLOCK_MONOTONIC;
  const int kind =
      which == IntervalTimer::kVirtual ? kUserTime : kProcessorTime;
  return static_cast<clockid_t>(~static_cast<unsigned>(tid) << 3) | kOfThread |
         kind;
}

int Error(long result) {
  return result < 0 ? static_cast<int>(-result) : 0;
}

int Make(IntervalTimer which, pid_t tid, int& id) {
  sigevent event = {};
  event.sigev_notify = SIGEV_THREAD_ID;
  event.sigev_signo = which == IntervalTimer::kVirtual ? SIGVTALRM : SIGPROF;
  event._sigev_un._tid = tid;
  return Error(RawSyscall(SYS_timer_create, ClockOf(which, tid),
                          reinterpret_cast<long>(&event),
                          reinterpret_cast<long>(&id)));
}

// Adds an entry for the caller.
Timers* Enter(pid_t tid) {
  void* memory = std::malloc(sizeof(Timers));
  if (memory == nullptr) return nullptr;
  auto* timers = new (memory) Timers;
  timers->tid = tid;
  Bucket& bucket = BucketOf(tid);
  SpinLockHolder hold(bucket.lock);
  timers->next = bucket.first;
  bucket.first = timers;
  g_interval_timers.fetch_add(1, std::memory_order_relaxed);
  return timers;
}

bool IsArmed(const itimerspec& time) {
  return time.it_value.tv_sec != 0 || time.it_value.tv_nsec != 0;
}

}  // namespace

int SetIntervalTimer(IntervalTimer which, const itimerspec& time,
                     itimerspec& before) {
  before = {};
  const pid_t tid = KernelTid();
  Timers* timers = Find(tid);
  const int index = static_cast<int>(which);
  const bool made = timers != nullptr && timers->ids[index] != kNone;
  if (!made) {
    if (!IsArmed(time)) return 0;
    if (timers == nullptr) timers = Enter(tid);
    if (timers == nullptr) return ENOMEM;
    if (const int error = Make(which, tid, timers->ids[index])) {
      timers->ids[index] = kNone;
      return error;
    }
  }
  return Error(RawSyscall(SYS_timer_settime, timers->ids[index], 0,
                          reinterpret_cast<long>(&time),
                          reinterpret_cast<long>(&before)));
}

int GetIntervalTimer(IntervalTimer which, itimerspec& now) {
  now = {};
  const Timers* timers = Find(KernelTid());
  const int index = static_cast<int>(which);
  if (timers == nullptr || timers->ids[index] == kNone) return 0;
  return Error(RawSyscall(SYS_timer_gettime, timers->ids[index],
                          reinterpret_cast<long>(&now)));
}

void EndOwnIntervalTimers() {
  const pid_t tid = KernelTid();
  Timers* ended = nullptr;
  {
    Bucket& bucket = BucketOf(tid);
    SpinLockHolder hold(bucket.lock);
    Timers** link = &bucket.first;
    while (*link != nullptr && (*link)->tid != tid) link = &(*link)->next;
    if (*link == nullptr) return;
    ended = std::exchange(*link, (*link)->next);
  }
  for (const int id : ended->ids) {
    if (id != kNone) RawSyscall(SYS_timer_delete, id);
  }
  std::free(ended);
  g_interval_timers.fetch_sub(1, std::memory_order_relaxed);
}

void ForgetIntervalTimers() ABSL_NO_THREAD_SAFETY_ANALYSIS {
  if (g_interval_timers.load(std::memory_order_relaxed) == 0) return;
  // The entries are lost: somebody else may have been changing the list.
  for (Bucket& bucket : g_buckets) new (&bucket) Bucket();
  g_interval_timers.store(0, std::memory_order_relaxed);
}

}  // namespace lt
