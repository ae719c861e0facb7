// SPDX-License-Identifier: MIT
//
// Exceptions (exc_*): handlers and exit handlers of the calling thread.
//
// Both are lists of a thread, the newest first, and nobody else looks at them
// while it lives.
//
// INV-EX1: the frames of handlers, from the newest to the oldest, begin at the
//   same place or higher.  exc_handle makes it true, since what lies below the
//   frame of its caller has returned.  A handler whose procedure has returned
//   since is dropped before anything else looks at the list (DropReturned).
// INV-EX2: exit handlers are in the order of the blocks that they belong to;
//   the compiler calls LeaveExit when such a block is left.  A raise calls
//   those that are newer than the handler; the compiler does not for these,
//   because it is as if the block of exc_handle were reached again.
//
// Handlers of the program are called outside of primitives: they may call them.

#include "exception.h"

#include <cstdlib>

#include "frames.h"
#include "parts.h"

extern "C" int exc_raise(int pattern);
extern "C" int mon_exit(lwp4::Handle monitor);

namespace lwp4 {
namespace {

constexpr int kNoPattern = 0;
constexpr int kFailed = -1;
constexpr int kCatchAll = -2;

// Patterns of exc_uniqpatt: far from those that people choose.
constexpr int kFirstUnique = 1 << 24;
constexpr int kLastUnique = 1 << 26;
int g_next_unique = kFirstUnique;

using Function = char* (*)(char*);

struct Handler {
  Handler* next;
  int pattern;
  Function function;
  char* argument;
  SavedRegisters registers;
  Frame frame;
  uint64_t exits;  // the newest exit handler when it was made
};

// struct __lwp_exit of <lwp/lwp.h>; it lies in the block.
struct Exit {
  Exit* next;
  void (*function)(void*);
  void* argument;
  Lwp* thread;  // null: it was called, or is not in the list
  uint64_t number;
};
uint64_t g_exits = 0;

Handler* HandlersOf(const Lwp& thread) {
  return static_cast<Handler*>(thread.handlers);
}

Exit* ExitsOf(const Lwp& thread) {
  return static_cast<Exit*>(thread.exit_handlers);
}

bool IsPattern(int pattern) {
  return pattern != kNoPattern && pattern != kFailed;
}

void DropNewest(Lwp& self) {
  Handler* handler = HandlersOf(self);
  self.handlers = handler->next;
  free(handler);
}

// Those whose frames cannot be any more, by the stack pointer of a caller.
void DropBelow(Lwp& self, uintptr_t end) {
  while (HandlersOf(self) != nullptr && HandlersOf(self)->frame.end < end) {
    DropNewest(self);
  }
}

// Keeps those whose procedures have not returned.
void DropReturned(Lwp& self) {
  constexpr size_t kAtOnce = 32;
  Handler** link = reinterpret_cast<Handler**>(&self.handlers);
  while (*link != nullptr) {
    const Frame* frames[kAtOnce];
    bool alive[kAtOnce];
    size_t count = 0;
    for (Handler* h = *link; h != nullptr && count < kAtOnce; h = h->next) {
      frames[count++] = &h->frame;
    }
    FindLiving(frames, alive, count);
    for (size_t i = 0; i < count; ++i) {
      Handler* handler = *link;
      if (alive[i]) {
        link = &handler->next;
      } else {
        *link = handler->next;
        free(handler);
      }
    }
  }
}

// The newest for the pattern.
Handler* FindHandler(Lwp& self, int pattern) {
  DropReturned(self);
  Handler* handler = HandlersOf(self);
  while (handler != nullptr && handler->pattern != pattern &&
         handler->pattern != kCatchAll) {
    handler = handler->next;
  }
  return handler;
}

extern "C" [[noreturn]] void lwp4_exc_jump(const SavedRegisters* to,
                                           int pattern);

// Leaves the frames that are newer than the handler's, in no primitive.
[[noreturn]] void Raise(Lwp& self, Handler& handler, int pattern) {
  while (HandlersOf(self) != &handler) DropNewest(self);
  const SavedRegisters to = handler.registers;
  const uint64_t exits = handler.exits;
  DropNewest(self);
  while (ExitsOf(self) != nullptr && ExitsOf(self)->number > exits) {
    Exit* exit = ExitsOf(self);
    self.exit_handlers = exit->next;
    exit->thread = nullptr;
    exit->function(exit->argument);
  }
  lwp4_exc_jump(&to, pattern);
}

}  // namespace

bool NotifyException(int pattern, int& result) {
  Function function;
  char* argument;
  {
    Primitive primitive;
    if (!primitive) return false;
    Lwp& self = primitive.self();
    const Handler* handler = FindHandler(self, pattern);
    if (handler == nullptr) return false;
    function = handler->function;
    argument = handler->argument;
  }
  if (function == nullptr) {
    result = exc_raise(pattern);
  } else {
    result = static_cast<int>(reinterpret_cast<intptr_t>(function(argument)));
  }
  return true;
}

void DropExceptions(Lwp& thread) {
  while (thread.handlers != nullptr) DropNewest(thread);
  thread.exit_handlers = nullptr;
}

}  // namespace lwp4

