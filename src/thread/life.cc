// SPDX-License-Identifier: MIT

#include "thread/life.h"

#include <pthread.h>

#include <cerrno>

#include "arch/tls.h"
#include "base/config.h"
#include "lwp/kernel_thread.h"
#include "sched/dispatch.h"
#include "sched/watcher.h"
#include "thread/cache.h"
#include "thread/census.h"
#include "thread/concurrency.h"
#include "thread/entry.h"
#include "thread/join.h"
#include "thread/registry.h"
#include "thread/runtime.h"

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
    if (pthread_tryjoin_np(thread->pthread, nullptr) != 0) {
      SpinLockHolder hold(g_ending_lock);
      g_ending.PushFront(thread);
      return;
    }
    ReturnThread(*thread);
  }
}

void Unregister(Thread& thread) {
  RegistryBucket& bucket = RegistryBucketOf(thread.id);
  SpinLockHolder hold(bucket.lock);
  bucket.Remove(thread);
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

}  // namespace

int CreateThread(Thread& self, const Birth& birth, uint32_t* id) {
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
  thread.priority.store(self.priority.load(std::memory_order_relaxed),
                        std::memory_order_relaxed);
  thread.state.store(birth.suspended ? State::kStopped : State::kEmbryo,
                     std::memory_order_release);
  if (!bound) {
    thread.context = MakeContext(
        thread.stack_high, thread.stack_high - thread.stack_low, UnboundEntry);
    TlsSetStack(thread.tp, thread.stack_low,
                thread.stack_high - thread.stack_low);
  } else {
    thread.lwp_number = NextLwpNumber();
  }
  AddNewLwpFlag(birth.flags);
  Count(thread);
  Register(thread);
  if (id != nullptr) *id = thread.id;
  if (bound) {
    if (StartBound(thread) != 0) {
      Unregister(thread);
      DropNewLwpFlag(birth.flags);
      if (!thread.daemon) g_census.BeginExit();
      g_census.End(thread.daemon, 0);
      NoteFewerThreads();
      ReturnThread(thread);
      return EAGAIN;
    }
  } else if (!birth.suspended) {
    Ready(thread);
  }
  return 0;
}

int ContinueThread(uint32_t id) {
  Thread* stopped = nullptr;
  {
    RegistryBucket& bucket = RegistryBucketOf(id);
    SpinLockHolder hold(bucket.lock);
    Thread* thread = bucket.Find(id);
    if (thread == nullptr ||
        thread->state.load(std::memory_order_relaxed) == State::kZombie) {
      return ESRCH;
    }
    if (thread->state.load(std::memory_order_relaxed) == State::kStopped) {
      // Under the lock: of two callers one makes it runnable.
      thread->state.store(State::kRunnable, std::memory_order_relaxed);
      stopped = thread;
    }
  }
  if (stopped != nullptr) Ready(*stopped);
  return 0;
}

void ExitThread(Thread& self, void* status) {
  self.status = status;
  self.unwound = true;
  // Below this frame lies nothing that was live before the call.
  constexpr size_t kBelow = 512;
  auto here = reinterpret_cast<uintptr_t>(__builtin_frame_address(0));
  self.exit_sp = reinterpret_cast<char*>((here - kBelow) & ~uintptr_t{63});
  pthread_exit(status);
}

void Depart(Thread& self) {
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
  DropNewLwpFlag(self.flags);
  RegistryBucket& bucket = RegistryBucketOf(self.id);
  bucket.lock.Lock();
  PublishEnd(self, bucket);
}

}  // namespace lt
