// SPDX-License-Identifier: MIT
//
// Signals for the process that no LWP takes, because all block them: what the
// aslwp of a threads library of 1993 was made of.
//
// Solaris kept a set of signals that _signotifywait() had returned (notified);
// so does the library, for the process.  Linux keeps such signals pending, and
// says which (ShdPnd in /proc).  That one more has come a helper kernel thread
// learns from signalfd(2); it counts, and whoever waits looks again.
//
// The library's own aslwp (process/aslwp.h) looks at the same signals, and
// hands one to a parked thread that does not block it, or that waits for it in
// sigwait(3).  A signal that all threads block it leaves alone.  Neither takes
// a signal but for somebody who gets it, so nothing is lost between the two.
//
// INV-NS1: a signal that is pending, and that is not notified, makes a waiter
//   return: the waiter reads the count before it looks, and sleeps only while
//   that is unchanged; what makes such a signal counts afterwards.

#include <fcntl.h>
#include <linux/futex.h>
#include <pthread.h>
#include <sys/epoll.h>
#include <sys/lwp.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>

#include <atomic>
#include <cerrno>
#include <cstdlib>
#include <cstring>

#include "api/entry.h"
#include "base/futex.h"
#include "base/signal_set.h"
#include "base/syscall.h"
#include "compat/lwp/out_place.h"
#include "lwp/kernel_thread.h"
#include "lwp/sampler.h"
#include "process/kill.h"
#include "sched/critical.h"
#include "sched/deliver.h"
#include "sched/kernel_wait.h"
#include "sched/lwp_numbers.h"
#include "thread/lwps.h"

