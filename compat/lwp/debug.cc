// SPDX-License-Identifier: MIT
//
// What a failed assertion of <sys/debug.h> calls.

#include "compat/include/sys/debug.h"

#include <cstdlib>

#include "api/entry.h"
#include "base/panic.h"

LT_EXPORT_WEAK int assfail(const char* expression, const char* file, int line) {
  lt::PrintLine("assertion failed: %s, file: %s, line: %d", expression, file,
                line);
  std::abort();
}

LT_EXPORT_WEAK void assfail3(const char* expression, uintmax_t left,
                             const char* relation, uintmax_t right,
                             const char* file, int line) {
  lt::PrintLine("assertion failed: %s (0x%jx %s 0x%jx), file: %s, line: %d",
                expression, left, relation, right, file, line);
  std::abort();
}
