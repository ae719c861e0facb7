// SPDX-License-Identifier: MIT

#include "base/panic.h"
#include "sched/critical.h"
#include "sched/deliver.h"
#include "sched/dispatch.h"
#include "sched/stop.h"

namespace lt {

void (*g_cancel_hook)(Thread& self) = nullptr;

namespace {

uint32_t Take(Thread& self, uint32_t request) {
  return self.requests.fetch_and(~request, std::memory_order_acq_rel) & request;
}

}  // namespace

void Attend(Thread& self) {
  // Each round may make new requests; a stopped thread does nothing else.
  while (self.requests.load(std::memory_order_relaxed) != 0) {
    if ((self.requests.load(std::memory_order_acquire) & kStopRequest) != 0) {
      StopSelf(self, nullptr);
    }
    if (Take(self, kSignalRequest) != 0) DeliverPending(self);
    if (Take(self, kCancelRequest) != 0) g_cancel_hook(self);
    if (Take(self, kPreemptRequest) != 0) Preempt(self);
  }
}

}  // namespace lt
