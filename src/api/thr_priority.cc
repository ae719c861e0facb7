// SPDX-License-Identifier: MIT
//
// Priorities and the concurrency level.

#include <cerrno>

#include "api/entry.h"
#include "thread/concurrency.h"
#include "thread/properties.h"

LT_EXPORT int thr_setprio(thread_t id, int priority) {
  lt::Self();
  return lt::SetPriority(id, priority);
}

LT_EXPORT int thr_getprio(thread_t id, int* priority) {
  lt::Self();
  return lt::GetPriority(id, *priority);
}
LT_EXPORT LT_ALIAS(thr_getprio)
int _thr_getprio(thread_t, int*);

LT_EXPORT int thr_setconcurrency(int level) {
  if (level < 0) return EINVAL;
  if (level > lt::kMostConcurrency) return EAGAIN;
  lt::RaiseConcurrency(level);
  return 0;
}

LT_EXPORT int thr_getconcurrency(void) {
  return lt::Concurrency();
}
