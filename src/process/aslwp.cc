// SPDX-License-Identifier: MIT

#include "process/aslwp.h"

#include <sys/epoll.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>

#include <cerrno>
#include <cstring>

#include "base/signal_set.h"
#include "lwp/kernel_thread.h"
#include "lwp/sampler.h"
#include "process/report_signal.h"
#include "process/sigwait.h"
#include "sched/critical.h"
#include "sched/pool.h"
#include "sched/signal_mask.h"
#include "thread/interrupt.h"

namespace lt {
namespace {

// While a signal is on its way to an LWP: should the LWP block it first after
// all, nobody tells the helper.
constexpr int kLookAgainMs = 1;

bool WantsFromPool(const Thread& thread) {
  return thread.kind == Kind::kUnbound || thread.kind == Kind::kPinned;
}

// True when a pool LWP runs a thread that takes the signal.
bool LwpTakesIt(uint64_t bit) {
  for (int i = 0; i < g_pool.table_size(); ++i) {
    const PoolLwp& lwp = g_pool.lwp(i);
    const Thread* thread = lwp.current.load(std::memory_order_relaxed);
    if (lwp.alive.load(std::memory_order_relaxed) &&
        !lwp.is_idle.load(std::memory_order_relaxed) && thread != nullptr &&
        WantsFromPool(*thread) && (MaskOf(*thread) & bit) == 0) {
      return true;
    }
  }
  return false;
}

// A thread that waits for the signal in sigwait(3), or null.
Thread* FindWaiter(uint64_t bit) {
  Thread* thread = AllThreads();
  while (thread != nullptr &&
         (thread->awaited.load(std::memory_order_seq_cst) & bit) == 0) {
    thread = thread->all_next;
  }
  return thread;
}

bool MayTake(const Thread& thread, uint64_t bit) {
  const State state = thread.state.load(std::memory_order_relaxed);
  return (state == State::kSleeping || state == State::kRunnable) &&
         WantsFromPool(thread) && (MaskOf(thread) & bit) == 0 &&
         (thread.requests.load(std::memory_order_relaxed) & kStopRequest) == 0;
}

// A thread without an LWP that takes the signal, its place for one claimed; or
// null.
Thread* ClaimTaker(uint64_t bit) {
  for (Thread* t = AllThreads(); t != nullptr; t = t->all_next) {
    int nothing = 0;
    if (MayTake(*t, bit) && t->forwarding.compare_exchange_strong(
                                nothing, -1, std::memory_order_acquire)) {
      return t;
    }
  }
  return nullptr;
}

// Takes the signal from the kernel; false when somebody was quicker.
bool TakeFromKernel(int signal, siginfo_t& info) {
  const timespec now = {};
  const uint64_t set = SignalBit(signal);
  return RawSyscall(SYS_rt_sigtimedwait, reinterpret_cast<long>(&set),
                    reinterpret_cast<long>(&info), reinterpret_cast<long>(&now),
                    kKernelSetBytes) == signal;
}

void Forward(Thread& taker, int signal) {
  siginfo_t info = {};
  if (!TakeFromKernel(signal, info)) {
    taker.forwarding.store(0, std::memory_order_release);
    return;
  }
  std::memcpy(taker.forwarded, &info, sizeof taker.forwarded);
  // Release: the thread sees the rest when it sees this.
  taker.forwarding.store(signal, std::memory_order_seq_cst);
  Post(taker, kSignalRequest);
}

// True when the helper must look again soon.
bool LookAt(int signal) {
  const uint64_t bit = SignalBit(signal);
  if (IsReportSignal(signal)) return false;
  if (Thread* waiter = FindWaiter(bit)) {
    HintSignalWaiter(*waiter);
    return true;
  }
  if (LwpTakesIt(bit)) return true;
  Thread* taker = ClaimTaker(bit);
  if (taker == nullptr) return false;
  Forward(*taker, signal);
  return true;
}

bool LookAtPending() {
  uint64_t pending = 0;
  RawSyscall(SYS_rt_sigpending, reinterpret_cast<long>(&pending),
             kKernelSetBytes);
  bool again = false;
  for (; pending != 0; pending &= pending - 1) {
    if (LookAt(__builtin_ctzll(pending) + 1)) again = true;
  }
  return again;
}

void* AslwpMain(void*) {
  prctl(PR_SET_NAME, "lt-aslwp");
  // Its descriptors are nobody else's business.
  UnshareFiles();
  const uint64_t all = BlockedByHelpers();
  const long signals =
      RawSyscall(SYS_signalfd4, -1, reinterpret_cast<long>(&all),
                 kKernelSetBytes, SFD_NONBLOCK | SFD_CLOEXEC);
  const long poll = RawSyscall(SYS_epoll_create1, EPOLL_CLOEXEC);
  epoll_event event = {};
  // Edges: a signal that stays pending because nobody wants it is no news.
  event.events = EPOLLIN | EPOLLET;
  RawSyscall(SYS_epoll_ctl, poll, EPOLL_CTL_ADD, signals,
             reinterpret_cast<long>(&event));
  bool again = true;
  for (;;) {
    RawSyscall(SYS_epoll_pwait, poll, reinterpret_cast<long>(&event), 1,
               again ? kLookAgainMs : -1, 0, kKernelSetBytes);
    again = LookAtPending();
  }
  return nullptr;
}

}  // namespace

int StartAslwp() {
  return StartKernelThread(AslwpMain, nullptr);
}

}  // namespace lt
