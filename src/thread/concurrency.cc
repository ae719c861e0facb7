// SPDX-License-Identifier: MIT

#include "thread/concurrency.h"

#include "sched/pool.h"

namespace lt {
namespace {
constexpr uint32_t kNewLwp = 0x2;  // THR_NEW_LWP
}

// The level is a hint to the watcher, which sees it at its next look: relaxed.

void RaiseConcurrency(int level) {
  int now = g_pool.level.load(std::memory_order_relaxed);
  while (now < level && !g_pool.level.compare_exchange_weak(
                            now, level, std::memory_order_relaxed)) {
  }
}

int Concurrency() {
  return g_pool.level.load(std::memory_order_relaxed);
}

void AddNewLwpFlag(uint32_t flags) {
  if ((flags & kNewLwp) != 0) {
    g_pool.level.fetch_add(1, std::memory_order_relaxed);
  }
}

void DropNewLwpFlag(uint32_t flags) {
  if ((flags & kNewLwp) != 0) {
    g_pool.level.fetch_sub(1, std::memory_order_relaxed);
  }
}

}  // namespace lt
