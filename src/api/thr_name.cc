// SPDX-License-Identifier: MIT
//
// Names of threads.

#include <cerrno>

#include "api/entry.h"
#include "thread/properties.h"

LT_EXPORT int thr_getname(thread_t id, char* buffer, size_t bytes) {
  lt::Self();
  if (buffer == nullptr) return EINVAL;
  return lt::GetName(id, buffer, bytes);
}

LT_EXPORT int thr_setname(thread_t id, const char* name) {
  lt::Self();
  return lt::SetName(id, name);
}
