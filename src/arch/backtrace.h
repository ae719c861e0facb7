// SPDX-License-Identifier: MIT
//
// Stacks for reports.

#ifndef LIBTHREAD_ARCH_BACKTRACE_H_
#define LIBTHREAD_ARCH_BACKTRACE_H_

namespace lt {

struct Backtrace {
  static constexpr int kMost = 24;
  int count = 0;
  void* frames[kMost];
};

// Once, before the first use: what the C library loads then, it allocates.
void StartBacktraces();

// The stack of the caller, without the library's own functions at its top.
void TakeBacktrace(Backtrace& backtrace);

// On standard error, one line a frame.
void PrintBacktrace(const Backtrace& backtrace);

}  // namespace lt

#endif  // LIBTHREAD_ARCH_BACKTRACE_H_
