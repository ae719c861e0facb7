// SPDX-License-Identifier: MIT

#include "monitor.h"

#include <climits>
#include <cstdlib>

namespace lwp4 {
namespace {

Entry* g_free_entries = nullptr;

// An entry beside the one in the monitor: for a thread that enters a monitor
// again after another one.
Entry* NewEntry() {
  Entry* entry = g_free_entries;
  if (entry != nullptr) {
    g_free_entries = entry->before;
    return entry;
  }
  return static_cast<Entry*>(std::calloc(1, sizeof(Entry)));
}

// Takes it out of the list that `link` is in.
void Drop(Entry** link) {
  Entry* entry = *link;
  *link = entry->before;
  if (entry != &entry->monitor->entry) {
    entry->before = g_free_entries;
    g_free_entries = entry;
  }
}

// All that `owner` has for the monitor.
void DropAll(Monitor& monitor, Lwp& owner) {
  for (Entry** link = &owner.entries; *link != nullptr;) {
    if ((*link)->monitor == &monitor) {
      Drop(link);
    } else {
      link = &(*link)->before;
    }
  }
}

// The newest one for the monitor, less one.
void DropOne(Monitor& monitor, Lwp& owner) {
  Entry** link = &owner.entries;
  while ((*link)->monitor != &monitor) link = &(*link)->before;
  if (--(*link)->count == 0) Drop(link);
}

}  // namespace

bool TakeMonitor(Monitor& monitor, Lwp& thread, int count) {
  Entry* newest = thread.entries;
  if (newest != nullptr && newest->monitor == &monitor) {
    newest->count += count;
  } else {
    // The monitor's own serves the first entry of each owner.
    Entry* entry = monitor.owner == nullptr ? &monitor.entry : NewEntry();
    if (entry == nullptr) return false;
    *entry = {&monitor, count, newest};
    thread.entries = entry;
  }
  monitor.owner = &thread;
  monitor.nest += count;
  return true;
}

void HandMonitorOn(Monitor& monitor) {
  monitor.owner = nullptr;
  monitor.nest = 0;
  Lwp* next = monitor.waiters.first;
  if (next == nullptr) return;
  // For one that comes back from cv_wait, as often as it had entered.
  const int count = next->nest_to_restore;
  next->nest_to_restore = 0;
  TakeMonitor(monitor, *next, count);
  Unblock(*next, kNoError);
}

void LeaveMonitor(Monitor& monitor) {
  DropAll(monitor, *monitor.owner);
  HandMonitorOn(monitor);
}

void ReleaseMonitors(Lwp& thread) {
  while (thread.entries != nullptr) LeaveMonitor(*thread.entries->monitor);
}

void ForgetMonitors(Lwp* self) {
  for (Object* object = FirstOf(Kind::kMonitor); object != nullptr;
       object = object->next) {
    auto& monitor = *static_cast<Monitor*>(object);
    monitor.waiters = {};
    if (monitor.owner != self) {
      monitor.owner = nullptr;
      monitor.nest = 0;
    }
  }
  for (Object* object = FirstOf(Kind::kCond); object != nullptr;
       object = object->next) {
    static_cast<Cond*>(object)->waiters = {};
  }
}

namespace {

// `cond_enter` does not wait.
int Enter(const Handle& handle, bool cond_enter) {
  Primitive primitive;
  if (!primitive) return -1;
  Lwp& self = primitive.self();
  auto* monitor = Find<Monitor>(handle);
  if (monitor == nullptr) return Fail(kNonexist);
  if (monitor->owner == nullptr || monitor->owner == &self) {
    const int level = monitor->nest;
    if (level == INT_MAX) return Fail(kNoRoom);
    return TakeMonitor(*monitor, self, 1) ? level : Fail(kNoRoom);
  }
  if (cond_enter) return Fail(kInUse);
  self.nest_to_restore = 1;
  monitor->waiters.PushByPriority(self);
  // The monitor cannot be destroyed while threads wait for it.
  Block(self, Wait::kMonitor, monitor);
  return 0;
}

void Destroy(Monitor& monitor) {
  if (monitor.owner != nullptr) DropAll(monitor, *monitor.owner);
  while (Cond* cond = monitor.conds) {
    monitor.conds = cond->next_of_monitor;
    FreeObject(*cond);
  }
  FreeObject(monitor);
}

bool IsInUse(const Monitor& monitor) {
  if (!monitor.waiters.empty()) return true;
  for (Cond* at = monitor.conds; at != nullptr; at = at->next_of_monitor) {
    if (!at->waiters.empty()) return true;
  }
  return false;
}

}  // namespace
}  // namespace lwp4

