// SPDX-License-Identifier: MIT
//
// LWPs without a thread: kernel threads that begin with the registers they are
// given, on a stack of the caller's.  To the library each is a bound thread
// whose id is the number of its LWP (thread/entry.cc, thread/life.cc).

#include <sys/lwp.h>

#include <cerrno>
#include <cstring>

#include "api/entry.h"
#include "arch/context.h"
#include "arch/interrupted.h"
#include "arch/start_context.h"
#include "compat/lwp/out_place.h"
#include "thread/leave.h"
#include "thread/life.h"

namespace {

using Start = void (*)(void*);

constexpr uint_t kKnownFlags = LWP_DAEMON | LWP_DETACHED | LWP_SUSPENDED;

// Where a context of _lwp_makecontext begins.  Nobody called it: debuggers and
// unwinders stop here, and what start() returns to is the LWP's end.
void Begin(void* start, void* arg, void* private_data) {
  LT_OUTERMOST_FRAME();
  _lwp_setprivate(private_data);
  reinterpret_cast<Start>(start)(arg);
  _lwp_exit();
}

}  // namespace

LT_EXPORT void _lwp_makecontext(ucontext_t* context, Start start, void* arg,
                                void* private_data, caddr_t stack,
                                size_t bytes) {
  context->uc_stack.ss_sp = stack;
  context->uc_stack.ss_size = bytes;
  context->uc_stack.ss_flags = 0;
  lt::FillStartContext(*context, stack + bytes, Begin,
                       reinterpret_cast<void*>(start), arg, private_data);
}

LT_EXPORT int _lwp_create(ucontext_t* context, uint_t flags, lwpid_t* id) {
  if ((flags & ~kKnownFlags) != 0) return EINVAL;
  ucontext_t copy;
  if (const int error = lt::CopyIn(&copy, context, sizeof copy)) return error;
  if (const int error = lt::CheckPlace(id)) return error;
  if (lt::ProgramCounter(copy) == 0 || lt::StackPointer(copy) == 0) {
    return EINVAL;
  }
  lt::Birth birth;
  birth.context = &copy;
  birth.daemon = (flags & LWP_DAEMON) != 0;
  birth.detached = (flags & LWP_DETACHED) != 0 || birth.daemon;
  birth.suspended = (flags & LWP_SUSPENDED) != 0;
  return lt::CreateThread(lt::Self(), birth, reinterpret_cast<uint32_t*>(id));
}

LT_EXPORT void _lwp_exit() {
  lt::LeaveThread(lt::Self());
}
