// SPDX-License-Identifier: MIT
//
// Who am I, what did I use, and waiting for others.

#include <sys/lwp.h>
#include <sys/resource.h>

#include <cerrno>

#include "api/entry.h"
#include "base/syscall.h"
#include "compat/lwp/out_place.h"
#include "compat/lwp/user_memory.h"
#include "sched/critical.h"
#include "sched/pool.h"
#include "thread/life.h"
#include "thread/lwps.h"
#include "thread/registry.h"

namespace {

timestruc_t ToTimestruc(const timeval& time) {
  constexpr long kNsPerUs = 1000;
  return {time.tv_sec, time.tv_usec * kNsPerUs};
}

// What the library knows of the LWP that runs the caller.
lt::LwpEntry& OwnEntry() {
  lt::Thread& self = lt::Self();
  return self.lwp != nullptr ? self.lwp->entry : self.lwp_entry;
}

// What _lwp_detach finds: 0 for an LWP of _lwp_create.
int CheckRaw(lt::Thread& self, uint32_t number) {
  lt::LwpView view;
  const bool is_lwp = lt::LookAtLwp(number, view) == 0;
  const lt::Critical critical(self);
  lt::RegistryBucket& bucket = lt::RegistryBucketOf(number);
  const lt::SpinLockHolder hold(bucket.lock);
  const lt::Thread* thread = bucket.Find(number);
  if (thread != nullptr && thread->raw_lwp) return 0;
  return is_lwp ? EINVAL : ESRCH;
}

}  // namespace

LT_EXPORT lwpid_t _lwp_self() {
  return static_cast<lwpid_t>(lt::OwnLwp());
}

LT_EXPORT int _lwp_wait(lwpid_t id, lwpid_t* departed) {
  if (const int error = lt::CheckPlace(departed)) return error;
  return lt::WaitForLwp(lt::Self(), static_cast<uint32_t>(id),
                        reinterpret_cast<uint32_t*>(departed));
}

LT_EXPORT int _lwp_detach(lwpid_t id) {
  lt::Thread& self = lt::Self();
  const auto number = static_cast<uint32_t>(id);
  if (const int error = CheckRaw(self, number)) return error;
  return lt::DetachThread(self, number);
}

LT_EXPORT int _lwp_info(struct lwpinfo* info) {
  rusage usage = {};
  lt::RawSyscall(SYS_getrusage, RUSAGE_THREAD, reinterpret_cast<long>(&usage));
  struct lwpinfo found = {};
  found.lwp_utime = ToTimestruc(usage.ru_utime);
  found.lwp_stime = ToTimestruc(usage.ru_stime);
  return lt::CopyOut(info, &found, sizeof found);
}

LT_EXPORT void _lwp_setprivate(void* value) {
  OwnEntry().private_data = value;
}

LT_EXPORT void* _lwp_getprivate() {
  return OwnEntry().private_data;
}
