// SPDX-License-Identifier: MIT
//
// Time, and a hint for spin loops.

#include "base/clock.h"

#include "api/entry.h"
#include "base/spinlock.h"

LT_EXPORT hrtime_t gethrtime(void) {
  return lt::NowNs(CLOCK_MONOTONIC);
}

LT_EXPORT hrtime_t gethrvtime(void) {
  return lt::NowNs(CLOCK_THREAD_CPUTIME_ID);
}

LT_EXPORT void smt_pause(void) {
  lt::CpuRelax();
}
