// SPDX-License-Identifier: MIT
//
// Special contexts (lwp_ctx*): memory that threads have of each kind, and what
// the program does with it when threads are switched.
//
// A hook gets the memory, the thread that ran and the one that will.  Where a
// kind is optimized, what is in force stays with its last user until another
// user runs.

#include <climits>
#include <cstdlib>
#include <cstring>

#include "parts.h"

namespace lwp4 {
namespace {

using Hook = void (*)(char* memory, Handle before, Handle next);

struct Context {
  Hook save = nullptr;
  Hook restore = nullptr;
  size_t bytes = 0;
  bool optimized = false;
  Lwp* last_user = nullptr;  // optimized: whose is in force
};

// A thread's memory of one kind; the program's bytes follow.
struct alignas(16) Memory {
  Memory* next;
  int cookie;
};

constexpr int kFirstCookie = 1;
Context* g_contexts = nullptr;  // of cookie kFirstCookie and so on
int g_count = 0;

Context* FindContext(int cookie) {
  if (cookie < kFirstCookie || cookie >= kFirstCookie + g_count) return nullptr;
  return &g_contexts[cookie - kFirstCookie];
}

Memory** FindMemory(Lwp& thread, int cookie) {
  Memory** link = reinterpret_cast<Memory**>(&thread.contexts);
  while (*link != nullptr && (*link)->cookie != cookie) link = &(*link)->next;
  return link;
}

char* Bytes(Memory& memory) {
  return reinterpret_cast<char*>(&memory + 1);
}

Handle HandleOf(Lwp* thread) {
  return thread != nullptr ? thread->handle() : Handle{};
}

void Forget(Lwp& thread, int cookie) {
  Context* context = FindContext(cookie);
  if (context->last_user == &thread) context->last_user = nullptr;
}

int Create(const Context& context) {
  if (context.bytes > INT_MAX) return Fail(kNoRoom);
  void* bigger =
      realloc(g_contexts, sizeof(Context) * (static_cast<size_t>(g_count) + 1));
  if (bigger == nullptr) return Fail(kNoRoom);
  g_contexts = static_cast<Context*>(bigger);
  g_contexts[g_count] = context;
  if (context.save != nullptr || context.restore != nullptr) AwaitSwitches();
  return kFirstCookie + g_count++;
}

// The running thread becomes a user: what is in force is its own from now on.
void BecomeUser(Context& context, int cookie, Lwp& self) {
  Lwp* user = context.last_user;
  Memory* out = user != nullptr ? *FindMemory(*user, cookie) : nullptr;
  if (out != nullptr && context.save != nullptr) {
    context.save(Bytes(*out), user->handle(), self.handle());
  }
  context.last_user = &self;
}

int Init(Lwp& self, Lwp& thread, int cookie) {
  Context* context = FindContext(cookie);
  if (context == nullptr) return Fail(kInvalidArg);
  Memory** link = FindMemory(thread, cookie);
  if (*link != nullptr) return Fail(kInUse);
  *link = static_cast<Memory*>(calloc(1, sizeof(Memory) + context->bytes));
  if (*link == nullptr) return Fail(kNoRoom);
  (*link)->cookie = cookie;
  if (context->optimized && &thread == &self) {
    BecomeUser(*context, cookie, self);
  }
  AwaitDeaths();
  return 0;
}

void Remove(Lwp& thread, Memory** link) {
  Memory* memory = *link;
  *link = memory->next;
  Forget(thread, memory->cookie);
  free(memory);
}

void SwitchOne(Context& context, int cookie, Lwp* before, Lwp& next) {
  Memory* in = *FindMemory(next, cookie);
  Lwp* out_of = before;
  if (context.optimized) {
    if (in == nullptr || context.last_user == &next) return;
    out_of = context.last_user;
    context.last_user = &next;
  }
  const Handle old = HandleOf(out_of);
  Memory* out = out_of != nullptr ? *FindMemory(*out_of, cookie) : nullptr;
  if (out != nullptr && context.save != nullptr) {
    context.save(Bytes(*out), old, next.handle());
  }
  if (in != nullptr && context.restore != nullptr) {
    context.restore(Bytes(*in), old, next.handle());
  }
}

// Copies between the program's memory and the thread's.
int Copy(Lwp* thread, int cookie, char* to_program, const char* from_program) {
  if (thread == nullptr) return Fail(kNonexist);
  Memory* memory = *FindMemory(*thread, cookie);
  if (memory == nullptr) return Fail(kNonexist);
  const size_t bytes = FindContext(cookie)->bytes;
  if (to_program != nullptr) {
    memcpy(to_program, Bytes(*memory), bytes);
  } else if (from_program != nullptr) {
    memcpy(Bytes(*memory), from_program, bytes);
  }
  return 0;
}

}  // namespace

void SwitchContexts(Lwp* before, Lwp& next) {
  for (int i = 0; i < g_count; ++i) {
    SwitchOne(g_contexts[i], kFirstCookie + i, before, next);
  }
}

void DropContexts(Lwp& thread) {
  while (thread.contexts != nullptr) {
    Remove(thread, reinterpret_cast<Memory**>(&thread.contexts));
  }
}

}  // namespace lwp4

using lwp4::Fail;
using lwp4::Handle;
using lwp4::Lwp;
using lwp4::Primitive;

LWP4_EXPORT int lwp_ctxset(lwp4::Hook save, lwp4::Hook restore, unsigned bytes,
                           int optimize) {
  Primitive primitive;
  if (!primitive) return -1;
  return lwp4::Create({save, restore, bytes, optimize != 0, nullptr});
}

LWP4_EXPORT int lwp_ctxinit(Handle tid, int cookie) {
  Primitive primitive;
  if (!primitive) return -1;
  Lwp* thread = primitive.FindThread(tid);
  if (thread == nullptr) return Fail(lwp4::kNonexist);
  return lwp4::Init(primitive.self(), *thread, cookie);
}

LWP4_EXPORT int lwp_ctxremove(Handle tid, int cookie) {
  Primitive primitive;
  if (!primitive) return -1;
  Lwp* thread = primitive.FindThread(tid);
  if (thread == nullptr) return Fail(lwp4::kNonexist);
  lwp4::Memory** link = lwp4::FindMemory(*thread, cookie);
  if (*link == nullptr) return Fail(lwp4::kNonexist);
  lwp4::Remove(*thread, link);
  return 0;
}

LWP4_EXPORT int lwp_ctxmemget(char* memory, Handle tid, int cookie) {
  Primitive primitive;
  if (!primitive) return -1;
  return lwp4::Copy(primitive.FindThread(tid), cookie, memory, nullptr);
}

LWP4_EXPORT int lwp_ctxmemset(const char* memory, Handle tid, int cookie) {
  Primitive primitive;
  if (!primitive) return -1;
  return lwp4::Copy(primitive.FindThread(tid), cookie, nullptr, memory);
}

// Floating registers and errno are every thread's own: there is nothing to do.

LWP4_EXPORT int lwp_fpset(Handle tid) {
  Primitive primitive;
  if (!primitive) return -1;
  return primitive.FindThread(tid) != nullptr ? 0 : Fail(lwp4::kNonexist);
}

LWP4_EXPORT int lwp_libcset(Handle tid) {
  return lwp_fpset(tid);
}
