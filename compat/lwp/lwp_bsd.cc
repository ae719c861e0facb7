// SPDX-License-Identifier: MIT
//
// The names that NetBSD has too, in its way: -1 and errno.  A program gets them
// by <lwp.h>, or by <sys/lwp.h> with _LWP_BSD.

#include <sys/lwp.h>

#include <cerrno>
#include <climits>

#include "api/entry.h"
#include "thread/leave.h"

namespace {

int Return(int error) {
  if (error == 0) return 0;
  errno = error;
  return -1;
}

}  // namespace

LT_EXPORT int __bsd_lwp_create(const ucontext_t* context, unsigned long flags,
                               lwpid_t* id) {
  if (flags > UINT_MAX) return Return(EINVAL);
  return Return(_lwp_create(const_cast<ucontext_t*>(context),
                            static_cast<uint_t>(flags), id));
}

LT_EXPORT int __bsd_lwp_exit() {
  lt::LeaveThread(lt::Self());
}

LT_EXPORT int __bsd_lwp_detach(lwpid_t id) {
  return Return(_lwp_detach(id));
}

LT_EXPORT int __bsd_lwp_wait(lwpid_t id, lwpid_t* departed) {
  return Return(_lwp_wait(id, departed));
}

LT_EXPORT int __bsd_lwp_suspend(lwpid_t id) {
  return Return(_lwp_suspend(id));
}

LT_EXPORT int __bsd_lwp_continue(lwpid_t id) {
  return Return(_lwp_continue(id));
}

LT_EXPORT int __bsd_lwp_kill(lwpid_t id, int signal) {
  return Return(_lwp_kill(id, signal));
}
