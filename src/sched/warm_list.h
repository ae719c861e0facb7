// SPDX-License-Identifier: MIT
//
// Free threads that one LWP keeps for itself, their stacks warm.  The LWP
// pushes and pops without a locked instruction; another may take all of them
// when memory has run out.
//
// INV-WL1: either the owner works on the list (`busy_`) or a thief does
//   (`robbed_`), never both.  Each writes its own flag and then reads the
//   other's; the owner's two steps are ordered by the thief's membarrier.

#ifndef LIBTHREAD_SCHED_WARM_LIST_H_
#define LIBTHREAD_SCHED_WARM_LIST_H_

#include <atomic>

#include "base/list.h"
#include "base/membarrier.h"
#include "base/spinlock.h"
#include "sched/thread.h"

namespace lt {

class WarmList {
 public:
  static constexpr int kMost = 64;

  // Owner.  False when full.
  bool TryPush(Thread& thread) {
    const bool room = Begin() && count_ < kMost;
    if (room) {
      threads_.PushFront(&thread);
      ++count_;
    }
    End();
    return room;
  }

  // Owner: the thread pushed last, if its block has that size; else null.
  Thread* TryPop(size_t block_bytes) {
    Thread* thread = nullptr;
    if (Begin() && !threads_.empty() &&
        threads_.front()->block.bytes == block_bytes) {
      thread = threads_.PopFront();
      --count_;
    }
    End();
    return thread;
  }

  // Anybody, one at a time: the first of a chain of all that are there.
  Thread* TakeAll() {
    robbed_.store(true, std::memory_order_relaxed);
    Thread* first = nullptr;
    if (MembarrierAll()) {
      // Acquire: pairs with End().
      while (busy_.load(std::memory_order_acquire)) CpuRelax();
      first = threads_.front();
      threads_ = {};
      count_ = 0;
    }
    // Release: pairs with Begin().
    robbed_.store(false, std::memory_order_release);
    return first;
  }

 private:
  // True: the list is the owner's until End().
  bool Begin() {
    busy_.store(true, std::memory_order_relaxed);
    std::atomic_signal_fence(std::memory_order_seq_cst);
    return !robbed_.load(std::memory_order_acquire);
  }
  void End() { busy_.store(false, std::memory_order_release); }

  std::atomic<bool> busy_{false};
  std::atomic<bool> robbed_{false};
  int count_ = 0;
  Fifo<Thread, &Thread::next> threads_;
};

}  // namespace lt

#endif  // LIBTHREAD_SCHED_WARM_LIST_H_
