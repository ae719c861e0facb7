// SPDX-License-Identifier: MIT
//
// The ways to install a handler.

#include <csignal>

#include "api/entry.h"
#include "base/sanitizer.h"
#include "base/signal_set.h"
#include "interpose/real.h"
#include "process/action.h"
#include "process/mask.h"
#include "thread/runtime.h"

namespace {

using Handler = void (*)(int);

// Signals of which siginterrupt(3) said that they interrupt system calls.
std::atomic<uint64_t> g_interrupting{0};

bool IsSignal(int signal) {
  return signal > 0 && signal < lt::kSignals;
}

bool HasDisposition(int signal) {
  return IsSignal(signal) || lt::IsAbsentSignal(signal);
}

// Installs a plain handler; the former one, or SIG_ERR and errno.
Handler Install(int signal, Handler handler, int flags, bool block) {
  struct sigaction action = {};
  struct sigaction before;
  action.sa_handler = handler;
  action.sa_flags = flags;
  if (block) sigaddset(&action.sa_mask, signal);
  const int error =
      handler == SIG_ERR ? EINVAL : lt::ChangeAction(signal, &action, &before);
  if (error == 0) return before.sa_handler;
  errno = error;
  return SIG_ERR;
}

Handler InstallBsd(int signal, Handler handler) {
  const bool interrupts =
      IsSignal(signal) && (g_interrupting.load(std::memory_order_relaxed) &
                           lt::SignalBit(signal)) != 0;
  return Install(signal, handler, interrupts ? 0 : SA_RESTART, true);
}

Handler InstallSysV(int signal, Handler handler) {
  return Install(signal, handler, SA_RESETHAND | SA_NODEFER, false);
}

// True when it was blocked before.
bool Hold(int signal, bool hold) {
  sigset_t set;
  sigset_t before;
  sigemptyset(&set);
  sigaddset(&set, signal);
  static_cast<void>(
      lt::ChangeMask(hold ? SIG_BLOCK : SIG_UNBLOCK, &set, &before));
  return sigismember(&before, signal) == 1;
}

}  // namespace

#if defined(__SANITIZE_THREAD__)
extern "C" int __sigaction(int, const struct sigaction*, struct sigaction*);
#endif

LT_EXPORT LT_UNINSTRUMENTED int sigaction(int signal,
                                          const struct sigaction* action,
                                          struct sigaction* before) {
#if defined(__SANITIZE_THREAD__)
  // It installs its handlers before it is ready.
  if (!lt::g_initialised) return __sigaction(signal, action, before);
#endif
  return lt::ReturnError(lt::ChangeAction(signal, action, before));
}

LT_EXPORT Handler signal(int signal, Handler handler) {
  return InstallBsd(signal, handler);
}

LT_EXPORT Handler bsd_signal(int signal, Handler handler) {
  return InstallBsd(signal, handler);
}

LT_EXPORT Handler ssignal(int signal, Handler handler) {
  return InstallBsd(signal, handler);
}

LT_EXPORT Handler sysv_signal(int signal, Handler handler) {
  return InstallSysV(signal, handler);
}

LT_EXPORT Handler __sysv_signal(int signal, Handler handler) {
  return InstallSysV(signal, handler);
}

LT_EXPORT Handler sigset(int signal, Handler handler) {
  if (!HasDisposition(signal)) {
    errno = EINVAL;
    return SIG_ERR;
  }
  Handler before;
  if (handler == SIG_HOLD) {
    struct sigaction now;
    if (const int error = lt::ChangeAction(signal, nullptr, &now)) {
      errno = error;
      return SIG_ERR;
    }
    before = now.sa_handler;
  } else {
    before = Install(signal, handler, 0, false);
    if (before == SIG_ERR) return SIG_ERR;
  }
  return Hold(signal, handler == SIG_HOLD) ? SIG_HOLD : before;
}

LT_EXPORT int sigignore(int signal) {
  return Install(signal, SIG_IGN, 0, false) == SIG_ERR ? -1 : 0;
}

LT_EXPORT int sighold(int signal) {
  if (!HasDisposition(signal)) return lt::ReturnError(EINVAL);
  Hold(signal, true);
  return 0;
}

LT_EXPORT int sigrelse(int signal) {
  if (!HasDisposition(signal)) return lt::ReturnError(EINVAL);
  Hold(signal, false);
  return 0;
}

LT_EXPORT int siginterrupt(int signal, int interrupts) {
  struct sigaction action;
  if (const int error = lt::ChangeAction(signal, nullptr, &action)) {
    return lt::ReturnError(error);
  }
  if (!IsSignal(signal)) return 0;  // one that never comes
  if (interrupts != 0) {
    g_interrupting.fetch_or(lt::SignalBit(signal));
    action.sa_flags &= ~SA_RESTART;
  } else {
    g_interrupting.fetch_and(~lt::SignalBit(signal));
    action.sa_flags |= SA_RESTART;
  }
  return lt::ReturnError(lt::ChangeAction(signal, &action, nullptr));
}
