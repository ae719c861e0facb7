// SPDX-License-Identifier: MIT
//
// Waiting for children.  A bound thread waits until one could be waited for and
// leaves it where it is; then the caller takes it, or another thread was
// quicker, and it waits again.

#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "nbio.h"

namespace nbio {
namespace {

struct Children {
  idtype_t type;
  id_t id;
  int options;  // of waitid(2)
};

int64_t Look(void* argument) {
  const auto& of = *static_cast<const Children*>(argument);
  siginfo_t info;
  return NBIO_NEXT(waitid)(of.type, of.id, &info, of.options | WNOWAIT) == 0
             ? 0
             : -errno;
}

// False: there is no room to wait.
bool AwaitChild(const Children& of) {
  const Call call = {Look, nullptr, &of, sizeof of};
  int64_t ignored;  // also of an error the caller hears by itself
  return MakeElsewhere(call, ignored);
}

Children ToChildren(pid_t process, int options) {
  Children of = {P_ALL, 0, WEXITED};
  if (process > 0) {
    of.type = P_PID;
    of.id = static_cast<id_t>(process);
  } else if (process != -1) {
    of.type = P_PGID;
    of.id = static_cast<id_t>(process == 0 ? getpgrp() : -process);
  }
  constexpr int kOthers = __WALL | __WCLONE | __WNOTHREAD;
  of.options |= options & (WCONTINUED | kOthers);
  if ((options & WUNTRACED) != 0) of.options |= WSTOPPED;
  return of;
}

}  // namespace
}  // namespace nbio

NBIO_EXPORT pid_t wait4(pid_t process, int* status, int options,
                        rusage* usage) {
  const auto next = NBIO_NEXT(wait4);
  if ((options & WNOHANG) != 0 || __lwp_nbio_may_wait() == 0) {
    return next(process, status, options, usage);
  }
  for (;;) {
    const pid_t got = next(process, status, options | WNOHANG, usage);
    if (got != 0) return got;
    if (!nbio::AwaitChild(nbio::ToChildren(process, options))) {
      return next(process, status, options, usage);
    }
  }
}

NBIO_EXPORT pid_t wait3(int* status, int options, rusage* usage) {
  return wait4(-1, status, options, usage);
}

NBIO_EXPORT pid_t waitpid(pid_t process, int* status, int options) {
  return wait4(process, status, options, nullptr);
}

NBIO_EXPORT pid_t wait(int* status) {
  return wait4(-1, status, 0, nullptr);
}

NBIO_EXPORT int waitid(idtype_t type, id_t id, siginfo_t* info, int options) {
  const auto next = NBIO_NEXT(waitid);
  if ((options & WNOHANG) != 0 || __lwp_nbio_may_wait() == 0) {
    return next(type, id, info, options);
  }
  for (;;) {
    siginfo_t found;
    found.si_pid = 0;
    const int result = next(type, id, &found, options | WNOHANG);
    if (result != 0 || found.si_pid != 0) {
      if (result == 0 && info != nullptr) *info = found;
      return result;
    }
    const nbio::Children of = {type, id, options};
    if (!nbio::AwaitChild(of)) return next(type, id, info, options);
  }
}
