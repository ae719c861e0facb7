// SPDX-License-Identifier: MIT
//
// The kernel ends all threads but the caller, with their lists; then the caller
// gets the number of the process's first kernel thread, and only afterwards its
// list is walked: no word in it names that number, and the mutexes would stay
// locked for good.  So unless the caller is that first kernel thread, what it
// holds is moved to the list of a keeper, a kernel thread that does nothing and
// ends with the others.  At each instant either the caller's pending operation,
// with the caller's number in the word, or the keeper's list, with the
// keeper's, stands for the mutex.
//
// Those that tell unmapping from death (USYNC_PROCESS_ROBUST) are marked
// before.

#include "sync/robust_exec.h"

#include <cerrno>
#include <cstdlib>
#include <new>

#include "base/process_id.h"
#include "lwp/kernel_thread.h"
#include "lwp/parker.h"
#include "sched/critical.h"
#include "sync/robust_memory.h"

namespace lt {

class RobustKeeper {
 public:
  RobustList* list = nullptr;
  Parker ready;  // for the caller: `list` is there
  Parker over;   // for the keeper: exec has failed, it is free to go
};

namespace {

void* KeeperMain(void* arg) {
  auto& me = *static_cast<RobustKeeper*>(arg);
  me.list = RobustList::ForCaller(RobustWordOffset());
  me.ready.Unpark();
  me.over.Wait(Deadline::Never());
  if (me.list != nullptr) me.list->Retire();
  me.~RobustKeeper();
  std::free(&me);
  return nullptr;
}

// Moves everything from one list to another.  `own` is the caller's.
void Move(RobustList& from, RobustList& to, RobustList& own) {
  const auto any = [](const RobustNode&) { return true; };
  for (;;) {
    RobustNode* node;
    {
      SpinLockHolder hold(from.lock);
      node = from.Find(any);
      if (node == nullptr) break;
      own.Begin(node);
      TakeOver(MutexOf(*node), own.tid());
      from.RemoveLocked(node);
    }
    to.Add(node);
    TakeOver(MutexOf(*node), to.tid());
  }
  own.End();
}

RobustKeeper* StartKeeper() {
  void* memory = std::malloc(sizeof(RobustKeeper));
  if (memory == nullptr) return nullptr;
  auto* keeper = new (memory) RobustKeeper;
  if (StartKernelThread(KeeperMain, keeper) != 0) {
    std::free(memory);
    return nullptr;
  }
  keeper->ready.Wait(Deadline::Never());
  if (keeper->list != nullptr) return keeper;
  keeper->over.Unpark();
  return nullptr;
}

}  // namespace

int BeforeExec(Thread& self, RobustKeeper*& keeper) {
  keeper = nullptr;
  Critical critical(self);
  MarkUnmapping(true);
  RobustList* own = RobustListOf(self);
  if (own == nullptr || own->size() == 0 || own->tid() == g_process_id) {
    return 0;
  }
  keeper = StartKeeper();
  if (keeper == nullptr) {
    MarkUnmapping(false);
    return EAGAIN;
  }
  Move(*own, *keeper->list, *own);
  return 0;
}

void AfterFailedExec(Thread& self, RobustKeeper* keeper) {
  Critical critical(self);
  if (keeper != nullptr) {
    RobustList* own = RobustListOf(self);
    Move(*keeper->list, *own, *own);
    keeper->over.Unpark();
  }
  MarkUnmapping(false);
}

}  // namespace lt
