// SPDX-License-Identifier: MIT
//
// The pool: the LWPs that run unbound threads.
//
// An LWP is *idle* while it is in the idle list: it sleeps in its parker until
// WakeIdleLwp() takes it out.  All others are *busy*: they run threads or look
// for one, or are blocked in the kernel with a thread, which only the watcher
// can tell.  The first LWP is the process's first kernel thread and never ends.
//
// Waking is lazy.  A thread that a pool LWP makes ready stays in that LWP's
// queue, because the LWP will reach a switch soon; the watcher looks after
// threads that wait nevertheless (watcher.cc).  A thread made ready from
// outside the pool wakes an idle LWP at once.
//
// The pool's lock (rank 6) guards the table and the idle list.

#ifndef LIBTHREAD_SCHED_POOL_H_
#define LIBTHREAD_SCHED_POOL_H_

#include <atomic>
#include <cstdint>

#include "base/list.h"
#include "base/spinlock.h"
#include "lwp/parker.h"
#include "lwp/sampler.h"
#include "sched/run_queue.h"
#include "sched/thread.h"
#include "sched/warm_list.h"

namespace lt {

struct PoolLwp {
  // The LWP's own; others read relaxed.
  LocalQueue queue;
  Thread* idle = nullptr;  // context that waits for work
  LwpEntry entry;          // its number
  std::atomic<pid_t> tid{0};
  uintptr_t native_tp = 0;  // of the control block that libc made for it
  uint64_t mask = 0;        // of signals, as the kernel has it now
  std::atomic<uint64_t> dispatches{0};
  // The thread that it runs; never freed, so others may look at it.
  std::atomic<Thread*> current{nullptr};
  // Set when the library's signal came at a bad moment: the watcher asks again.
  std::atomic<bool> ask_again{false};
  // The value of `dispatches` whose thread is to give way.
  std::atomic<uint64_t> slice_over{~uint64_t{0}};
  // Calls that may block and were announced: odd while its thread is in one, if
  // no thread was dispatched since.  Each has a number of its own.
  std::atomic<uint64_t> kernel_calls{0};
  std::atomic<uint64_t> kernel_dispatch{0};
  uint64_t steals = 0;
  uint64_t parks = 0;
  uint64_t preemptions = 0;
  unsigned last_streak = 0;  // times in a row that the slot was used
  unsigned victim = 0;       // where to begin stealing
  WarmList warm;             // free threads for thr_create
  // Robust mutexes held by threads that it runs; null: never had any.
  RobustList* robust = nullptr;

  Parker parker;
  PoolLwp* idle_next = nullptr;  // guarded by the pool's lock
  PoolLwp* idle_prev = nullptr;
  std::atomic<bool> is_idle{false};  // written under the pool's lock
  std::atomic<bool> alive{false};    // false: ended, the slot is free

  // The watcher's own.
  Sampler sampler;
  pid_t sampled_tid = 0;
  uint64_t seen_dispatches = 0;
  uint32_t seen_size = 0;
  int64_t since_ns = 0;  // when `dispatches` was seen to change last
  std::atomic<bool> seen_blocked{false};
  uint64_t blocked_call = 0;  // in which it was seen blocked

  void CountDispatch() {
    // Only this LWP writes: no locked instruction.
    dispatches.store(dispatches.load(std::memory_order_relaxed) + 1,
                     std::memory_order_relaxed);
  }

  // Only this LWP writes, and others read a hint: relaxed.
  void EnterKernelCall() {
    kernel_dispatch.store(dispatches.load(std::memory_order_relaxed),
                          std::memory_order_relaxed);
    const uint64_t calls = kernel_calls.load(std::memory_order_relaxed);
    kernel_calls.store((calls + 2) | 1, std::memory_order_relaxed);
  }
  void LeaveKernelCall() {
    const uint64_t calls = kernel_calls.load(std::memory_order_relaxed);
    kernel_calls.store(calls & ~uint64_t{1}, std::memory_order_relaxed);
  }
  // The number of the call that it is in, or 0.
  uint64_t KernelCall() const {
    const uint64_t calls = kernel_calls.load(std::memory_order_relaxed);
    const bool same = kernel_dispatch.load(std::memory_order_relaxed) ==
                      dispatches.load(std::memory_order_relaxed);
    return same && (calls & 1) != 0 ? calls : 0;
  }
};

class Pool {
 public:
  static constexpr int kMost = 65536;

  // Makes ready for LWPs; there is none yet.  ENOMEM when there is no memory.
  [[nodiscard]] int Start();

  // Makes the calling kernel thread, which runs `main`, the first LWP.  Returns
  // an error number when there is no memory.
  [[nodiscard]] int AddFirstLwp(Thread& main);

  // LWPs that ever were; those that ended have alive == false.
  int table_size() const { return table_size_.load(std::memory_order_acquire); }
  PoolLwp& lwp(int i) const { return *table_[i]; }
  int lwps() const { return lwps_.load(std::memory_order_relaxed); }
  int most_lwps() const { return most_lwps_.load(std::memory_order_relaxed); }
  int idle() const { return idle_.load(std::memory_order_seq_cst); }

  // Wakes one idle LWP.  False when there is none.
  bool WakeIdleLwp();
  // False when the model's or LIBTHREAD_MAX_LWPS' limit is reached.
  bool MayGrow() const;
  // Makes one more LWP.  Returns 0, EAGAIN (no kernel thread), or ENOSPC when
  // the model's or LIBTHREAD_MAX_LWPS' limit is reached.  Enters the kernel.
  [[nodiscard]] int Grow();
  // Joins the idle list until woken.  False: nobody needs the LWP any more and
  // it is no longer in the table.
  bool Idle(PoolLwp& lwp);

  // Runnable threads that wait, as far as can be seen.
  uint32_t Waiting() const;

  // The concurrency level: active LWPs that are kept going when there is work.
  int target() const;
  std::atomic<int> level{1};  // of thr_setconcurrency

 private:
  void Enter(PoolLwp& lwp) ABSL_EXCLUSIVE_LOCKS_REQUIRED(lock_);
  bool RetireLocked(PoolLwp& lwp) ABSL_EXCLUSIVE_LOCKS_REQUIRED(lock_);

  SpinLock lock_;
  List<PoolLwp, &PoolLwp::idle_next, &PoolLwp::idle_prev> idle_list_
      ABSL_GUARDED_BY(lock_);
  std::atomic<int> idle_{0};
  std::atomic<int> lwps_{0};
  std::atomic<int> most_lwps_{0};
  std::atomic<int> table_size_{0};
  PoolLwp** table_ = nullptr;
};

extern Pool g_pool;

// Body of the kernel threads that Pool::Grow() makes; of the first LWP's idle
// context too.
void RunLwp(PoolLwp& lwp);

}  // namespace lt

#endif  // LIBTHREAD_SCHED_POOL_H_
