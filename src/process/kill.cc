// SPDX-License-Identifier: MIT

#include "process/kill.h"

#include <cerrno>

#include "base/signal_set.h"
#include "process/action.h"
#include "process/sigwait.h"
#include "sched/critical.h"
#include "thread/interrupt.h"
#include "thread/registry.h"

namespace lt {
namespace {

// The kernel's own business.  False when it has not begun to run yet.
bool SendToKernelThread(const Thread& target, int signal) {
  const pid_t tid = target.kernel_tid.load(std::memory_order_acquire);
  if (tid == 0) return false;
  RawSyscall(SYS_tgkill, RawSyscall(SYS_getpid), tid, signal);
  return true;
}

}  // namespace

bool IsSendable(int signal) {
  if (signal < 0 || signal >= kSignals) return false;
  return signal == 0 || (signal != g_own_signal && signal != kFirstLibcSignal &&
                         signal != kLastLibcSignal);
}

void NoteSignal(Thread& target, int signal) {
  const uint64_t bit = SignalBit(signal);
  // Sequentially consistent: the signal was made pending before, and the target
  // looks there after it has changed either of these.
  if ((target.awaited.load(std::memory_order_seq_cst) & bit) != 0) {
    HintSignalWaiter(target);
  } else if ((target.sigmask.load(std::memory_order_seq_cst) & bit) == 0) {
    Post(target, kSignalRequest);
  }
}

int SendToThread(Thread& self, uint32_t id, int signal) {
  if (!IsSendable(signal)) return EINVAL;
  Critical critical(self);
  const bool ignored = signal != 0 && IsIgnored(signal);
  Thread* target;
  {
    RegistryBucket& bucket = RegistryBucketOf(id);
    SpinLockHolder hold(bucket.lock);
    target = bucket.Find(id);
    if (target == nullptr ||
        target->state.load(std::memory_order_relaxed) == State::kZombie) {
      return ESRCH;
    }
    if (signal == 0) return 0;
    // Under the lock: its kernel thread ends only after it is a zombie.
    if (target->lwp == nullptr && target->kind != Kind::kUnbound &&
        SendToKernelThread(*target, signal)) {
      return 0;
    }
    const uint64_t bit = SignalBit(signal);
    const bool wanted = ((target->sigmask.load(std::memory_order_seq_cst) |
                          target->awaited.load(std::memory_order_seq_cst)) &
                         bit) != 0;
    // As the kernel does: what is neither blocked nor handled is forgotten.
    if (ignored && !wanted) return 0;
    target->pending.fetch_or(bit, std::memory_order_seq_cst);
  }
  NoteSignal(*target, signal);
  return 0;
}

}  // namespace lt
