// SPDX-License-Identifier: MIT
//
// Threads are made, ended, and asked about.

#include <sys/mman.h>

#include <cstdarg>

#include "life.h"
#include "pod.h"
#include "run.h"
#include "stacks.h"
#include "timers.h"
#include "variables.h"

namespace lwp4 {
namespace {

constexpr int kMostArguments = 512;
constexpr uintptr_t kStackAlignment = 16;

// Can what lies below a top be written?  Kernels that cannot tell (before Linux
// 5.14) are believed to say yes.
bool IsWritable(uintptr_t top) {
#ifndef MADV_POPULATE_WRITE
#define MADV_POPULATE_WRITE 23
#endif
  constexpr uintptr_t kPage = 4096;
  const auto populates = [](uintptr_t address) {
    return madvise(reinterpret_cast<void*>(address & ~(kPage - 1)), kPage,
                   MADV_POPULATE_WRITE) == 0;
  };
  return populates(top - 1) || !populates(reinterpret_cast<uintptr_t>(&top));
}

// Those that go into registers lie right below those of the stack, where the
// function's frame will be.
void StoreArguments(Lwp& thread, uintptr_t top, int count, va_list list) {
  const int words = count > kRegisterArguments ? count - kRegisterArguments : 0;
  const uintptr_t on_stack =
      (top - words * sizeof(uintptr_t)) & ~(kStackAlignment - 1);
  thread.arguments =
      reinterpret_cast<uintptr_t*>(on_stack) - kRegisterArguments;
  thread.argument_words = count;
  for (int i = 0; i < count; ++i) {
    thread.arguments[i] = va_arg(list, uintptr_t);
  }
}

int Create(Handle* handle, void (*function)(), int priority, int flags,
           char* stack, int count, va_list list) {
  if (priority < kMinPriority || priority > pod.max_priority) {
    return Fail(kIllPrio);
  }
  constexpr int kAllFlags = kSuspended | kNoLastRites | kServer;
  if (count < 0 || count > kMostArguments || (flags & ~kAllFlags) != 0 ||
      (function == nullptr && stack != nullptr)) {
    return Fail(kInvalidArg);
  }
  const uintptr_t top =
      reinterpret_cast<uintptr_t>(stack) & ~(kStackAlignment - 1);
  if (stack != nullptr && !IsCachedStack(stack) && !IsWritable(top)) {
    return Fail(kInvalidArg);
  }
  if (!ReserveTimers(CountOf(Kind::kThread) + 1)) return Fail(kNoRoom);
  Lwp* thread = NewObject<Lwp>();
  if (thread == nullptr) return Fail(kNoRoom);
  thread->priority = priority;
  thread->flags = flags;
  thread->function = function;
  thread->stack_top = stack;
  thread->suspended = stack == nullptr || (flags & kSuspended) != 0;
  if (stack != nullptr) StoreArguments(*thread, top, count, list);
  if (!MakeCarrier(*thread)) {
    FreeObject(*thread);
    return Fail(kNoRoom);
  }
  ++((flags & kServer) != 0 ? pod.servers_active : pod.clients);
  if (handle != nullptr) *handle = thread->handle();
  if (!thread->suspended) MakeReady(*thread);
  return 0;
}

// statvec_t of <lwp/lwp.h>.
struct State {
  int priority;
  struct {
    int kind;
    Handle object;
  } blocked;
};

// lwp_type_t.
int TypeOf(const Object* object) {
  enum { kNoType, kCvType, kMonType, kLwpType };
  if (object == nullptr) return kNoType;
  switch (object->kind) {
    case Kind::kCond:
      return kCvType;
    case Kind::kMonitor:
      return kMonType;
    default:
      return kLwpType;
  }
}

}  // namespace
}  // namespace lwp4

using lwp4::Fail;
using lwp4::Handle;
using lwp4::Lwp;
using lwp4::Primitive;

// Callers without a prototype, and C++ programs with one of their own, pass the
// arguments like those of any function: words, in the same registers.
LWP4_EXPORT int lwp_create(Handle* handle, void (*function)(), int priority,
                           int flags, char* stack, int count, ...) {
  Primitive primitive;
  if (!primitive) return -1;
  va_list list;
  va_start(list, count);
  const int result =
      lwp4::Create(handle, function, priority, flags, stack, count, list);
  va_end(list);
  return result;
}

LWP4_EXPORT int lwp_destroy(Handle handle) {
  Primitive primitive;
  if (!primitive) return -1;
  if (handle.id == nullptr) lwp4::Die(primitive.self());
  auto* peer = static_cast<lwp4::Peer*>(
      lwp4::FindObject(handle, lwp4::Kind::kThread, lwp4::Kind::kAgent));
  if (peer == nullptr) return Fail(lwp4::kNonexist);
  if (peer->kind == lwp4::Kind::kAgent) {
    lwp4::hooks.destroy_agent(*peer);
    return 0;
  }
  auto* thread = static_cast<Lwp*>(peer);
  if (thread == &primitive.self()) lwp4::Die(*thread);
  lwp4::Kill(*thread);
  return 0;
}

LWP4_EXPORT int lwp_self(Handle* handle) {
  Primitive primitive;
  if (!primitive) return -1;
  if (handle == nullptr) return Fail(lwp4::kInvalidArg);
  *handle = primitive.self().handle();
  return 0;
}

LWP4_EXPORT int lwp_join(Handle handle) {
  Primitive primitive;
  if (!primitive) return -1;
  Lwp& self = primitive.self();
  Lwp* target = primitive.FindThread(handle);
  if (target == nullptr) return Fail(lwp4::kNonexist);
  if (target == &self) return Fail(lwp4::kInvalidArg);
  target->joiners.PushBack(self);
  lwp4::Block(self, lwp4::Wait::kJoin, target);
  return 0;
}

LWP4_EXPORT int lwp_ping(Handle handle) {
  Primitive primitive;
  if (!primitive) return -1;
  const bool lives =
      handle.id == nullptr || lwp4::FindObject(handle, lwp4::Kind::kThread,
                                               lwp4::Kind::kAgent) != nullptr;
  return lives ? 0 : Fail(lwp4::kNonexist);
}

LWP4_EXPORT int lwp_enumerate(Handle* vec, int most) {
  Primitive primitive;
  if (!primitive) return -1;
  return lwp4::Enumerate(lwp4::Kind::kThread, vec, most);
}

LWP4_EXPORT int lwp_getstate(Handle handle, lwp4::State* state) {
  Primitive primitive;
  if (!primitive) return -1;
  Lwp* thread = primitive.FindThread(handle);
  if (thread == nullptr) return Fail(lwp4::kNonexist);
  if (state == nullptr) return Fail(lwp4::kInvalidArg);
  state->priority = thread->priority;
  state->blocked.kind = lwp4::TypeOf(thread->on);
  state->blocked.object =
      thread->on != nullptr ? thread->on->handle() : Handle{nullptr, 0};
  return 0;
}
