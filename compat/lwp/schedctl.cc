// SPDX-License-Identifier: MIT
//
// <schedctl.h>.  A handle is the address of the thread's own object; start and
// stop do nothing in any other thread, so that a handle that outlived its
// thread does no harm.

#include "compat/include/schedctl.h"

#include "api/entry.h"
#include "sched/dispatch.h"

namespace {

schedctl_t* HandleOf(lt::Thread& thread) {
  return reinterpret_cast<schedctl_t*>(&thread);
}

// The calling thread if the handle is its own, else null.
lt::Thread* OwnerOf(schedctl_t* handle) {
  lt::Thread* self = lt::Current();
  return self != nullptr && HandleOf(*self) == handle ? self : nullptr;
}

}  // namespace

LT_EXPORT_WEAK schedctl_t* schedctl_init(void) {
  lt::Thread& self = lt::Self();
  self.has_schedctl = true;
  return HandleOf(self);
}

LT_EXPORT_WEAK schedctl_t* schedctl_lookup(void) {
  lt::Thread* self = lt::Current();
  return self != nullptr && self->has_schedctl ? HandleOf(*self) : nullptr;
}

LT_EXPORT_WEAK void schedctl_exit(void) {
  lt::Thread* self = lt::Current();
  if (self == nullptr || !self->has_schedctl) return;
  self->has_schedctl = false;
  lt::AllowPreempt(*self);
}

LT_EXPORT_WEAK void schedctl_start(schedctl_t* handle) {
  lt::Thread* self = OwnerOf(handle);
  if (self != nullptr && self->has_schedctl) lt::DeferPreempt(*self);
}

LT_EXPORT_WEAK void schedctl_stop(schedctl_t* handle) {
  lt::Thread* self = OwnerOf(handle);
  if (self != nullptr) lt::AllowPreempt(*self);
}
