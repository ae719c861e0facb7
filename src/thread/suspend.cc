// SPDX-License-Identifier: MIT
//
// One thread at a time suspends others (the suspender).  Of two that want to
// suspend each other one is second: it waits in a sleep queue, where it counts
// as stopped, and the first need not wait for it.

#include "thread/suspend.h"

#include <pthread.h>

#include <cerrno>
#include <cstring>

#include "base/futex.h"
#include "base/membarrier.h"
#include "base/spinlock.h"
#include "lwp/sampler.h"
#include "sched/dispatch.h"
#include "sched/own_signal.h"
#include "sched/sleepq.h"
#include "sched/stop.h"
#include "thread/fork.h"
#include "thread/lwps.h"
#include "thread/registry.h"
#include "thread/runtime.h"

namespace lt {
namespace {

Thread* g_suspender = nullptr;  // guarded by its bucket's lock

bool IsGone(const Thread& thread) {
  const State state = thread.state.load(std::memory_order_acquire);
  return state == State::kZombie || state == State::kFree;
}

// True when the object is still that thread's.
bool StillLives(const Thread& thread, uint32_t id) {
  return FindLiving(id) == &thread;
}

// Adds the reason under the registry's lock, so that it does not fall on the
// next thread that gets the object.
Thread* FindAndMark(uint32_t id, uint32_t reason) {
  RegistryBucket& bucket = RegistryBucketOf(id);
  SpinLockHolder hold(bucket.lock);
  Thread* thread = bucket.Find(id);
  if (thread == nullptr || IsGone(*thread)) return nullptr;
  AddStopReason(*thread, reason);
  return thread;
}

int SuspendSelf(Thread& self, uint32_t reason) {
  Critical critical(self);
  AddStopReason(self, reason);
  return 0;  // stopped when the section ends
}

void FillRegisters(const Thread& thread, gregset_t& registers) {
  if (thread.stop_context != nullptr) {
    const mcontext_t& at = thread.stop_context->uc_mcontext;
#if defined(__x86_64__)
    std::memcpy(registers, at.gregs, sizeof registers);
#else
    std::memcpy(registers, at.regs, sizeof at.regs);
    registers[31] = at.sp;
    registers[32] = at.pc;
    registers[33] = at.pstate;
#endif
    return;
  }
  // It left its LWP in the library.  What it had in registers lies on its
  // stack, above this address.
  void* sp = thread.wait_sp;
  if (sp == nullptr) sp = thread.context;
#if defined(__x86_64__)
  registers[REG_RSP] = reinterpret_cast<greg_t>(sp);
  registers[REG_RIP] = reinterpret_cast<greg_t>(&StopSelf);
#else
  registers[31] = reinterpret_cast<uintptr_t>(sp);
#endif
}

}  // namespace

void ForgetSuspender() {
  g_suspender = nullptr;
}

SuspenderRole::SuspenderRole(Thread& self) {
  for (;;) {
    SleepBucket& bucket = AnnounceSleep(self, &g_suspender);
    bucket.lock.Lock();
    if (g_suspender == nullptr) {
      g_suspender = &self;
      bucket.lock.Unlock();
      return;
    }
    SleepOn(self, bucket, &g_suspender, WaitKey(self), Deadline::Never());
    LeaveCritical(self);
    EnterCritical(self);
  }
}

SuspenderRole::~SuspenderRole() {
  SleepBucket& bucket = BucketOf(&g_suspender);
  bucket.lock.Lock();
  g_suspender = nullptr;
  // All of them: one may have been suspended meanwhile.
  WakeAll(bucket, &g_suspender);
}

Thread* FindLiving(uint32_t id) {
  RegistryBucket& bucket = RegistryBucketOf(id);
  SpinLockHolder hold(bucket.lock);
  Thread* thread = bucket.Find(id);
  return thread == nullptr || IsGone(*thread) ? nullptr : thread;
}

namespace {

// A thread that runs where it cannot stop is asked again: at first at short
// intervals, since one that is nearly always in the C library comes out only
// for moments.
void AwaitMoment(Thread& target, uint32_t stops, int round) {
  constexpr int kShortRounds = 200;
  constexpr int64_t kShortNs = 15'000;
  constexpr int64_t kLongNs = 200'000;
  const int64_t start = NowNs();
  if (round >= kShortRounds) {
    FutexWait(&target.stops, stops, Deadline::AtNs(start + kLongNs));
    return;
  }
  while (target.stops.load(std::memory_order_acquire) == stops &&
         NowNs() - start < kShortNs) {
    RawSyscall(SYS_sched_yield);
  }
}

}  // namespace

bool AwaitStop(Thread& target, uint32_t id) {
  int64_t cpu_ns = -1;
  for (int round = 0;; ++round) {
    const uint32_t stops = target.stops.load(std::memory_order_acquire);
    // INV-ST1.
    BarrierAll();
    if (!StillLives(target, id)) return false;
    if (HasStopped(target)) return true;
    if (StopReasons(target) == 0) return false;
    // Unchanged since the last round: it is blocked, as far as can be seen.
    const int64_t before = cpu_ns;
    cpu_ns = ProcessorTimeNs(target);
    target.seen_blocked.store(cpu_ns == before, std::memory_order_release);
    InterruptThread(target);
    AwaitMoment(target, stops, round);
  }
}

bool IsStopped(Thread& thread, uint32_t id) {
  // Its state alone would not do: a thread that is taken from a run queue only
  // to be left aside passes for one that runs, for a moment.
  return StopReasons(thread) != 0 && AwaitStop(thread, id);
}

int SuspendThread(Thread& self, uint32_t id, uint32_t reason) {
  if (id == self.id) return SuspendSelf(self, reason);
  Critical critical(self);
  SuspenderRole role(self);
  return SuspendOther(id, reason);
}

int SuspendOther(uint32_t id, uint32_t reason) {
  Thread* target = FindAndMark(id, reason);
  if (target == nullptr) return ESRCH;
  // When it was continued before it stopped, that is somebody's wish too.
  return AwaitStop(*target, id) || StillLives(*target, id) ? 0 : ESRCH;
}

int ContinueThread(Thread& self, uint32_t id, uint32_t reason) {
  Critical critical(self);
  Thread* thread = FindLiving(id);
  if (thread == nullptr) return ESRCH;
  DropStopReason(*thread, reason);
  return 0;
}

int GetThreadState(Thread& self, uint32_t id, ThreadState& state) {
  Critical critical(self);
  SuspenderRole role(self);
  Thread* thread = FindLiving(id);
  if (thread == nullptr) return ESRCH;
  if (!StackOf(*thread, state.stack)) return EINVAL;
  state.lwp = static_cast<int>(LwpOf(*thread));
  if (!IsStopped(*thread, id)) return EINVAL;
  // It may be on the way from its LWP still.
  while (InPool(*thread) &&
         __atomic_load_n(&thread->context, __ATOMIC_ACQUIRE) == nullptr) {
    CpuRelax();
  }
  FillRegisters(*thread, state.registers);
  return 0;
}

bool StackOf(const Thread& thread, stack_t& segment) {
  segment = {};
  if (thread.stack_high != nullptr) {
    segment.ss_sp = thread.stack_high;
    segment.ss_size = thread.stack_high - thread.stack_low;
    return true;
  }
  // main and adopted threads: the C library knows.
  pthread_attr_t attr;
  if (pthread_getattr_np(thread.pthread, &attr) != 0) return false;
  void* low;
  size_t bytes;
  pthread_attr_getstack(&attr, &low, &bytes);
  pthread_attr_destroy(&attr);
  segment.ss_sp = static_cast<char*>(low) + bytes;
  segment.ss_size = bytes;
  return true;
}

}  // namespace lt
