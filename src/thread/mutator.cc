// SPDX-License-Identifier: MIT
//
// Thread::mutator and `g_all_suspended` are the suspender's (suspend.h).  The
// barrier and the count of events are guarded by the sleep queue buckets of
// their addresses, where threads wait for them to change.

#include "thread/mutator.h"

#include <cerrno>

#include "sched/sleepq.h"
#include "sched/stop.h"
#include "thread/fork.h"
#include "thread/suspend.h"

namespace lt {
namespace {

bool g_barrier = false;
uint64_t g_events = 0;  // suspensions of mutators
bool g_all_suspended = false;

void Sleep(Thread& self, SleepBucket& bucket, const void* address)
    ABSL_UNLOCK_FUNCTION(bucket.lock) {
  SleepOn(self, bucket, address, WaitKey(self), Deadline::Never());
  LeaveCritical(self);
  EnterCritical(self);
}

// Waits until the barrier is down; raises it then if asked.
void PassBarrier(Thread& self, bool raise) {
  for (;;) {
    SleepBucket& bucket = AnnounceSleep(self, &g_barrier);
    bucket.lock.Lock();
    if (!g_barrier) {
      g_barrier = raise;
      bucket.lock.Unlock();
      return;
    }
    Sleep(self, bucket, &g_barrier);
  }
}

uint64_t Events() {
  SpinLockHolder hold(BucketOf(&g_events).lock);
  return g_events;
}

void NoteEvent() {
  SleepBucket& bucket = BucketOf(&g_events);
  bucket.lock.Lock();
  ++g_events;
  WakeAll(bucket, &g_events);
}

void AwaitEvent(Thread& self, uint64_t seen) {
  SleepBucket& bucket = AnnounceSleep(self, &g_events);
  bucket.lock.Lock();
  if (g_events == seen) {
    Sleep(self, bucket, &g_events);
  } else {
    bucket.lock.Unlock();
  }
}

uint32_t IdOf(const Thread& self, uint32_t id) {
  return id == 0 ? self.id : id;
}

// For the suspender.
int FindMutator(uint32_t id, Thread*& thread) {
  thread = FindLiving(id);
  if (thread == nullptr) return ESRCH;
  return thread->mutator ? 0 : EINVAL;
}

// For the suspender.  Calls `use` with all living mutators but the caller.
template <typename Use>
void ForOtherMutators(const Thread& self, Use use) {
  for (Thread* t = AllThreads(); t != nullptr; t = t->all_next) {
    if (t != &self && t->mutator && FindLiving(t->id) == t) use(*t);
  }
}

}  // namespace

void ForgetMutators() {
  g_barrier = false;
  g_all_suspended = false;
}

int SetMutator(Thread& self, uint32_t id, bool enabled) {
  Critical critical(self);
  id = IdOf(self, id);
  if (enabled) PassBarrier(self, false);
  SuspenderRole role(self);
  Thread* thread = FindLiving(id);
  if (thread == nullptr) return ESRCH;
  if (enabled && thread != &self && !IsStopped(*thread, id)) return EINVAL;
  thread->mutator = enabled;
  // Nothing else could take this reason away any more.
  if (!enabled) DropStopReason(*thread, kStopMutator);
  return 0;
}

void SetMutatorBarrier(Thread& self, bool raised) {
  Critical critical(self);
  if (raised) {
    PassBarrier(self, true);
    return;
  }
  SleepBucket& bucket = BucketOf(&g_barrier);
  bucket.lock.Lock();
  g_barrier = false;
  WakeAll(bucket, &g_barrier);
}

int SuspendMutators(Thread& self) {
  Critical critical(self);
  {
    SuspenderRole role(self);
    if (g_all_suspended) return EINVAL;
    g_all_suspended = true;
    // All are told first, then all are waited for.
    ForOtherMutators(self, [](Thread& t) { AddStopReason(t, kStopMutator); });
    ForOtherMutators(self, [](Thread& t) { AwaitStop(t, t.id); });
  }
  NoteEvent();
  return 0;
}

int ContinueMutators(Thread& self) {
  Critical critical(self);
  SuspenderRole role(self);
  if (!g_all_suspended) return EINVAL;
  g_all_suspended = false;
  ForOtherMutators(self, [](Thread& t) { DropStopReason(t, kStopMutator); });
  return 0;
}

int SuspendMutator(Thread& self, uint32_t id) {
  Critical critical(self);
  {
    SuspenderRole role(self);
    Thread* thread;
    if (const int error = FindMutator(IdOf(self, id), thread)) return error;
    AddStopReason(*thread, kStopMutator);
    // The caller stops when its section ends.
    if (thread != &self && !AwaitStop(*thread, id)) return ESRCH;
  }
  NoteEvent();
  return 0;
}

int ContinueMutator(Thread& self, uint32_t id) {
  Critical critical(self);
  SuspenderRole role(self);
  Thread* thread;
  if (const int error = FindMutator(IdOf(self, id), thread)) return error;
  DropStopReason(*thread, kStopMutator);
  return 0;
}

int WaitMutator(Thread& self, uint32_t id, bool dont_wait) {
  Critical critical(self);
  id = IdOf(self, id);
  for (;;) {
    const uint64_t events = Events();
    {
      SuspenderRole role(self);
      Thread* thread;
      if (const int error = FindMutator(id, thread)) return error;
      const bool suspended = (StopReasons(*thread) & kStopMutator) != 0;
      if (suspended && AwaitStop(*thread, id)) return 0;
      if (!suspended && dont_wait) return EWOULDBLOCK;
    }
    AwaitEvent(self, events);
  }
}

}  // namespace lt
