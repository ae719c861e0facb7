// SPDX-License-Identifier: MIT

#include "thread/interrupt.h"

#include <cerrno>

#include "base/membarrier.h"
#include "sched/critical.h"
#include "sched/dispatch.h"
#include "sched/own_signal.h"
#include "sched/sleepq.h"
#include "thread/join.h"

namespace lt {
namespace {

void InterruptWait(Thread& target) {
  if (WithdrawJoiner(target)) {
    target.wait_result = EINTR;
    Ready(target);
  } else {
    InterruptSleep(target);
  }
}

}  // namespace

void Post(Thread& target, uint32_t request) {
  target.requests.fetch_or(request, std::memory_order_seq_cst);
  if (&target == Current()) return;  // it looks when its section ends
  if ((request & kInterrupts) != 0) InterruptWait(target);
  BarrierAll();
  InterruptThread(target);
}

}  // namespace lt
