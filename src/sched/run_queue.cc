// SPDX-License-Identifier: MIT

#include "sched/run_queue.h"

namespace lt {

constinit SharedQueue g_shared_queue;

void SharedQueue::NoteAdded(int level) {
  occupied_[level / 64].fetch_or(uint64_t{1} << (level % 64),
                                 std::memory_order_relaxed);
  if (level > 0) above_zero_.fetch_add(1, std::memory_order_relaxed);
  // Sequentially consistent: pairs with the idle LWP that announced itself and
  // looks at the size a last time (pool.cc, Idle).
  size_.fetch_add(1, std::memory_order_seq_cst);
}

void SharedQueue::PushLocked(Thread* thread) {
  const int priority = thread->priority.load(std::memory_order_relaxed);
  queues_[priority].PushBack(thread);
  NoteAdded(priority);
}

void SharedQueue::PushFront(Thread* thread) {
  SpinLockHolder hold(lock_);
  const int priority = thread->priority.load(std::memory_order_relaxed);
  queues_[priority].PushFront(thread);
  NoteAdded(priority);
}

void SharedQueue::Push(Thread* thread) {
  SpinLockHolder hold(lock_);
  PushLocked(thread);
}

void SharedQueue::PushAll(Thread** threads, uint32_t count) {
  SpinLockHolder hold(lock_);
  for (uint32_t i = 0; i < count; ++i) PushLocked(threads[i]);
}

void SharedQueue::TakeOver(LocalQueue& queue) {
  Thread* threads[LocalQueue::kRoom];
  uint32_t count = 0;
  while (const uint32_t taken =
             queue.TakeHalf(threads + count, LocalQueue::kRoom - count)) {
    count += taken;
  }
  if (Thread* last = queue.TakeLast()) Push(last);
  if (count > 0) PushAll(threads, count);
}

int SharedQueue::Highest() const {
  for (int word = kPriorities / 64 - 1; word >= 0; --word) {
    const uint64_t bits = occupied_[word].load(std::memory_order_relaxed);
    if (bits != 0) return word * 64 + 63 - __builtin_clzll(bits);
  }
  return -1;
}

void SharedQueue::NoteTaken(int level) {
  if (queues_[level].empty()) {
    occupied_[level / 64].fetch_and(~(uint64_t{1} << (level % 64)),
                                    std::memory_order_relaxed);
  }
  if (level > 0) above_zero_.fetch_sub(1, std::memory_order_relaxed);
  size_.fetch_sub(1, std::memory_order_relaxed);
}

bool SharedQueue::Reorder(Thread* thread, int before) {
  SpinLockHolder hold(lock_);
  if (!queues_[before].Remove(thread)) return false;
  NoteTaken(before);
  PushLocked(thread);
  return true;
}

Thread* SharedQueue::Pop(int lowest) {
  if (Size() == 0) return nullptr;
  SpinLockHolder hold(lock_);
  for (int word = kPriorities / 64 - 1; word >= lowest / 64; --word) {
    uint64_t bits = occupied_[word].load(std::memory_order_relaxed);
    if (word == lowest / 64) bits &= ~uint64_t{0} << (lowest % 64);
    if (bits == 0) continue;
    const int bit = 63 - __builtin_clzll(bits);
    const int level = word * 64 + bit;
    Thread* thread = queues_[level].PopFront();
    NoteTaken(level);
    return thread;
  }
  return nullptr;
}

}  // namespace lt
