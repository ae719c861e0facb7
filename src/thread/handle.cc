// SPDX-License-Identifier: MIT

#include "thread/handle.h"

#include <cerrno>

#include "sched/critical.h"
#include "thread/cancel.h"
#include "thread/interrupt.h"
#include "thread/registry.h"
#include "thread/runtime.h"

namespace lt {

bool FindId(pthread_t handle, uint32_t& id) {
  const auto number = static_cast<uintptr_t>(handle);
  if (number <= UINT32_MAX) {
    id = static_cast<uint32_t>(number);
    return true;
  }
  const Thread* thread = ThreadOf(ThreadPointerOf(handle));
  if (thread == nullptr || thread->kind == Kind::kIdle) return false;
  id = thread->id;
  return true;
}

int LookAt(uint32_t id, ThreadView& view) {
  Critical critical(Self());
  RegistryBucket& bucket = RegistryBucketOf(id);
  SpinLockHolder hold(bucket.lock);
  const Thread* thread = bucket.Find(id);
  if (thread == nullptr) return ESRCH;
  view.unbound =
      thread->kind == Kind::kUnbound || thread->kind == Kind::kPinned;
  view.adopted = thread->kind == Kind::kForeign && thread->daemon;
  view.detached = thread->detached;
  view.stack_low = thread->stack_low;
  view.stack_high = thread->stack_high;
  view.pthread = thread->pthread;
  return 0;
}

int CancelThread(Thread& self, uint32_t id) {
  Critical critical(self);
  Thread* target;
  {
    RegistryBucket& bucket = RegistryBucketOf(id);
    SpinLockHolder hold(bucket.lock);
    target = bucket.Find(id);
    if (target == nullptr) return ESRCH;
    if (target->state.load(std::memory_order_relaxed) == State::kZombie) {
      return 0;  // it may still be joined, and has nothing left to end
    }
    target->cancelled.store(true, std::memory_order_relaxed);
  }
  Post(*target, kCancelRequest);
  return 0;
}

}  // namespace lt
