// SPDX-License-Identifier: MIT
//
// The kernel's list of the robust mutexes that one kernel thread holds.
//
// When the kernel thread ends, by whatever means and at whatever instruction,
// the kernel walks the list, marks each mutex whose word still names the thread
// and wakes a sleeper.  A mutex that is being locked or unlocked, and may or
// may not be in the list, is named as the pending operation meanwhile; a thread
// that sleeps for a mutex names it as well, so that a wakeup that it takes
// along into death goes to another.
//
// INV-RL1: a mutex whose word names the kernel thread is in its list, or is its
//   pending operation.
//
// The list is the kernel thread's own; others take mutexes out of it under the
// lock (StripRange in sync/robust_memory.cc).
//
// A kernel thread has one such list.  From the first use on it is ours, and the
// C library's, for robust mutexes of pthreads, is back when the thread ends.

#ifndef LIBTHREAD_LWP_ROBUST_LIST_H_
#define LIBTHREAD_LWP_ROBUST_LIST_H_

#include <sys/types.h>

#include <atomic>
#include <cstddef>
#include <cstdint>

#include "base/spinlock.h"

namespace lt {

// Lies in the mutex, at one distance from its word.
struct RobustNode {
  RobustNode* next;
};

class RobustList {
 public:
  // The calling kernel thread's, which has none yet; null where there is no
  // memory or the kernel has no such lists.  `word_offset`: from a node to the
  // word of its mutex.
  static RobustList* ForCaller(long word_offset);

  // The calling kernel thread ends, or has nothing more to do with robust
  // mutexes; the list is empty.
  void Retire();

  uint32_t tid() const { return tid_; }

  void Begin(RobustNode* node) {
    std::atomic_signal_fence(std::memory_order_seq_cst);
    head_.pending = node;
    std::atomic_signal_fence(std::memory_order_seq_cst);
  }
  void End() { Begin(nullptr); }

  // The kernel walks no further than this.
  static constexpr int kMost = 2048;
  int size() const { return size_.load(std::memory_order_relaxed); }

  // Between Begin() and End(), as RemoveLocked() is.
  void Add(RobustNode* node);

  // The first one that `wanted` says yes to, or null.  `lock` is held.
  template <typename Wanted>
  RobustNode* Find(Wanted wanted) ABSL_EXCLUSIVE_LOCKS_REQUIRED(lock) {
    RobustNode* node = head_.first;
    while (node != AsNode() && !wanted(*node)) node = node->next;
    return node == AsNode() ? nullptr : node;
  }
  // False when it is not there (any more).
  bool RemoveLocked(const RobustNode* node) ABSL_EXCLUSIVE_LOCKS_REQUIRED(lock);

  SpinLock lock;  // rank 9

  // Unlocking this mutex last found nobody who slept for it, though its word
  // said that somebody may.
  const void* nobody_slept = nullptr;

  // False for one whose kernel thread has ended unseen: its entries are the
  // kernel's work, and others' by now.  Free then.
  bool IsAlive();

  // All that ever were, linked; the newest first.
  static RobustList* All();
  RobustList* all_next() const { return all_next_; }

 private:
  friend void ForgetRobustLists();
  RobustNode* AsNode() { return reinterpret_cast<RobustNode*>(&head_.first); }
  void Clear();

  // As the kernel has it: struct robust_list_head.
  struct Head {
    RobustNode* first;
    long word_offset;
    RobustNode* pending;
  } head_;
  void* former_ = nullptr;    // the C library's
  uint32_t tid_ = 0;          // 0: free
  std::atomic<int> size_{0};  // written under the lock
  RobustList* all_next_ = nullptr;
};

// In the child of a fork, which holds nothing.
void ForgetRobustLists();

}  // namespace lt

#endif  // LIBTHREAD_LWP_ROBUST_LIST_H_
