// SPDX-License-Identifier: MIT

#include "thread/life.h"

#include <pthread.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <new>

#include "arch/start_context.h"
#include "arch/tls.h"
#include "base/config.h"
#include "base/own_call.h"
#include "base/sanitizer.h"
#include "base/signal_set.h"
#include "lwp/interval_timers.h"
#include "sched/critical.h"
#include "sched/deliver.h"
#include "sched/dispatch.h"
#include "sched/inherit.h"
#include "sched/lwp_numbers.h"
#include "sched/signal_mask.h"
#include "sched/stop.h"
#include "sched/watcher.h"
#include "thread/cache.h"
#include "thread/census.h"
#include "thread/concurrency.h"
#include "thread/entry.h"
#include "thread/foreign.h"
#include "thread/fork.h"
#include "thread/join.h"
#include "thread/join_any.h"
#include "thread/lwps.h"
#include "thread/registry.h"
#include "thread/runtime.h"
#include "thread/wait_graph.h"

namespace lt {

constinit Census g_census;

namespace {

// Bound, detached threads whose kernel threads are about to end: their stacks
// are still in use.  Looked through at each creation of a bound thread.
SpinLock g_ending_lock;  // rank 7
Fifo<Thread, &Thread::next> g_ending ABSL_GUARDED_BY(g_ending_lock);

void ReapEnding() {
  for (;;) {
    Thread* thread;
    {
      SpinLockHolder hold(g_ending_lock);
      thread = g_ending.PopFront();
    }
    if (thread == nullptr) return;
    if (OwnCall(pthread_tryjoin_np, thread->pthread, nullptr) != 0) {
      SpinLockHolder hold(g_ending_lock);
      g_ending.PushFront(thread);
      return;
    }
    ReturnThread(*thread);
  }
}

void Count(const Thread& thread) {
  if (!thread.daemon) g_census.AddCounted();
  g_census.threads.fetch_add(1, std::memory_order_relaxed);
}

// Publishes the end of `thread`, whose registry bucket is locked, and unlocks
// it.  A detached unbound thread goes back to the cache at once.
void PublishEnd(Thread& thread, RegistryBucket& bucket)
    ABSL_UNLOCK_FUNCTION(bucket.lock) {
  thread.state.store(State::kZombie, std::memory_order_relaxed);
  if (thread.timed_joiners) WakeTimedJoiners(thread);
  if (!thread.detached) {
    HandToJoiner(thread, bucket);
    NoteFewerThreads();
    return;
  }
  bucket.Remove(thread);
  bucket.lock.Unlock();
  g_census.End(thread.daemon, 0);
  if (thread.kind == Kind::kUnbound) {
    ReturnThread(thread);
  } else {
    SpinLockHolder hold(g_ending_lock);
    g_ending.PushBack(&thread);
  }
  NoteFewerThreads();
}

void FinishEnd(Departure& departure) {
  Thread& thread = *departure.from;
  RegistryBucket& bucket = RegistryBucketOf(thread.id);
  bucket.lock.AssertHeld();
  PublishEnd(thread, bucket);
}

// Undoes the making of a thread that did not start.
void Forget(Thread& thread) {
  RemoveLwp(thread.lwp_entry);
  Unregister(thread);
  if (thread.raw_lwp) std::free(thread.arg);
  if (IsWaitable(thread)) CountWaitable(-1);
  DropNewLwpFlag(thread.flags);
  if (!thread.daemon) g_census.BeginExit();
  g_census.End(thread.daemon, 0);
  NoteFewerThreads();
  ReturnThread(thread);
}

// Starts what CreateThread() has built.  Returns 0 or EAGAIN.
int Start(Thread& thread, bool suspended) {
  if (thread.kind == Kind::kBound) return StartBound(thread);
  if (!suspended) Ready(thread);
  return 0;
}

}  // namespace

void ForgetEndings() ABSL_NO_THREAD_SAFETY_ANALYSIS {
  new (&g_ending_lock) SpinLock();
  g_ending = {};
}

namespace {

// The thread's own copy of the registers that it begins with, and what they say
// of its stack.  ENOMEM.
int CopyContext(Thread& thread, const ucontext_t& context) {
  thread.arg = std::malloc(sizeof context);
  if (thread.arg == nullptr) return ENOMEM;
  std::memcpy(thread.arg, &context, sizeof context);
  // uc_stack need not have been filled in.
  const stack_t& stack = context.uc_stack;
  const uintptr_t sp = StackPointer(context);
  const auto low = reinterpret_cast<uintptr_t>(stack.ss_sp);
  thread.stack_low = thread.stack_high = nullptr;
  if (sp > low && sp - low <= stack.ss_size) {
    thread.stack_low = static_cast<char*>(stack.ss_sp);
    thread.stack_high = thread.stack_low + stack.ss_size;
  }
  return 0;
}

int CreateLwp(Thread& self, const Birth& birth, uint32_t* id) {
  NoteThreaded();
  ReapEnding();
  Thread* made;
  // Any stack but one of the library's.
  char not_ours;
  if (TakeThread(Kind::kBound, &not_ours, 1, made) != 0) return EAGAIN;
  Thread& thread = *made;
  if (CopyContext(thread, *birth.context) != 0) {
    ReturnThread(thread);
    return EAGAIN;
  }
  thread.raw_lwp = true;
  thread.flags = 0;
  thread.detached = birth.detached;
  thread.daemon = birth.daemon;
  InitPriority(thread, PriorityForNew(self));
  thread.state.store(State::kEmbryo, std::memory_order_relaxed);
  if (birth.suspended) AddStopReason(thread, kStopLwp);
  Count(thread);
  if (IsWaitable(thread)) CountWaitable(1);
  RegisterAsLwp(thread);
  if (id != nullptr) *id = thread.id;
  // No signal before the mask is the context's.
  const uint64_t mask = SetKernelMask(BlockedByHelpers());
  const int error = StartBound(thread);
  SetKernelMask(mask);
  if (error != 0) Forget(thread);
  return error;
}

}  // namespace

int CreateThread(Thread& self, const Birth& birth, uint32_t* id) {
  Critical critical(self);
  if (birth.context != nullptr) return CreateLwp(self, birth, id);
  if (const int error = EnsureRunning(self)) return error;
  const bool bound = birth.bound || g_config.model == Model::kOneToOne;
  if (bound) ReapEnding();
  Thread* made;
  const int error = TakeThread(bound ? Kind::kBound : Kind::kUnbound,
                               birth.stack_low, birth.stack_bytes, made);
  if (error != 0) return error;
  Thread& thread = *made;
  thread.start = birth.start;
  thread.arg = birth.arg;
  thread.flags = birth.flags;
  thread.detached = birth.detached;
  thread.daemon = birth.daemon;
  InitPriority(thread, PriorityForNew(self));
  thread.sigmask.store(OwnMask(self), std::memory_order_relaxed);
  thread.state.store(State::kEmbryo, std::memory_order_relaxed);
  if (birth.suspended) AddStopReason(thread, kStopSuspended);
  if (!bound) {
    // Not a bound one: that comes to its own kernel thread first.
    if (birth.suspended) {
      thread.state.store(State::kStopped, std::memory_order_relaxed);
    }
    thread.context = MakeContext(
        thread.stack_high, thread.stack_high - thread.stack_low, UnboundEntry);
    TlsSetStack(thread.tp, thread.stack_low,
                thread.stack_high - thread.stack_low);
  } else {
    EnterLwp(thread.lwp_entry);
  }
  AddNewLwpFlag(birth.flags);
  Count(thread);
  Register(thread);
  if (id != nullptr) *id = thread.id;
  if (birth.handle != nullptr && !bound) *birth.handle = TlsHandle(thread.tp);
  if (Start(thread, birth.suspended) != 0) {
    Forget(thread);
    return EAGAIN;
  }
  return 0;
}

int CreateForeign(Thread& self, const Birth& birth, const pthread_attr_t* attr,
                  pthread_t* handle) {
  Critical critical(self);
  NoteThreaded();
  ReapEnding();
  Thread* made = TakeForeignThread();
  if (made == nullptr) return EAGAIN;
  Thread& thread = *made;
  thread.start = birth.start;
  thread.arg = birth.arg;
  thread.flags = 0;
  thread.detached = birth.detached;
  InitPriority(thread, PriorityForNew(self));
  thread.state.store(State::kEmbryo, std::memory_order_relaxed);
  EnterLwp(thread.lwp_entry);
  Count(thread);
  Register(thread);
  const int error = StartForeign(thread, attr, handle);
  if (error != 0) Forget(thread);
  return error;
}

void ExitThread(Thread& self, void* status) {
  BlockSignals(self);
  self.status = status;
  self.unwound = true;
  // Below this frame lies nothing that was live before the call.
  constexpr size_t kBelow = 512;
  auto* frame = static_cast<char*>(__builtin_frame_address(0));
  // On a stack of the program's own (swapcontext) it leaves nothing: that
  // serves others as soon as this thread is gone from it.
  if (self.stack_low == nullptr ||
      (frame >= self.stack_low && frame < self.stack_high)) {
    const auto here = reinterpret_cast<uintptr_t>(frame);
    self.exit_sp = reinterpret_cast<char*>((here - kBelow) & ~uintptr_t{63});
  }
  ForgetFrames();
  OwnExit(status);
}

void BlockSignals(Thread& self) {
  Critical critical(self);
  SetOwnMask(self, ~kFaults);
}

void Depart(Thread& self) {
  if (g_watch != 0) EndWatched(self);
  ReturnSignals(self);
  EndProtocols(self);
  DropNewLwpFlag(self.flags);
  RegistryBucket& bucket = RegistryBucketOf(self.id);
  bucket.lock.Lock();
  // The joiner runs next where it waits for just that.
  Thread* successor = nullptr;
  if (!self.detached && !g_shared_queue.HasPriority() &&
      self.joiner != nullptr && InPool(*self.joiner)) {
    successor = self.joiner;
  }
  Departure departure{&self, FinishEnd};
  bucket.lock.HandOn();
  Leave(self, successor, departure);
}

void PublishBoundEnd(Thread& self) {
  RemoveLwp(self.lwp_entry);  // INV-LN1
  EndIntervalTimers();
  if (g_watch != 0) EndWatched(self);
  ReturnSignals(self);
  EndProtocols(self);
  DropNewLwpFlag(self.flags);
  RegistryBucket& bucket = RegistryBucketOf(self.id);
  bucket.lock.Lock();
  PublishEnd(self, bucket);
}

}  // namespace lt
