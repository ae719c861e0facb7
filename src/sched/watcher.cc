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

#include "base/config.h"
#include "base/futex.h"
#include "base/membarrier.h"
#include "base/panic.h"
#include "lwp/kernel_thread.h"
#include "sched/dispatch.h"
#include "sched/pool.h"
#include "sched/sleepq.h"

namespace lt {

namespace watcher_internal {
std::atomic<uint32_t> g_word{kAwake};

void Wake() {
  const uint32_t was = g_word.exchange(kKicked, std::memory_order_acq_rel);
  if (was == kNapping || was == kParked) FutexWake(&g_word, 1);
}
}  // namespace watcher_internal

constinit GrowthStats g_growth_stats;

namespace {

using namespace watcher_internal;  // NOLINT: the header's own names

constexpr int64_t kShortestNs = 50'000;
constexpr int64_t kLongestNs = 1'000'000;

bool g_own_files;
bool g_limit_told;

// What one look at the LWPs says.
struct Look {
  int active = 0;        // not idle, not blocked; counted up to the target
  bool stuck = false;    // a thread waits on an LWP that does not get on
  bool backlog = false;  // two threads and more wait where they waited before
};

Look LookAtLwps(int enough) {
  Look look;
  look.stuck = g_shared_queue.Size() > 0;
  const int size = g_pool.table_size();
  int not_idle = 0;
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
    if (lwp.is_idle) continue;  // a hint: read without the lock
    ++not_idle;
    if (look.active >= enough) continue;
    if (got_on || tid == 0 || !lwp.sampler.Blocked(g_own_files)) ++look.active;
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

void ExpireTimers(Deadline& next) {
  const int64_t now = NowNs();
  uint32_t wait_count;
  while (Thread* thread = TakeDueTimer(now, wait_count, next)) {
    WakeTimedOut(*thread, wait_count);
  }
}

// Sleeps until `deadline` or a kick.  Parked, also until a thread is added to a
// run queue.
void Sleep(Deadline deadline, bool park) {
  const uint32_t mode = park ? kParked : kNapping;
  uint32_t seen = kAwake;
  if (g_word.compare_exchange_strong(seen, mode, std::memory_order_acq_rel)) {
    if (park) MembarrierAll();
    if (!park || g_pool.Waiting() == 0) FutexWait(&g_word, mode, deadline);
  }
  // A kick that is overwritten here is honoured: the queues and timers that it
  // speaks of are looked at next.
  g_word.exchange(kAwake, std::memory_order_acq_rel);
}

void* WatcherMain(void*) {
  prctl(PR_SET_NAME, "lt-watcher");
  prctl(PR_SET_TIMERSLACK, 1);
  g_own_files = UnshareFiles();
  int64_t interval_ns = kShortestNs;
  int64_t waiting_since = 0;
  for (;;) {
    Deadline timer = Deadline::Never();
    ExpireTimers(timer);
    const int64_t now = NowNs();
    const bool waiting = g_pool.Waiting() > 0;
    if (!waiting) waiting_since = 0;
    if (waiting && waiting_since == 0) waiting_since = now;
    bool done = false;
    if (waiting) {
      const Look look = LookAtLwps(g_pool.target());
      if (look.stuck || look.backlog) done = Help(look, now - waiting_since);
    }
    interval_ns = done ? kShortestNs : interval_ns * 2;
    const bool park = !waiting && interval_ns > kLongestNs;
    if (interval_ns > kLongestNs) interval_ns = kLongestNs;
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

int StartWatcher() {
  StartMembarrier();
  if (const int error = StartKernelThread(MakerMain, nullptr)) return error;
  return StartKernelThread(WatcherMain, nullptr);
}

void NoteTimer() {
  watcher_internal::Wake();
}

}  // namespace lt
