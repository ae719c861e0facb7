// SPDX-License-Identifier: MIT
//
// Condition variables.  Who is woken waits for the monitor next, which the
// caller holds: it runs when that has been left.

#include "monitor.h"

namespace lwp4 {
namespace {

// To the queue of the monitor, which the caller holds.
void Wake(Cond& cond, Lwp& thread) {
  cond.waiters.Remove(thread);
  thread.wait = Wait::kMonitor;
  thread.on = cond.monitor;
  cond.monitor->waiters.PushByPriority(thread);
}

// The condition variable of a handle whose monitor the caller holds; null, and
// the error is set.
Cond* FindHeld(const Handle& handle, Lwp& self) {
  auto* cond = Find<Cond>(handle);
  if (cond == nullptr) {
    Fail(kNonexist);
  } else if (cond->monitor->owner != &self) {
    Fail(kNotOwned);
    cond = nullptr;
  }
  return cond;
}

}  // namespace
}  // namespace lwp4

LWP4_EXPORT int cv_create(lwp4::Handle* handle, lwp4::Handle monitor_handle) {
  lwp4::Primitive primitive;
  if (!primitive) return -1;
  if (handle == nullptr) return lwp4::Fail(lwp4::kInvalidArg);
  auto* monitor = lwp4::Find<lwp4::Monitor>(monitor_handle);
  if (monitor == nullptr) return lwp4::Fail(lwp4::kNonexist);
  auto* cond = lwp4::NewObject<lwp4::Cond>();
  if (cond == nullptr) return lwp4::Fail(lwp4::kNoRoom);
  cond->monitor = monitor;
  cond->next_of_monitor = monitor->conds;
  monitor->conds = cond;
  *handle = cond->handle();
  return 0;
}

LWP4_EXPORT int cv_destroy(lwp4::Handle handle) {
  lwp4::Primitive primitive;
  if (!primitive) return -1;
  auto* cond = lwp4::Find<lwp4::Cond>(handle);
  if (cond == nullptr) return lwp4::Fail(lwp4::kNonexist);
  if (!cond->waiters.empty()) return lwp4::Fail(lwp4::kInUse);
  lwp4::Cond** link = &cond->monitor->conds;
  while (*link != cond) link = &(*link)->next_of_monitor;
  *link = cond->next_of_monitor;
  lwp4::FreeObject(*cond);
  return 0;
}

LWP4_EXPORT int cv_wait(lwp4::Handle handle) {
  lwp4::Primitive primitive;
  if (!primitive) return -1;
  lwp4::Lwp& self = primitive.self();
  lwp4::Cond* cond = lwp4::FindHeld(handle, self);
  if (cond == nullptr) return -1;
  lwp4::Monitor& monitor = *cond->monitor;
  // It must be the one entered last.
  if (self.entries->monitor != &monitor) return lwp4::Fail(lwp4::kNotOwned);
  // All entries are left, or nobody could ever come in to wake it.
  self.nest_to_restore = monitor.nest;
  lwp4::LeaveMonitor(monitor);
  cond->waiters.PushByPriority(self);
  lwp4::Block(self, lwp4::Wait::kCond, cond);
  return 0;
}

LWP4_EXPORT int cv_notify(lwp4::Handle handle) {
  lwp4::Primitive primitive;
  if (!primitive) return -1;
  lwp4::Cond* cond = lwp4::FindHeld(handle, primitive.self());
  if (cond == nullptr) return -1;
  if (!cond->waiters.empty()) lwp4::Wake(*cond, *cond->waiters.first);
  return 0;
}

LWP4_EXPORT int cv_broadcast(lwp4::Handle handle) {
  lwp4::Primitive primitive;
  if (!primitive) return -1;
  lwp4::Cond* cond = lwp4::FindHeld(handle, primitive.self());
  if (cond == nullptr) return -1;
  while (!cond->waiters.empty()) lwp4::Wake(*cond, *cond->waiters.first);
  return 0;
}

LWP4_EXPORT int cv_send(lwp4::Handle handle, lwp4::Handle thread) {
  lwp4::Primitive primitive;
  if (!primitive) return -1;
  lwp4::Cond* cond = lwp4::FindHeld(handle, primitive.self());
  if (cond == nullptr) return -1;
  lwp4::Lwp* target = primitive.FindThread(thread);
  if (target == nullptr) return lwp4::Fail(lwp4::kNonexist);
  if (target->queue != &cond->waiters) return lwp4::Fail(lwp4::kNoWait);
  lwp4::Wake(*cond, *target);
  return 0;
}

LWP4_EXPORT int cv_enumerate(lwp4::Handle* vec, int most) {
  lwp4::Primitive primitive;
  if (!primitive) return -1;
  return lwp4::Enumerate(lwp4::Kind::kCond, vec, most);
}

LWP4_EXPORT int cv_waiters(lwp4::Handle handle, lwp4::Handle* vec, int most) {
  lwp4::Primitive primitive;
  if (!primitive) return -1;
  auto* cond = lwp4::Find<lwp4::Cond>(handle);
  if (cond == nullptr) return lwp4::Fail(lwp4::kNonexist);
  return cond->waiters.Enumerate(vec, most);
}
