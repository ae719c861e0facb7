// SPDX-License-Identifier: MIT
//
// Who runs when: the calls of a program.

#include <sys/time.h>

#include "helper.h"
#include "pod.h"
#include "ready.h"
#include "timers.h"

using lwp4::Fail;
using lwp4::Handle;
using lwp4::Lwp;
using lwp4::Primitive;

LWP4_EXPORT int lwp_yield(Handle handle) {
  Primitive primitive;
  if (!primitive) return -1;
  Lwp& self = primitive.self();
  Lwp* target = primitive.FindThread(handle);
  if (target == nullptr) return Fail(lwp4::kNonexist);
  if (target == &self) {
    lwp4::Yield(self);
    return 0;
  }
  if (target->priority != self.priority) return Fail(lwp4::kIllPrio);
  if (!lwp4::IsReady(*target)) return Fail(lwp4::kInvalidArg);
  lwp4::YieldTo(self, *target);
  return 0;
}

LWP4_EXPORT int lwp_sleep(timeval* limit) {
  Primitive primitive;
  if (!primitive) return -1;
  Lwp& self = primitive.self();
  // Before the time begins to run.
  if (limit != nullptr && !lwp4::AwaitsTime()) return Fail(lwp4::kNoRoom);
  lwp4::Nanoseconds deadline;
  switch (lwp4::ToDeadline(limit, deadline)) {
    case lwp4::Limit::kInvalid:
      return Fail(lwp4::kInvalidArg);
    case lwp4::Limit::kPoll:
      lwp4::Yield(self);
      return 0;
    case lwp4::Limit::kTime:
    case lwp4::Limit::kForever:
      break;
  }
  lwp4::Block(self, lwp4::Wait::kSleep, nullptr, deadline);
  return 0;
}

LWP4_EXPORT int lwp_resched(int priority) {
  Primitive primitive;
  if (!primitive) return -1;
  Lwp& self = primitive.self();
  if (priority < lwp4::kMinPriority || priority > self.priority) {
    return Fail(lwp4::kInvalidArg);
  }
  if (priority == self.priority) {
    lwp4::Yield(self);
    return 0;
  }
  Lwp* first = lwp4::FirstReady(priority);
  if (first == nullptr) return Fail(lwp4::kIllPrio);
  lwp4::MakeUnready(*first);
  lwp4::MakeReady(*first);
  return 0;
}

LWP4_EXPORT int lwp_setpri(Handle handle, int priority) {
  Primitive primitive;
  if (!primitive) return -1;
  Lwp* thread = primitive.FindThread(handle);
  if (thread == nullptr) return Fail(lwp4::kNonexist);
  if (priority < lwp4::kMinPriority || priority > lwp4::pod.max_priority) {
    return Fail(lwp4::kInvalidArg);
  }
  const int before = thread->priority;
  lwp4::ChangePriority(*thread, priority);
  return before;
}

LWP4_EXPORT int lwp_suspend(Handle handle) {
  Primitive primitive;
  if (!primitive) return -1;
  Lwp* thread = primitive.FindThread(handle);
  if (thread == nullptr) return Fail(lwp4::kNonexist);
  if (thread->suspended) return 0;
  thread->suspended = true;
  if (thread == &primitive.self()) {
    lwp4::GiveBaton(*thread);
  } else if (lwp4::IsReady(*thread)) {
    lwp4::MakeUnready(*thread);
  }
  return 0;
}

LWP4_EXPORT int lwp_resume(Handle handle) {
  Primitive primitive;
  if (!primitive) return -1;
  Lwp* thread = primitive.FindThread(handle);
  if (thread == nullptr) return Fail(lwp4::kNonexist);
  if (!thread->suspended) return 0;
  thread->suspended = false;
  if (thread->wait == lwp4::Wait::kNone) lwp4::MakeReady(*thread);
  return 0;
}

LWP4_EXPORT int pod_setmaxpri(int priority) {
  const bool first =
      lwp4::pod.running.load(std::memory_order_relaxed) == nullptr &&
      lwp4::t_self == nullptr;
  Primitive primitive;
  if (!primitive) return -1;
  if (priority < lwp4::pod.max_priority || priority > lwp4::kMostPriority) {
    return Fail(lwp4::kInvalidArg);
  }
  lwp4::pod.max_priority = priority;
  // The call has made the pod: what is highest now is the first thread's.
  if (first) primitive.self().priority = priority;
  return 0;
}

LWP4_EXPORT int pod_getmaxpri() {
  Primitive primitive;
  return primitive ? lwp4::pod.max_priority : -1;
}

LWP4_EXPORT int pod_getmaxsize() {
  Primitive primitive;
  return primitive ? lwp4::kMostPriority : -1;
}
