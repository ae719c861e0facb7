// SPDX-License-Identifier: MIT

#include "process/report.h"

#include <cinttypes>
#include <cstdio>

#include "base/config.h"
#include "base/panic.h"
#include "base/process_id.h"
#include "obs/lock_stats.h"
#include "sched/critical.h"
#include "sched/pool.h"
#include "sched/watcher.h"
#include "thread/census.h"
#include "thread/registry.h"
#include "thread/wait_report.h"

namespace lt {

namespace {

// In one line, those that are not at their defaults.
void ReportSwitches() {
  const Config defaults;
  const struct {
    const char* name;
    int now;
    int by_default;
  } switches[] = {
      {"ADAPTIVE_SPIN", g_config.adaptive_spin, defaults.adaptive_spin},
      {"QUEUE_SPIN", g_config.queue_spin, defaults.queue_spin},
      {"MAX_SPINNERS", g_config.max_spinners, defaults.max_spinners},
      {"QUEUE_FIFO", g_config.queue_fifo, defaults.queue_fifo},
      {"STACK_CACHE", g_config.stack_cache, defaults.stack_cache},
      {"COND_WAIT_DEFER", g_config.cond_wait_defer, defaults.cond_wait_defer},
      {"ASYNC_SAFE", g_config.async_safe, defaults.async_safe},
      {"LOCKS_MISALIGNED", g_config.misaligned, defaults.misaligned},
  };
  char line[256];
  int length = 0;
  for (const auto& entry : switches) {
    if (entry.now == entry.by_default) continue;
    length += std::snprintf(line + length, sizeof line - length, "%s%s %d",
                            length == 0 ? "" : ", ", entry.name, entry.now);
  }
  if (length > 0) Complain("%s", line);
}

}  // namespace

void ReportConfig() {
  Complain("model %s%s%s%s", ModelName(g_config.model),
           g_config.fallback != nullptr ? " (fallen back: " : "",
           g_config.fallback != nullptr ? g_config.fallback : "",
           g_config.fallback != nullptr ? ")" : "");
  Complain("concurrency %d, at most %d LWPs, idle ones end after %" PRId64
           " s%s",
           g_config.concurrency, g_config.max_lwps, g_config.lwp_age_s,
           g_config.lwp_age_s == 0 ? " (never)" : "");
  Complain("time slices of %" PRId64 " us%s, poller %s, pthreads %s",
           g_config.quantum_ns / 1000,
           g_config.quantum_ns == 0 ? " (none)" : "",
           g_config.poller ? "on" : "off",
           g_config.pthreads_unbound ? "unbound" : "bound");
  ReportSwitches();
}

void ReportStats() {
  uint64_t switches = 0;
  uint64_t steals = 0;
  uint64_t parks = 0;
  uint64_t preemptions = 0;
  const int size = g_pool.table_size();
  for (int i = 0; i < size; ++i) {
    const PoolLwp& lwp = g_pool.lwp(i);
    switches += lwp.dispatches.load(std::memory_order_relaxed);
    steals += lwp.steals;
    parks += lwp.parks;
    preemptions += lwp.preemptions;
  }
  const GrowthStats& growth = g_growth_stats;
  const uint64_t growths = growth.growths.load(std::memory_order_relaxed);
  const int64_t total = growth.total_ns.load(std::memory_order_relaxed);
  Complain("threads made      %" PRIu64, ThreadsMade());
  Complain("threads now       %d",
           g_census.threads.load(std::memory_order_relaxed));
  Complain("switches          %" PRIu64, switches);
  Complain("steals            %" PRIu64, steals);
  Complain("parks             %" PRIu64, parks);
  Complain("preemptions       %" PRIu64, preemptions);
  Complain("pool LWPs now     %d", g_pool.lwps());
  Complain("pool LWPs at most %d", g_pool.most_lwps());
  Complain("growths           %" PRIu64, growths);
  Complain("growth latency    %" PRId64 " us mean, %" PRId64 " us worst",
           growths == 0 ? 0 : total / static_cast<int64_t>(growths) / 1000,
           growth.worst_ns.load(std::memory_order_relaxed) / 1000);
}

void ReportLocks() {
  Thread* self = Current();
  if (self != nullptr) EnterCritical(*self);
  BeginReport();
  PrintLockStats();
  EndReport();
  if (self != nullptr) LeaveCritical(*self);
}

void ReportNow() {
  Complain("report of process %" PRIu32, g_process_id);
  ReportThreads();
  if (g_config.lock_stats) ReportLocks();
  Complain("end of report");
}

}  // namespace lt