namespace lt {
namespace {

std::atomic<uint64_t> g_notified{0};
std::atomic<uint32_t> g_arrivals{0};  // a futex word
std::atomic<bool> g_started{false};

void CountArrival() {
  g_arrivals.fetch_add(1, std::memory_order_release);
  FutexWakeShared(&g_arrivals, INT32_MAX);
}

void* CountArrivals(void*) {
  prctl(PR_SET_NAME, "lt-notify");
  // Its descriptors are nobody else's business.
  UnshareFiles();
  const uint64_t all = BlockedByHelpers();
  const long signals =
      RawSyscall(SYS_signalfd4, -1, reinterpret_cast<long>(&all),
                 kKernelSetBytes, SFD_NONBLOCK | SFD_CLOEXEC);
  const long poll = RawSyscall(SYS_epoll_create1, EPOLL_CLOEXEC);
  epoll_event event = {};
  // Edges: a signal that stays pending is no news.
  event.events = EPOLLIN | EPOLLET;
  RawSyscall(SYS_epoll_ctl, poll, EPOLL_CTL_ADD, signals,
             reinterpret_cast<long>(&event));
  for (;;) {
    // What came before is one arrival, too.
    CountArrival();
    RawSyscall(SYS_epoll_pwait, poll, reinterpret_cast<long>(&event), 1, -1, 0,
               kKernelSetBytes);
  }
  return nullptr;
}

// False where no kernel thread is to be had.
bool StartCounting() {
  if (g_started.exchange(true, std::memory_order_relaxed)) return true;
  if (StartKernelThread(CountArrivals, nullptr) == 0) return true;
  g_started.store(false, std::memory_order_relaxed);
  return false;
}

// The helper and the parent's signals are not the child's.
void ForgetNotified() {
  g_started.store(false, std::memory_order_relaxed);
  g_notified.store(0, std::memory_order_relaxed);
}
__attribute__((constructor)) void WatchForks() {
  pthread_atfork(nullptr, nullptr, ForgetNotified);
}

// Of those that the caller blocks.
uint64_t PendingForProcess() {
  uint64_t own = 0;  // those of the caller among them
  RawSyscall(SYS_rt_sigpending, reinterpret_cast<long>(&own), kKernelSetBytes);
  const long fd =
      RawSyscall(SYS_openat, AT_FDCWD,
                 reinterpret_cast<long>("/proc/self/status"), O_CLOEXEC);
  if (fd < 0) return own;
  char text[4096];
  long bytes = 0;
  long got;
  while ((got = RawSyscall(SYS_read, fd, reinterpret_cast<long>(text + bytes),
                           sizeof text - 1 - bytes)) > 0) {
    bytes += got;
  }
  RawSyscall(SYS_close, fd);
  text[bytes] = '\0';
  constexpr char kName[] = "\nShdPnd:\t";
  const char* line = std::strstr(text, kName);
  if (line == nullptr) return own;
  uint64_t pending = 0;
  for (const char* at = line + sizeof kName - 1; *at != '\n' && *at != '\0';
       ++at) {
    pending = pending << 4 | (*at <= '9' ? *at - '0' : *at - 'a' + 10);
  }
  return pending & own;
}

// Marks a signal as notified and returns it; 0 where there is none.
int NotifyOne() {
  uint64_t fresh =
      PendingForProcess() & ~g_notified.load(std::memory_order_relaxed);
  for (; fresh != 0; fresh &= fresh - 1) {
    const uint64_t bit = fresh & -fresh;
    // Of two waiters one gets it.
    if ((g_notified.fetch_or(bit, std::memory_order_relaxed) & bit) == 0) {
      return __builtin_ctzll(bit) + 1;
    }
  }
  return 0;
}

// Takes one instance from the process; false when there is none.
bool Take(int signal, siginfo_t& info) {
  const timespec now = {};
  const uint64_t set = SignalBit(signal);
  return RawSyscall(SYS_rt_sigtimedwait, reinterpret_cast<long>(&set),
                    reinterpret_cast<long>(&info), reinterpret_cast<long>(&now),
                    kKernelSetBytes) == signal;
}

// ESRCH: the LWP has ended.
int SendTo(uint32_t number, pid_t tid, const siginfo_t& info) {
  const LwpHold hold(number);
  if (hold.entry() == nullptr) return ESRCH;
  const long pid = RawSyscall(SYS_getpid);
  // What the kernel tells of a signal, nobody may tell another kernel thread.
  const bool tells = info.si_code < 0 && info.si_code != SI_TKILL;
  if (tells) {
    RawSyscall(SYS_rt_tgsigqueueinfo, pid, tid, info.si_signo,
               reinterpret_cast<long>(&info));
  } else {
    RawSyscall(SYS_tgkill, pid, tid, info.si_signo);
  }
  return 0;
}

int Redirect(Thread& self, uint32_t number, int signal, int* queued) {
  const uint64_t bit = SignalBit(signal);
  const pid_t tid = number == 0 ? 0 : KernelIdOfLwp(number);
  if (number != 0 && tid == 0) return ESRCH;
  const Critical critical(self);
  siginfo_t info = {};
  int error = Take(signal, info) ? 0 : EINVAL;
  if (error == 0 && number != 0) {
    error = SendTo(number, tid, info);
    if (error != 0) RepostToProcess(info);
  }
  const bool more = (PendingForProcess() & bit) != 0;
  if (queued != nullptr) *queued = more ? 1 : 0;
  g_notified.fetch_and(~bit, std::memory_order_relaxed);
  if (more) CountArrival();  // INV-NS1
  return error;
}

}  // namespace
}  // namespace lt

LT_EXPORT int _signotifywait() {
  lt::Thread& self = lt::Self();
  const lt::Critical critical(self);
  if (!lt::StartCounting()) return -1;
  for (;;) {
    // Acquire: pairs with CountArrival().
    const uint32_t seen = lt::g_arrivals.load(std::memory_order_acquire);
    if (const int signal = lt::NotifyOne()) return signal;
    static_cast<void>(
        lt::KernelWait(self, lt::g_arrivals, seen, lt::Deadline::Never()));
    lt::LeaveCritical(self);  // handlers of signals run here
    lt::EnterCritical(self);
  }
}

LT_EXPORT int _lwp_sigredirect(lwpid_t id, int signal, int* queued) {
  if (signal <= 0 || !lt::IsSendable(signal)) return EINVAL;
  if (const int error = lt::CheckPlace(queued)) return error;
  const uint64_t notified = lt::g_notified.load(std::memory_order_relaxed);
  if ((notified & lt::SignalBit(signal)) == 0) return EINVAL;
  return lt::Redirect(lt::Self(), static_cast<uint32_t>(id), signal, queued);
}
