// SPDX-License-Identifier: MIT
//
// Every thread that the library begins has a place where its unwinding would
// end (Thread::home, thread/entry.cc).  Here it jumps there without unwinding:
// from a caller's stack, in an LWP of _lwp_create(2), to the library's own.

// Checked headers let nobody jump to another stack.
#undef _FORTIFY_SOURCE

#include "thread/leave.h"

#include <pthread.h>

#include <csetjmp>

#include "base/sanitizer.h"
#include "thread/life.h"

namespace lt {

void LeaveThread(Thread& self) {
  if (self.kind == Kind::kForeign) pthread_exit(nullptr);
  if (self.home == nullptr) ExitThread(self, nullptr);
  BlockSignals(self);
  self.quiet_end = true;
  self.status = nullptr;
  self.unwound = true;  // its control block may be marked by frames it leaves
  ForgetFrames();
  // The buffer is as much of a jmp_buf as a jump needs; it has no mask.
  _longjmp(reinterpret_cast<__jmp_buf_tag*>(self.home->__cancel_jmp_buf), 1);
}

}  // namespace lt
