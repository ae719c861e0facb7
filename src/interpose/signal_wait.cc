// SPDX-License-Identifier: MIT
//
// Waiting for signals, and sending them to oneself.

#include <pthread.h>
#include <unistd.h>

#include <csignal>

#include "api/entry.h"
#include "base/clock.h"
#include "base/signal_set.h"
#include "interpose/real.h"
#include "process/kill.h"
#include "process/mask.h"
#include "process/sigwait.h"
#include "sched/critical.h"
#include "thread/runtime.h"

namespace {

bool OnPoolLwp(const lt::Thread* self) {
  return self != nullptr && self->lwp != nullptr;
}

// The library's own signal interrupts kernel threads, unseen by the program.
template <typename Wait>
int RestartUnlessHandled(Wait wait) {
  const lt::Thread* self = lt::Current();
  for (;;) {
    const uint32_t handlers = self == nullptr ? 0 : lt::HandlersRun(*self);
    const int result = wait();
    if (result >= 0 || errno != EINTR || self == nullptr ||
        lt::HandlersRun(*self) != handlers) {
      return result;
    }
  }
}

int SuspendWith(const sigset_t& mask) {
  lt::Thread* self = lt::Current();
  if (OnPoolLwp(self)) {
    lt::SuspendForSignal(*self, lt::ToKernelSet(mask));
    return lt::ReturnError(EINTR);
  }
  return RestartUnlessHandled([&] { return LT_REAL(sigsuspend)(&mask); });
}

// As libc's, a cancellation point, but leaves in `info` what the kernel tells:
// that a signal came from a thread (SI_LWP) among it.
int WaitInKernel(const sigset_t& set, siginfo_t* info, const timespec* limit) {
  int type;
  LT_REAL(pthread_setcanceltype)(PTHREAD_CANCEL_ASYNCHRONOUS, &type);
  const long result =
      lt::RawSyscall(SYS_rt_sigtimedwait, reinterpret_cast<long>(&set),
                     reinterpret_cast<long>(info),
                     reinterpret_cast<long>(limit), lt::kKernelSetBytes);
  LT_REAL(pthread_setcanceltype)(type, nullptr);
  return result < 0 ? lt::ReturnError(static_cast<int>(-result))
                    : static_cast<int>(result);
}

// The signal, or -1 and errno.
int TimedWait(const sigset_t* set, siginfo_t* info, const timespec* limit) {
  lt::Thread* self = lt::Current();
  if (limit != nullptr && (!lt::ValidTimespec(*limit) || limit->tv_sec < 0)) {
    return lt::ReturnError(EINVAL);
  }
  const lt::Deadline deadline =
      limit == nullptr ? lt::Deadline::Never() : lt::Deadline::After(*limit);
  if (!OnPoolLwp(self)) {
    return RestartUnlessHandled([&] {
      if (deadline.never()) return WaitInKernel(*set, info, nullptr);
      const int64_t left = deadline.ns() - lt::NowNs();
      const timespec rest = lt::Deadline::AtNs(left).ToTimespec();
      return WaitInKernel(*set, info, &rest);
    });
  }
  siginfo_t came;
  const int error =
      lt::AwaitSignal(*self, lt::ToKernelSet(*set), deadline, came);
  if (error != 0) return lt::ReturnError(error);
  if (info != nullptr) *info = came;
  return came.si_signo;
}

}  // namespace

LT_EXPORT int sigsuspend(const sigset_t* mask) {
  return SuspendWith(*mask);
}

LT_EXPORT int pause() {
  sigset_t mask;
  lt::FromKernelSet(lt::CurrentMask(), mask);
  return SuspendWith(mask);
}

LT_EXPORT int __xpg_sigpause(int signal) {
  if (signal <= 0 || signal >= lt::kSignals) return lt::ReturnError(EINVAL);
  sigset_t mask;
  lt::FromKernelSet(lt::CurrentMask() & ~lt::SignalBit(signal), mask);
  return SuspendWith(mask);
}

LT_EXPORT int __sigpause(int signal_or_mask, int is_signal) {
  if (is_signal != 0) return __xpg_sigpause(signal_or_mask);
  sigset_t mask;
  lt::FromKernelSet(static_cast<uint32_t>(signal_or_mask), mask);
  return SuspendWith(mask);
}

LT_EXPORT int sigtimedwait(const sigset_t* set, siginfo_t* info,
                           const timespec* limit) {
  return TimedWait(set, info, limit);
}

LT_EXPORT int sigwaitinfo(const sigset_t* set, siginfo_t* info) {
  return TimedWait(set, info, nullptr);
}

// Never EINTR, as in the C library.
LT_EXPORT int sigwait(const sigset_t* set, int* signal) {
  int came;
  do {
    came = TimedWait(set, nullptr, nullptr);
  } while (came < 0 && errno == EINTR);
  if (came < 0) return errno;
  *signal = came;
  return 0;
}

// Solaris' form of sigwait (compat/include/signal.h).
LT_EXPORT int __thr_sigwait(const sigset_t* set) {
  return TimedWait(set, nullptr, nullptr);
}

LT_EXPORT int raise(int signal) {
  lt::Thread& self = lt::Self();
  return lt::ReturnError(lt::SendToThread(self, self.id, signal));
}

LT_EXPORT int gsignal(int signal) {
  return raise(signal);
}
