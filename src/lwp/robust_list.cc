// SPDX-License-Identifier: MIT

#include "lwp/robust_list.h"

#include <cstdlib>
#include <new>

#include "base/syscall.h"
#include "lwp/kernel_thread.h"

namespace lt {
namespace {

SpinLock g_lock;  // rank 9: who takes a free one, or adds one
std::atomic<RobustList*> g_all{nullptr};

}  // namespace

RobustList* RobustList::All() {
  return g_all.load(std::memory_order_acquire);
}

void RobustList::Clear() {
  head_.first = AsNode();
  head_.pending = nullptr;
  size_.store(0, std::memory_order_relaxed);
  nobody_slept = nullptr;
}

RobustList* RobustList::ForCaller(long word_offset) {
  void* former = nullptr;
  size_t bytes = 0;
  if (RawSyscall(SYS_get_robust_list, 0, reinterpret_cast<long>(&former),
                 reinterpret_cast<long>(&bytes)) != 0) {
    return nullptr;
  }
  const auto tid = static_cast<uint32_t>(KernelTid());
  RobustList* list = nullptr;
  {
    SpinLockHolder hold(g_lock);
    list = All();
    while (list != nullptr && list->tid_ != 0) list = list->all_next_;
    if (list != nullptr) list->tid_ = tid;
  }
  if (list == nullptr) {
    void* memory = std::malloc(sizeof(RobustList));
    if (memory == nullptr) return nullptr;
    list = new (memory) RobustList;
    list->tid_ = tid;
    SpinLockHolder hold(g_lock);
    list->all_next_ = All();
    g_all.store(list, std::memory_order_release);
  }
  {
    SpinLockHolder hold(list->lock);
    list->Clear();
  }
  list->head_.word_offset = word_offset;
  list->former_ = former;
  static_assert(sizeof(Head) == 24);
  if (RawSyscall(SYS_set_robust_list, reinterpret_cast<long>(&list->head_),
                 sizeof(Head)) != 0) {
    SpinLockHolder hold(g_lock);
    list->tid_ = 0;
    return nullptr;
  }
  return list;
}

void RobustList::Retire() {
  RawSyscall(SYS_set_robust_list, reinterpret_cast<long>(former_),
             sizeof(Head));
  SpinLockHolder hold(g_lock);
  tid_ = 0;
}

bool RobustList::IsAlive() {
  if (tid_ == 0) return false;
  if (RawSyscall(SYS_tgkill, RawSyscall(SYS_getpid), tid_, 0) == 0) return true;
  SpinLockHolder hold(g_lock);
  tid_ = 0;
  return false;
}

void RobustList::Add(RobustNode* node) {
  SpinLockHolder hold(lock);
  node->next = head_.first;
  std::atomic_signal_fence(std::memory_order_seq_cst);
  head_.first = node;
  size_.store(size() + 1, std::memory_order_relaxed);
}

bool RobustList::RemoveLocked(const RobustNode* node) {
  // Locks are released in the reverse order as a rule: it is near the front.
  for (RobustNode* at = AsNode(); at->next != AsNode(); at = at->next) {
    if (at->next == node) {
      at->next = node->next;
      size_.store(size() - 1, std::memory_order_relaxed);
      return true;
    }
  }
  return false;
}

void ForgetRobustLists() ABSL_NO_THREAD_SAFETY_ANALYSIS {
  new (&g_lock) SpinLock();
  for (RobustList* list = RobustList::All(); list != nullptr;
       list = list->all_next_) {
    new (&list->lock) SpinLock();
    list->Clear();
    list->tid_ = 0;
  }
}

}  // namespace lt
