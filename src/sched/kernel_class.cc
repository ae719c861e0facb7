// SPDX-License-Identifier: MIT

#include "sched/kernel_class.h"

#include "sched/inherit.h"
#include "sched/kernel_boost.h"
#include "sched/thread.h"

namespace lt {
namespace {

// The living thread of that kernel thread which has to do with mutexes of
// priority protocols, or null.
Thread* FindUser(pid_t tid) ABSL_EXCLUSIVE_LOCKS_REQUIRED(g_priority_lock) {
  if (g_protocol_threads.load(std::memory_order_relaxed) == 0) return nullptr;
  Thread* thread = AllThreads();
  for (; thread != nullptr; thread = thread->all_next) {
    // One that has become unbound (main) may be raised still.
    if (thread->kernel_boost.tid == tid) break;
    if (thread->protocol_epoch.load(std::memory_order_relaxed) != 0 &&
        HasKernelThread(*thread) &&
        thread->kernel_tid.load(std::memory_order_relaxed) == tid) {
      break;
    }
  }
  return thread;
}

}  // namespace

KernelPriority AssignedKernelPriority(pid_t tid) {
  SpinLockHolder hold(g_priority_lock);
  const Thread* user = FindUser(tid);
  return user != nullptr && user->kernel_boost.tid == tid &&
                 ReadKernelPriority(tid) == user->kernel_boost.given
             ? user->kernel_boost.own
             : ReadKernelPriority(tid);
}

int AssignKernelPriority(pid_t tid, KernelPriority wanted) {
  SpinLockHolder hold(g_priority_lock);
  // The kernel decides whether the program may, also where that is raised: it
  // sinks to the new class, and rises again.
  if (const int error = TrySetKernelPriority(tid, wanted)) return error;
  Thread* user = FindUser(tid);
  if (user == nullptr) return 0;
  ForgetKernelBoost(*user);
  UpdatePriority(*user);
  return 0;
}

}  // namespace lt
