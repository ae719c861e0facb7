// SPDX-License-Identifier: MIT

#include "arch/backtrace.h"

#include <execinfo.h>

#include <cerrno>
#include <cstring>

#include "arch/code_ranges.h"

namespace lt {
namespace {

constexpr int kStandardError = 2;
constexpr int kOwnFrames = 12;  // room for them above what is kept

}  // namespace

void StartBacktraces() {
  void* frames[2];
  backtrace(frames, 2);
}

void TakeBacktrace(Backtrace& backtrace) {
  void* frames[Backtrace::kMost + kOwnFrames];
  const int error = errno;
  const int all = ::backtrace(frames, Backtrace::kMost + kOwnFrames);
  errno = error;
  int own = 0;
  while (own < all && own < kOwnFrames &&
         InThisLibrary(reinterpret_cast<uintptr_t>(frames[own]))) {
    ++own;
  }
  if (own == all) own = 0;  // the end of a thread, for one
  backtrace.count = all - own < Backtrace::kMost ? all - own : Backtrace::kMost;
  std::memcpy(backtrace.frames, frames + own,
              static_cast<size_t>(backtrace.count) * sizeof *frames);
}

void PrintBacktrace(const Backtrace& backtrace) {
  const int error = errno;
  backtrace_symbols_fd(backtrace.frames, backtrace.count, kStandardError);
  errno = error;
}

}  // namespace lt
