// SPDX-License-Identifier: MIT

#include "thread/cancel.h"

#include <execinfo.h>
#include <pthread.h>

#include "base/own_call.h"
#include "base/sanitizer.h"
#include "thread/wait_graph.h"

namespace lt {

void ActOnCancel(Thread& self) {
  // A late request may have been meant for the object's former thread.
  if (!self.cancelled.load(std::memory_order_relaxed)) return;
  OwnCall(pthread_cancel, pthread_self());
}

void PrepareCancel() {
  // The C library loads the unwinder when it first needs it, which allocates.
  // backtrace() needs it too.
  void* frame;
  backtrace(&frame, 1);
}

bool CancelDueSlow(Thread& self) {
  int state;
  pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, &state);
  // Enabling it again acts at once only with the type asynchronous.
  pthread_setcancelstate(state, nullptr);
  self.cancel_seen = state == PTHREAD_CANCEL_ENABLE;
  return self.cancel_seen;
}

void TestCancelSlow() {
  ForgetFrames();
  // The wait that it is in, if any, is not gone on with.
  if (g_watch != 0) EndWait(*Current());
  // The request may still be on its way.
  OwnCall(pthread_cancel, pthread_self());
  pthread_testcancel();
}

}  // namespace lt
