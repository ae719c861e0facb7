// SPDX-License-Identifier: MIT

#include "base/panic.h"

#include <execinfo.h>

#include <cstdarg>
#include <cstdio>
#include <cstdlib>

#include "base/syscall.h"

namespace lt {
namespace {

constexpr long kStandardError = 2;

// One write for the whole line: lines of several threads do not mix.
void WriteLine(const char* prefix, const char* format, va_list args) {
  char line[1024];
  int length = std::snprintf(line, sizeof line, "%s", prefix);
  length +=
      std::vsnprintf(line + length, sizeof line - length - 1, format, args);
  if (length > static_cast<int>(sizeof line) - 2) {
    length = static_cast<int>(sizeof line) - 2;
  }
  line[length++] = '\n';
  RawSyscall(SYS_write, kStandardError, reinterpret_cast<long>(line), length);
}

}  // namespace

void Complain(const char* format, ...) {
  va_list args;
  va_start(args, format);
  WriteLine("libthread: ", format, args);
  va_end(args);
}

void PrintLine(const char* format, ...) {
  va_list args;
  va_start(args, format);
  WriteLine("", format, args);
  va_end(args);
}

void Panic(const char* format, ...) {
  va_list args;
  va_start(args, format);
  WriteLine("libthread: panic: ", format, args);
  va_end(args);
  void* frames[64];
  backtrace_symbols_fd(frames, backtrace(frames, 64), kStandardError);
  std::abort();
}

}  // namespace lt