using lwp4::Exit;
using lwp4::Fail;
using lwp4::Function;
using lwp4::Handler;
using lwp4::Primitive;

// Of exc_handle, which has saved the registers of its caller.
extern "C" __attribute__((visibility("hidden"))) int lwp4_exc_handle(
    int pattern, Function function, char* argument,
    const lwp4::SavedRegisters* registers) {
  Primitive primitive;
  if (!primitive) return -1;
  if (!lwp4::IsPattern(pattern)) return Fail(lwp4::kInvalidArg);
  lwp4::Lwp& self = primitive.self();
  auto* handler = static_cast<Handler*>(malloc(sizeof(Handler)));
  if (handler == nullptr) return Fail(lwp4::kNoRoom);
  const lwp4::Frame frame = lwp4::FrameAt(registers->sp);
  lwp4::DropBelow(self, frame.end);
  const Exit* newest = lwp4::ExitsOf(self);
  *handler = {.next = lwp4::HandlersOf(self),
              .pattern = pattern,
              .function = function,
              .argument = argument,
              .registers = *registers,
              .frame = frame,
              .exits = newest != nullptr ? newest->number : 0};
  self.handlers = handler;
  lwp4::AwaitDeaths();
  return 0;
}

LWP4_EXPORT int exc_raise(int pattern) {
  lwp4::Lwp* self;
  Handler* handler;
  {
    Primitive primitive;
    if (!primitive) return -1;
    if (!lwp4::IsPattern(pattern)) return Fail(lwp4::kInvalidArg);
    self = &primitive.self();
    handler = lwp4::FindHandler(*self, pattern);
    if (handler == nullptr) return Fail(lwp4::kNonexist);
  }
  lwp4::Raise(*self, *handler, pattern);
}

LWP4_EXPORT int exc_unhandle() {
  Primitive primitive;
  if (!primitive) return -1;
  lwp4::Lwp& self = primitive.self();
  lwp4::DropReturned(self);
  if (self.handlers == nullptr) return Fail(lwp4::kNonexist);
  lwp4::DropNewest(self);
  return 0;
}

LWP4_EXPORT Function exc_bound(int pattern, char** argument) {
  Primitive primitive;
  if (!primitive) return nullptr;
  if (!lwp4::IsPattern(pattern)) {
    Fail(lwp4::kInvalidArg);
    return nullptr;
  }
  const Handler* handler = lwp4::FindHandler(primitive.self(), pattern);
  if (handler == nullptr) {
    Fail(lwp4::kNonexist);
    return nullptr;
  }
  if (argument != nullptr) *argument = handler->argument;
  return handler->function;
}

LWP4_EXPORT int exc_notify(int pattern) {
  if (!lwp4::IsPattern(pattern)) return Fail(lwp4::kInvalidArg);
  int result;
  if (!lwp4::NotifyException(pattern, result)) return Fail(lwp4::kNonexist);
  return result;
}

LWP4_EXPORT int exc_uniqpatt() {
  Primitive primitive;
  if (!primitive) return -1;
  if (lwp4::g_next_unique > lwp4::kLastUnique) {
    // Said once; from now on those that were given already come again.
    lwp4::g_next_unique = lwp4::kFirstUnique;
    return Fail(lwp4::kReuse);
  }
  return lwp4::g_next_unique++;
}

// ---- Exit handlers: the macros of <lwp/lwp.h> ----

LWP4_EXPORT int __lwp_exit_enter(Exit* exit, void (*function)(void*),
                                 void* argument) {
  exit->thread = nullptr;
  Primitive primitive;
  if (!primitive) return -1;
  lwp4::Lwp& self = primitive.self();
  *exit = {.next = lwp4::ExitsOf(self),
           .function = function,
           .argument = argument,
           .thread = &self,
           .number = ++lwp4::g_exits};
  self.exit_handlers = exit;
  lwp4::AwaitDeaths();
  return 0;
}

LWP4_EXPORT void __lwp_exit_leave(Exit* exit) {
  lwp4::Lwp* self = lwp4::t_self;
  if (self == nullptr || exit->thread != self) return;
  // A thread that dies has none any more.
  if (self->exit_handlers == nullptr) return;
  self->exit_handlers = exit->next;
  exit->thread = nullptr;
  exit->function(exit->argument);
}

LWP4_EXPORT void mon_exit1(lwp4::Handle* monitor) {
  mon_exit(*monitor);
}
