// SPDX-License-Identifier: MIT
//
// The watcher's loop.  A look costs what there is to see: the sizes of the
// queues; then, while threads wait, whether LWPs got on since the last look
// (a counter each); then, for those that did not, whether the kernel has
// blocked them.  The interval grows from 50 us to 1 ms while nothing needs to
// be done, and the watcher parks when nothing waits any more.

#include "sched/watcher.h"

#include <signal.h>
#include <sys/prctl.h>

#include <cerrno>
#include <new>

#include "base/config.h"
#include "base/membarrier.h"
#include "base/panic.h"
#include "lwp/kernel_thread.h"
#include "sched/dispatch.h"
#include "sched/fork.h"
#include "sched/own_signal.h"
#include "sched/pool.h"
#include "sched/sleepq.h"

namespace lt {

constinit WatchWord g_watch_word;
constinit GrowthStats g_growth_stats;

namespace {

constexpr int64_t kShortestNs = 50'000;
constexpr int64_t kLongestNs = 1'000'000;

bool g_own_files;
std::atomic<bool> g_ask_again{false};
bool g_limit_told;

// What one look at the LWPs says.
struct Look {
  int active = 0;        // not idle, not blocked; counted up to the target
  bool stuck = false;    // a thread waits on an LWP that does not get on
  bool backlog = false;  // two threads and more wait where they waited before
};

// The slice of the LWP's thread is over: something else that could run there
// waits.  Given only to one that runs, lest system calls be interrupted.
void EndSlice(PoolLwp& lwp, uint64_t dispatches) {
  lwp.slice_over.store(dispatches, std::memory_order_relaxed);
  InterruptKernelThread(lwp.tid.load(std::memory_order_relaxed));
}

// In an announced call the LWP may run all the same, but once it has blocked it
// stays so until the call is over: the kernel need not be asked again.
bool IsBlocked(PoolLwp& lwp) {
  const uint64_t call = lwp.KernelCall();
  if (call != 0 && call == lwp.blocked_call) return true;
  const bool blocked = lwp.sampler.Blocked(g_own_files);
  lwp.blocked_call = blocked ? call : 0;
  return blocked;
}

Look LookAtLwps(int enough, int64_t now) {
  const int64_t quantum_ns = g_config.quantum_ns;
  Look look;
  look.stuck = g_shared_queue.Size() > 0;
  const int size = g_pool.table_size();
  for (int i = 0; i < size; ++i) {
    PoolLwp& lwp = g_pool.lwp(i);
    const pid_t tid = lwp.tid.load(std::memory_order_relaxed);
    if (!lwp.alive.load(std::memory_order_acquire)) continue;
    if (tid != lwp.sampled_tid) {
      lwp.sampler.Detach();
      lwp.sampler.Attach(tid);
      lwp.sampled_tid = tid;
    }
    const uint64_t dispatches = lwp.dispatches.load(std::memory_order_relaxed);
    const uint32_t waiting = lwp.queue.Size();
    const bool got_on = dispatches != lwp.seen_dispatches;
    if (waiting > 0 && !got_on) look.stuck = true;
    if (waiting > 1 && lwp.seen_size > 1) look.backlog = true;
    lwp.seen_dispatches = dispatches;
    lwp.seen_size = waiting;
    if (got_on) lwp.since_ns = now;
    if (lwp.is_idle) continue;  // a hint: read without the lock
    if (got_on || tid == 0) {
      lwp.seen_blocked.store(false, std::memory_order_relaxed);
      ++look.active;
      continue;
    }
    const bool slice_over = quantum_ns != 0 &&
                            now - lwp.since_ns >= quantum_ns &&
                            (waiting > 0 || g_shared_queue.Size() > 0);
    if (look.active >= enough && !slice_over && waiting == 0) continue;
    const bool blocked = IsBlocked(lwp);
    lwp.seen_blocked.store(blocked, std::memory_order_relaxed);
    if (blocked) {
      // To where every LWP looks when a slice ends or a thread yields: the
      // others may be busy for good.
      if (waiting > 0) g_shared_queue.TakeOver(lwp.queue);
      continue;
    }
    ++look.active;
    if (slice_over) EndSlice(lwp, dispatches);
  }
  return look;
}

// Makes `wanted` LWPs, as far as limits and the kernel let it.
void Make(int wanted, bool all_blocked) {
  for (; wanted > 0; --wanted) {
    const int error = g_pool.Grow();
    if (error == ENOSPC && all_blocked && !g_limit_told &&
        g_config.model == Model::kTwoLevel) {
      g_limit_told = true;
      Complain("LIBTHREAD_MAX_LWPS=%d LWPs are blocked; runnable threads wait",
               g_config.max_lwps);
    }
    if (error != 0) return;
  }
}

// An LWP shares the file table of the thread that makes it, and the watcher's
// is not the program's: so the maker makes them, on the watcher's request.
struct Request {
  Parker parker;
  std::atomic<int> wanted{0};
  std::atomic<bool> all_blocked{false};
};
constinit Request g_request;

void* MakerMain(void*) {
  prctl(PR_SET_NAME, "lt-maker");
  for (;;) {
    g_request.parker.Wait(Deadline::Never());
    const bool all_blocked = g_request.all_blocked.load();
    Make(g_request.wanted.exchange(0), all_blocked);
  }
  return nullptr;
}

void MakeOrRequest(int wanted, bool all_blocked) {
  if (!g_own_files) {
    Make(wanted, all_blocked);
    return;
  }
  g_request.all_blocked.store(all_blocked);
  g_request.wanted.store(wanted);
  g_request.parker.Unpark();
}

// Wakes or makes LWPs until the target is reached; one at least when all are
// blocked.  True when something was done.
bool Help(const Look& look, int64_t waited_ns) {
  const bool all_blocked = look.active == 0;
  int wanted = g_pool.target() - look.active;
  if (wanted <= 0) return false;
  const int waiting = static_cast<int>(g_pool.Waiting());
  if (wanted > waiting) wanted = waiting;
  const int asked = wanted;
  while (wanted > 0 && g_pool.WakeIdleLwp()) --wanted;
  if (wanted > 0) MakeOrRequest(wanted, all_blocked);
  if (asked > 0 && all_blocked) {
    GrowthStats& stats = g_growth_stats;
    stats.growths.fetch_add(1, std::memory_order_relaxed);
    stats.total_ns.fetch_add(waited_ns, std::memory_order_relaxed);
    if (waited_ns > stats.worst_ns.load(std::memory_order_relaxed)) {
      stats.worst_ns.store(waited_ns, std::memory_order_relaxed);
    }
  }
  return asked > 0 && (wanted < asked || g_pool.MayGrow());
}

// LWPs where the library's signal came at a bad moment.  They are asked again
// at the look after the next, so that they get on meanwhile.
void InterruptAgain() {
  const int size = g_pool.table_size();
  for (int i = 0; i < size; ++i) {
    PoolLwp& lwp = g_pool.lwp(i);
    if (!lwp.ask_again.exchange(false, std::memory_order_acq_rel)) continue;
    InterruptKernelThread(lwp.tid.load(std::memory_order_relaxed));
  }
}

void ExpireTimers(Deadline& next) {
  const int64_t now = NowNs();
  uint32_t wait_count;
  while (Thread* thread = TakeDueTimer(now, wait_count, next)) {
    WakeTimedOut(*thread, wait_count);
  }
}

void Sleep(Deadline deadline, bool park) {
  g_watch_word.Sleep(deadline, park, [] {
    return g_pool.Waiting() != 0 || g_ask_again.load(std::memory_order_acquire);
  });
}

void* WatcherMain(void*) {
  prctl(PR_SET_NAME, "lt-watcher");
  prctl(PR_SET_TIMERSLACK, 1);
  g_own_files = UnshareFiles();
  // A slice shorter than a look would not be seen to end.
  int64_t longest_ns = kLongestNs;
  if (g_config.quantum_ns != 0 && g_config.quantum_ns < longest_ns) {
    longest_ns = g_config.quantum_ns;
  }
  int64_t interval_ns = kShortestNs;
  int64_t waiting_since = 0;
  bool ask_again = false;
  for (;;) {
    if (ask_again) InterruptAgain();
    ask_again = g_ask_again.exchange(false, std::memory_order_acq_rel);
    Deadline timer = Deadline::Never();
    ExpireTimers(timer);
    const int64_t now = NowNs();
    const bool waiting = g_pool.Waiting() > 0;
    if (!waiting) waiting_since = 0;
    if (waiting && waiting_since == 0) waiting_since = now;
    bool done = false;
    if (waiting) {
      const Look look = LookAtLwps(g_pool.target(), now);
      if (look.stuck || look.backlog) done = Help(look, now - waiting_since);
      PreemptForPriority();
    }
    interval_ns = done || ask_again ? kShortestNs : interval_ns * 2;
    const bool park = !waiting && interval_ns > longest_ns;
    if (interval_ns > longest_ns) interval_ns = longest_ns;
    Deadline wake =
        park ? Deadline::Never() : Deadline::AtNs(now + interval_ns);
    if (timer.ns() < wake.ns()) wake = timer;
    if (park) {
      Sleep(wake, true);
      interval_ns = kShortestNs / 2;
    } else {
      Sleep(wake, false);
    }
  }
  return nullptr;
}

}  // namespace

void ForgetWatcher() {
  g_watch_word.Reset();
  new (&g_request) Request();
  g_ask_again.store(false, std::memory_order_relaxed);
}

int StartWatcher() {
  StartMembarrier();
  if (const int error = StartKernelThread(MakerMain, nullptr)) return error;
  return StartKernelThread(WatcherMain, nullptr);
}

void NoteTimer() {
  g_watch_word.Kick();
}

void NoteAskAgain() {
  g_ask_again.store(true, std::memory_order_release);
  g_watch_word.NoteWork();
}

}  // namespace lt
