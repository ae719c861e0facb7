// SPDX-License-Identifier: MIT

#include "sync/robust_memory.h"

#include "sched/critical.h"

namespace lt {
namespace {

// Nobody holds anything: to ask the kernel about each would take a system call.
// What is added meanwhile was locked while its memory went away.
bool IsOfInterest(RobustList& list) {
  return list.size() != 0 && list.IsAlive();
}

}  // namespace

void MarkUnmapping(bool unmapping) {
  for (RobustList* list = RobustList::All(); list != nullptr;
       list = list->all_next()) {
    if (!IsOfInterest(*list)) continue;
    SpinLockHolder hold(list->lock);
    list->Find([unmapping](const RobustNode& node) {
      Mutex& mutex = MutexOf(node);
      if (unmapping) {
        mutex.flag |= kUnmapping;
      } else {
        mutex.flag &= ~kUnmapping;
      }
      return false;  // all of them
    });
  }
}

void AbandonRange(Thread& self, uintptr_t low, uintptr_t high) {
  Critical critical(self);
  const auto inside = [low, high](const RobustNode& node) {
    const auto address = reinterpret_cast<uintptr_t>(&node);
    return address >= low && address < high;
  };
  for (RobustList* list = RobustList::All(); list != nullptr;
       list = list->all_next()) {
    if (!IsOfInterest(*list)) continue;
    RobustList* own = RobustListOf(self);
    if (own == nullptr) return;
    SpinLockHolder hold(list->lock);
    while (RobustNode* node = list->Find(inside)) {
      Mutex& mutex = MutexOf(*node);
      mutex.flag |= kUnmapping;
      Abandon(*list, *own, mutex);
    }
  }
}

void RobustDestroy(Thread& self, Mutex& mutex) {
  const auto at = reinterpret_cast<uintptr_t>(NodeOf(mutex));
  if ((mutex.word.load(std::memory_order_relaxed)) != 0) {
    AbandonRange(self, at, at + 1);
  }
}

}  // namespace lt
