// SPDX-License-Identifier: MIT

#include "compat/lwp/targets.h"

#include <sys/procset.h>

#include <cerrno>

#include "base/syscall.h"
#include "compat/lwp/processes.h"
#include "lwp/kernel_thread.h"
#include "thread/lwps.h"

namespace lt {
namespace {

constexpr auto kOwn = static_cast<id_t>(P_MYID);

// EPERM says that it lives, too.
bool ProcessLives(pid_t process) {
  return process > 0 && RawSyscall(SYS_kill, process, 0) != -ESRCH;
}

}  // namespace

pid_t KernelIdOfOwn(id_t lwp) {
  return lwp == kOwn ? KernelTid() : KernelIdOfLwp(lwp);
}

int FindTarget(idtype_t kind, id_t id, Target& target) {
  target.process = OwnProcess();
  if (kind == P_LWPID) {
    target.tid = KernelIdOfOwn(id);
    return target.tid != 0 ? 0 : ESRCH;
  }
  if (kind != P_PID) return EINVAL;
  if (id != kOwn) target.process = static_cast<pid_t>(id);
  target.own = target.process == OwnProcess();
  return target.own || ProcessLives(target.process) ? 0 : ESRCH;
}

}  // namespace lt
