// SPDX-License-Identifier: MIT
//
// Whom processor_bind() and pset_bind() are about.

#ifndef LIBTHREAD_COMPAT_LWP_TARGETS_H_
#define LIBTHREAD_COMPAT_LWP_TARGETS_H_

#include <bits/types/idtype_t.h>
#include <sys/types.h>

namespace lt {

struct Target {
  pid_t process = 0;
  pid_t tid = 0;  // 0: all kernel threads of the process
  bool own = true;
};
// An LWP of the caller's process, or a process.  EINVAL: another kind of id;
// ESRCH: there is none.  In a critical section: an unbound thread keeps its
// LWP.
[[nodiscard]] int FindTarget(idtype_t kind, id_t id, Target& target);

// The kernel's id of an LWP of this process, P_MYID among the numbers; 0: there
// is none.
pid_t KernelIdOfOwn(id_t lwp);

}  // namespace lt

#endif  // LIBTHREAD_COMPAT_LWP_TARGETS_H_
