// SPDX-License-Identifier: MIT

#include "process/report_signal.h"

#include <sys/prctl.h>

#include <atomic>
#include <cerrno>
#include <csignal>

#include "base/config.h"
#include "base/panic.h"
#include "base/process_id.h"
#include "base/signal_set.h"
#include "base/syscall.h"
#include "lwp/kernel_thread.h"
#include "process/report.h"

// libc's own sigaction, which is interposed.
extern "C" int __sigaction(int, const struct sigaction*, struct sigaction*);

namespace lt {
namespace {

// The signal, 0 once the program has taken it; and who prints.
std::atomic<int> g_signal{0};
std::atomic<pid_t> g_helper{0};
// A signal came before the helper was there.
std::atomic<bool> g_early{false};

bool SendToHelper(int signal) {
  const pid_t helper = g_helper.load(std::memory_order_seq_cst);
  if (helper != 0) RawSyscall(SYS_tgkill, g_process_id, helper, signal);
  return helper != 0;
}

// In the middle of anything: raw system calls only.
void OnReportSignal(int signal, siginfo_t*, void*) {
  if (SendToHelper(signal)) return;
  g_early.store(true, std::memory_order_seq_cst);
  // The helper looks at the note once it is there; perhaps it did before.
  if (g_helper.load(std::memory_order_seq_cst) != 0 &&
      g_early.exchange(false)) {
    SendToHelper(signal);
  }
}

// Blocks it, so that only the wait takes it.
long WaitForSignal(int signal, siginfo_t& info) {
  const uint64_t set = SignalBit(signal);
  return RawSyscall(SYS_rt_sigtimedwait, reinterpret_cast<long>(&set),
                    reinterpret_cast<long>(&info), 0, kKernelSetBytes);
}

void* HelperMain(void*) {
  prctl(PR_SET_NAME, "lt-report");
  const int signal = g_signal.load(std::memory_order_relaxed);
  g_helper.store(KernelTid(), std::memory_order_seq_cst);
  if (g_early.exchange(false)) ReportNow();
  while (g_signal.load(std::memory_order_seq_cst) == signal) {
    siginfo_t info = {};
    if (WaitForSignal(signal, info) != signal) continue;
    if (g_signal.load(std::memory_order_seq_cst) == signal) {
      ReportNow();
    } else if (info.si_code != SI_TKILL ||
               static_cast<uint32_t>(info.si_pid) != g_process_id) {
      // It is the program's by now.
      RawSyscall(SYS_kill, g_process_id, signal);
    }
  }
  g_helper.store(0, std::memory_order_relaxed);
  return nullptr;
}

void StartHelper() {
  if (StartKernelThread(HelperMain, nullptr) != 0) {
    Complain("no kernel thread for LIBTHREAD_REPORT");
  }
}

}  // namespace

void StartReportSignal() {
  const int signal = g_config.report_signal;
  if (signal == g_own_signal) {
    Complain("LIBTHREAD_REPORT=%d: the library needs that signal itself",
             signal);
    return;
  }
  g_signal.store(signal, std::memory_order_relaxed);
  struct sigaction action = {};
  action.sa_sigaction = OnReportSignal;
  action.sa_flags = SA_SIGINFO | SA_RESTART;
  sigemptyset(&action.sa_mask);
  __sigaction(signal, &action, nullptr);
  StartHelper();
}

void RestartReportSignal() {
  g_helper.store(0, std::memory_order_relaxed);
  if (g_signal.load(std::memory_order_relaxed) != 0) StartHelper();
}

bool IsReportSignal(int signal) {
  return g_signal.load(std::memory_order_relaxed) == signal &&
         g_helper.load(std::memory_order_relaxed) != 0;
}

void GiveUpReportSignal(int signal) {
  int mine = signal;
  if (g_signal.load(std::memory_order_relaxed) != signal ||
      !g_signal.compare_exchange_strong(mine, 0, std::memory_order_seq_cst)) {
    return;
  }
  static_cast<void>(SendToHelper(signal));  // it sees that it is to end
}

bool IsReportHandler(const struct sigaction& action) {
  return (action.sa_flags & SA_SIGINFO) != 0 &&
         action.sa_sigaction == OnReportSignal;
}

}  // namespace lt