LWP4_EXPORT int mon_create(lwp4::Handle* handle) {
  lwp4::Primitive primitive;
  if (!primitive) return -1;
  if (handle == nullptr) return lwp4::Fail(lwp4::kInvalidArg);
  auto* monitor = lwp4::NewObject<lwp4::Monitor>();
  if (monitor == nullptr) return lwp4::Fail(lwp4::kNoRoom);
  *handle = monitor->handle();
  return 0;
}

LWP4_EXPORT int mon_destroy(lwp4::Handle handle) {
  lwp4::Primitive primitive;
  if (!primitive) return -1;
  auto* monitor = lwp4::Find<lwp4::Monitor>(handle);
  if (monitor == nullptr) return lwp4::Fail(lwp4::kNonexist);
  if (lwp4::IsInUse(*monitor)) return lwp4::Fail(lwp4::kInUse);
  lwp4::Destroy(*monitor);
  return 0;
}

LWP4_EXPORT int mon_enter(lwp4::Handle handle) {
  return lwp4::Enter(handle, false);
}

LWP4_EXPORT int mon_cond_enter(lwp4::Handle handle) {
  return lwp4::Enter(handle, true);
}

LWP4_EXPORT int mon_exit(lwp4::Handle handle) {
  lwp4::Primitive primitive;
  if (!primitive) return -1;
  auto* monitor = lwp4::Find<lwp4::Monitor>(handle);
  if (monitor == nullptr) return lwp4::Fail(lwp4::kNonexist);
  lwp4::Lwp& self = primitive.self();
  if (monitor->owner != &self) return lwp4::Fail(lwp4::kInvalidArg);
  lwp4::DropOne(*monitor, self);
  const int level = --monitor->nest;
  if (level == 0) lwp4::HandMonitorOn(*monitor);
  return level;
}

LWP4_EXPORT int mon_break(lwp4::Handle handle) {
  lwp4::Primitive primitive;
  if (!primitive) return -1;
  auto* monitor = lwp4::Find<lwp4::Monitor>(handle);
  if (monitor == nullptr) return lwp4::Fail(lwp4::kNonexist);
  if (monitor->owner == nullptr) return lwp4::Fail(lwp4::kNotOwned);
  lwp4::LeaveMonitor(*monitor);
  return 0;
}

LWP4_EXPORT int mon_enumerate(lwp4::Handle* vec, int most) {
  lwp4::Primitive primitive;
  if (!primitive) return -1;
  return lwp4::Enumerate(lwp4::Kind::kMonitor, vec, most);
}

LWP4_EXPORT int mon_waiters(lwp4::Handle handle, lwp4::Handle* owner,
                            lwp4::Handle* vec, int most) {
  lwp4::Primitive primitive;
  if (!primitive) return -1;
  auto* monitor = lwp4::Find<lwp4::Monitor>(handle);
  if (monitor == nullptr) return lwp4::Fail(lwp4::kNonexist);
  if (owner != nullptr) {
    *owner = monitor->owner != nullptr ? monitor->owner->handle()
                                       : lwp4::Handle{nullptr, 0};
  }
  return monitor->waiters.Enumerate(vec, most);
}
