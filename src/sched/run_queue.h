// SPDX-License-Identifier: MIT
//
// Run queues: the runnable unbound threads.
//
// Each pool LWP has a LocalQueue for threads of priority 0, the common case: a
// ring, first in first out, and one slot for the thread made ready last, which
// runs next (its data is warm, and the maker will soon wait for it).  Only the
// LWP itself puts threads in; anybody may take.
//
// Everything else goes through the one SharedQueue: threads of other
// priorities, overflow of rings, and threads made ready from outside the pool.
//
// INV-RQ1: a runnable thread is in exactly one place.  Taking from a ring is
//   decided by the compare-exchange of head_, from the slot by its exchange.
// INV-RQ2: nothing waits unseen: whoever adds a thread looks at the watcher
//   afterwards (pool.h, NoteWork).

#ifndef LIBTHREAD_SCHED_RUN_QUEUE_H_
#define LIBTHREAD_SCHED_RUN_QUEUE_H_

#include <atomic>
#include <cstdint>

#include "base/list.h"
#include "base/machine.h"
#include "base/spinlock.h"
#include "sched/thread.h"

namespace lt {

template <typename Machine, typename Thread, uint32_t room>
class BasicLocalQueue {
 public:
  static constexpr uint32_t kRoom = room;  // a power of two

  // Owner: appends.  False when full.
  bool TryPush(Thread* thread) {
    // Relaxed: only the owner writes tail_.
    const uint32_t tail = tail_.load(std::memory_order_relaxed);
    // Acquire: the slot was read by whoever moved head_ past it.
    if (tail - head_.load(std::memory_order_acquire) >= kRoom) return false;
    slots_[tail % kRoom].store(thread, std::memory_order_relaxed);
    // Release: the thread's saved context is seen by who takes it.
    tail_.store(tail + 1, std::memory_order_release);
    return true;
  }

  // Anybody: takes the oldest, or null.
  Thread* Pop() {
    uint32_t head = head_.load(std::memory_order_acquire);
    for (;;) {
      if (head == tail_.load(std::memory_order_acquire)) return nullptr;
      Thread* thread = slots_[head % kRoom].load(std::memory_order_relaxed);
      if (head_.compare_exchange_weak(head, head + 1, std::memory_order_acq_rel,
                                      std::memory_order_acquire)) {
        return thread;
      }
    }
  }

  // Anybody: takes the older half, at most `most`, into `out`; how many.
  uint32_t TakeHalf(Thread** out, uint32_t most) {
    uint32_t head = head_.load(std::memory_order_acquire);
    for (;;) {
      const uint32_t size = tail_.load(std::memory_order_acquire) - head;
      uint32_t count = size - size / 2;
      if (size > kRoom) {  // head moved between the two loads
        head = head_.load(std::memory_order_acquire);
        continue;
      }
      if (count > most) count = most;
      if (count == 0) return 0;
      for (uint32_t i = 0; i < count; ++i) {
        out[i] = slots_[(head + i) % kRoom].load(std::memory_order_relaxed);
      }
      if (head_.compare_exchange_weak(head, head + count,
                                      std::memory_order_acq_rel,
                                      std::memory_order_acquire)) {
        return count;
      }
    }
  }

  // Owner: puts a thread into the slot; returns the one it displaces.
  Thread* PutLast(Thread* thread) {
    // Nobody but the owner fills the slot, so an empty one stays empty.
    if (last_.load(std::memory_order_relaxed) == nullptr) {
      last_.store(thread, std::memory_order_release);
      return nullptr;
    }
    return last_.exchange(thread, std::memory_order_acq_rel);
  }

  // Anybody: takes the thread in the slot, or null.
  Thread* TakeLast() {
    if (last_.load(std::memory_order_relaxed) == nullptr) return nullptr;
    return last_.exchange(nullptr, std::memory_order_acquire);
  }

  // How many wait, as far as can be seen from anywhere.
  uint32_t Size() const {
    const uint32_t head = head_.load(std::memory_order_acquire);
    const uint32_t size = tail_.load(std::memory_order_acquire) - head;
    return (size > kRoom ? kRoom : size) +
           (last_.load(std::memory_order_relaxed) != nullptr ? 1 : 0);
  }

 private:
  template <typename T>
  using Atomic = typename Machine::template Atomic<T>;

  alignas(64) Atomic<uint32_t> head_{0};
  alignas(64) Atomic<uint32_t> tail_{0};
  Atomic<Thread*> last_{nullptr};
  Atomic<Thread*> slots_[kRoom] = {};
};

using LocalQueue = BasicLocalQueue<RealMachine, Thread, 256>;

class SharedQueue {
 public:
  void Push(Thread* thread);
  // In front of its priority's others.
  void PushFront(Thread* thread);
  void PushAll(Thread** threads, uint32_t count);
  // What waits in a local queue.
  void TakeOver(LocalQueue& queue);
  // After the priority of a thread changed from `before`: puts it where it now
  // belongs.  False: it is not here.
  bool Reorder(Thread* thread, int before);
  // The first thread of the highest priority that is at least `lowest`.
  Thread* Pop(int lowest);

  // Relaxed hints, read at every dispatch.
  bool HasPriority() const {
    return above_zero_.load(std::memory_order_relaxed) != 0;
  }
  // The highest priority that waits, or -1.
  int Highest() const;
  uint32_t Size() const { return size_.load(std::memory_order_relaxed); }

 private:
  void NoteTaken(int level) ABSL_EXCLUSIVE_LOCKS_REQUIRED(lock_);
  void NoteAdded(int level) ABSL_EXCLUSIVE_LOCKS_REQUIRED(lock_);
  void PushLocked(Thread* thread) ABSL_EXCLUSIVE_LOCKS_REQUIRED(lock_);

  SpinLock lock_;  // rank 5
  Fifo<Thread, &Thread::next> queues_[kPriorities] ABSL_GUARDED_BY(lock_);
  std::atomic<uint64_t> occupied_[kPriorities / 64] = {};
  std::atomic<uint32_t> above_zero_{0};
  std::atomic<uint32_t> size_{0};
};

extern SharedQueue g_shared_queue;

}  // namespace lt

#endif  // LIBTHREAD_SCHED_RUN_QUEUE_H_
