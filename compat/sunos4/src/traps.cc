// SPDX-License-Identifier: MIT
//
// Traps: faults as exceptions of the thread that made them.  The handler of the
// signal runs on the thread's own stack, as any procedure that it calls does,
// and calls what the exception handler binds; a raise leaves the signal's
// handler with all other frames.  Nothing is blocked in it, so there is no mask
// to set back.
//
// A fault inside of the library, or outside of the pod, is what it always was.

#include <cerrno>
#include <csignal>

#include "agents.h"
#include "exception.h"

namespace lwp4 {
namespace {

uint64_t g_trapped = 0;  // by signal numbers

// The instruction is run again and ends the process; what was sent is sent
// again.
void DieOf(int signal, const siginfo_t& info) {
  struct sigaction defaults = {};
  defaults.sa_handler = SIG_DFL;
  sigaction(signal, &defaults, nullptr);
  if (info.si_code <= 0) raise(signal);
}

void OnTrap(int signal, siginfo_t* info, void*) {
  Lwp* self = t_self;
  if (self == nullptr || self->in_library != 0) {
    DieOf(signal, *info);
    return;
  }
  const int error = errno;
  int result;
  if (!NotifyException(signal, result)) {
    Primitive primitive;
    if (primitive) Die(primitive.self());
  }
  errno = error;
}

bool IsSynchronous(int event) {
  return event == SIGSYS || event == SIGBUS || event == SIGFPE ||
         event == SIGILL || event == SIGTRAP || event == SIGSEGV;
}

}  // namespace

bool IsTrapped(int event) {
  return event > 0 && event < 64 && (g_trapped >> event & 1) != 0;
}

}  // namespace lwp4

LWP4_EXPORT int agt_trap(int event) {
  lwp4::Primitive primitive;
  if (!primitive) return -1;
  if (!lwp4::IsSynchronous(event)) return lwp4::Fail(lwp4::kInvalidArg);
  if (lwp4::HasAgent(event)) return lwp4::Fail(lwp4::kInUse);
  struct sigaction action = {};
  action.sa_sigaction = lwp4::OnTrap;
  action.sa_flags = SA_SIGINFO | SA_NODEFER;
  sigemptyset(&action.sa_mask);
  sigaction(event, &action, nullptr);
  lwp4::g_trapped |= uint64_t{1} << event;
  return 0;
}
