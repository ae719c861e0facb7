// SPDX-License-Identifier: MIT
//
// Messages on standard error, and the end of the process when an invariant of
// the library is broken.  Nothing here allocates or takes a lock.

#ifndef LIBTHREAD_BASE_PANIC_H_
#define LIBTHREAD_BASE_PANIC_H_

#include "absl/base/optimization.h"

namespace lt {

// One line "libthread: ..." on standard error; at most 1,000 bytes.
void Complain(const char* format, ...) __attribute__((format(printf, 1, 2)));

// The same without the prefix, for reports of several lines.
void PrintLine(const char* format, ...) __attribute__((format(printf, 1, 2)));

// Prints message and stack, then aborts.
[[noreturn]] void Panic(const char* format, ...)
    __attribute__((format(printf, 1, 2), cold));

}  // namespace lt

// A broken invariant ends the process: never go on with broken state.
#define LT_CHECK(condition)                                             \
  do {                                                                  \
    if (ABSL_PREDICT_FALSE(!(condition))) {                             \
      ::lt::Panic("%s:%d: broken: %s", __FILE__, __LINE__, #condition); \
    }                                                                   \
  } while (0)

#ifdef NDEBUG
#define LT_DCHECK(condition) static_cast<void>(sizeof(condition))
#else
#define LT_DCHECK(condition) LT_CHECK(condition)
#endif

#endif  // LIBTHREAD_BASE_PANIC_H_
