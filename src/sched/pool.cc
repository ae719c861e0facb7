// SPDX-License-Identifier: MIT

#include "sched/pool.h"

#include <sys/mman.h>
#include <sys/prctl.h>

#include <cerrno>
#include <cstdio>
#include <new>

#include "arch/tls.h"
#include "base/config.h"
#include "base/panic.h"
#include "base/syscall.h"
#include "lwp/alternate_stack.h"
#include "lwp/interval_timers.h"
#include "lwp/kernel_thread.h"
#include "lwp/robust_list.h"
#include "sched/dispatch.h"
#include "sched/lwp_numbers.h"
#include "sched/signal_mask.h"
#include "sched/watcher.h"

namespace lt {

constinit Pool g_pool;

namespace {

constexpr size_t kIdleStackBytes = 64 * 1024;
constexpr uint32_t kFirstLwp = 1;

char* MapZeroed(size_t bytes) {
  const long result =
      RawSyscall(SYS_mmap, 0, static_cast<long>(bytes), PROT_READ | PROT_WRITE,
                 MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  return result < 0 && result > -4096 ? nullptr
                                      : reinterpret_cast<char*>(result);
}

PoolLwp* NewLwp() {
  // Never given back: thieves and the watcher look at LWPs without a lock.
  char* memory = MapZeroed(sizeof(PoolLwp));
  if (memory == nullptr) return nullptr;
  Thread* idle = AllocateThread();
  if (idle == nullptr) return nullptr;
  auto* lwp = new (memory) PoolLwp();
  idle->kind = Kind::kIdle;
  idle->critical = 1;
  idle->lwp = lwp;
  lwp->idle = idle;
  lwp->entry.lwp = lwp;
  return lwp;
}

void FinishNothing(Departure&) {}

[[noreturn]] void IdleEntry(Arrival arrival) {
  LT_OUTERMOST_FRAME();
  Arrive(arrival);
  RunLwp(*Current()->lwp);
  Panic("the first LWP cannot end");
}

void* LwpMain(void* arg) {
  auto* lwp = static_cast<PoolLwp*>(arg);
  lwp->native_tp = ReadThreadPointer();
  lwp->idle->tp = lwp->native_tp;
  t_self = lwp->idle;
  lwp->mask = KernelMask();
  lwp->tid.store(KernelTid(), std::memory_order_relaxed);
  char name[16];
  std::snprintf(name, sizeof name, "lwp/%u",
                lwp->entry.number.load(std::memory_order_relaxed));
  prctl(PR_SET_NAME, name);
  InstallAlternateStack();
  RunLwp(*lwp);
  EndIntervalTimers();
  RemoveAlternateStack();
  return nullptr;
}

}  // namespace

int Pool::Start() {
  table_ = reinterpret_cast<PoolLwp**>(MapZeroed(kMost * sizeof(PoolLwp*)));
  return table_ == nullptr ? ENOMEM : 0;
}

// Into a free slot of the table: one that an ended LWP left has its object.
void Pool::Enter(PoolLwp& lwp) {
  const int size = table_size_.load(std::memory_order_relaxed);
  table_[size] = &lwp;
  table_size_.store(size + 1, std::memory_order_release);
}

int Pool::AddFirstLwp(Thread& main) {
  PoolLwp* lwp = NewLwp();
  if (lwp == nullptr) return ENOMEM;
  // The first kernel thread's own stack and TLS belong to main, so its idle
  // context needs some of its own.
  StackBlock block;
  const size_t bytes = StackClassBytes(kIdleStackBytes, TlsBytes());
  if (const int error = CarveStack(bytes, block)) return error;
  const uintptr_t tp = TlsCreate(block.high());
  if (tp == 0) return ENOMEM;
  Thread& idle = *lwp->idle;
  idle.tp = tp;
  idle.block = block;
  SetSelf(tp, &idle);
  char* high = block.high() - TlsBytes();
  TlsSetStack(tp, block.usable_low(), high - block.usable_low());
  idle.context = MakeContext(high, high - block.usable_low(), IdleEntry);
  lwp->native_tp = ReadThreadPointer();  // main's
  lwp->mask = KernelMask();
  lwp->current.store(&main, std::memory_order_relaxed);
  main.sigmask.store(lwp->mask, std::memory_order_relaxed);
  lwp->tid.store(KernelTid(), std::memory_order_relaxed);
  lwp->alive.store(true, std::memory_order_relaxed);
  InstallAlternateStack();
  main.lwp = lwp;
  MoveLwpNumber(main.lwp_entry, lwp->entry);
  // What it held as a kernel thread like any other.
  lwp->robust = main.robust;
  main.robust = nullptr;
  SpinLockHolder hold(lock_);
  Enter(*lwp);
  const int now = lwps_.fetch_add(1, std::memory_order_relaxed) + 1;
  if (now > most_lwps()) most_lwps_.store(now, std::memory_order_relaxed);
  return 0;
}

bool Pool::WakeIdleLwp() {
  PoolLwp* lwp;
  {
    SpinLockHolder hold(lock_);
    // The one that went idle last: its caches are warm, and the others age.
    lwp = idle_list_.back();
    if (lwp == nullptr) return false;
    idle_list_.Remove(lwp);
    lwp->is_idle = false;
    idle_.fetch_sub(1, std::memory_order_seq_cst);
  }
  lwp->parker.Unpark();
  return true;
}

bool Pool::MayGrow() const {
  return lwps() < (g_config.model == Model::kManyToOne ? 1 : g_config.max_lwps);
}

int Pool::Grow() {
  if (!MayGrow()) return ENOSPC;
  // One thread grows the pool (watcher.cc): nobody else takes a free slot.
  PoolLwp* lwp = nullptr;
  const int size = table_size();
  for (int i = 0; lwps() < size && lwp == nullptr && i < size; ++i) {
    // Acquire: pairs with the release in RetireLocked().
    if (!table_[i]->alive.load(std::memory_order_acquire)) lwp = table_[i];
  }
  const bool fresh = lwp == nullptr;
  if (fresh) lwp = NewLwp();
  if (lwp == nullptr) return EAGAIN;
  lwp->tid.store(0, std::memory_order_relaxed);
  lwp->entry.private_data = nullptr;
  EnterLwp(lwp->entry);
  lwp->alive.store(true, std::memory_order_relaxed);
  int now;
  {
    SpinLockHolder hold(lock_);
    if (fresh) Enter(*lwp);
    now = lwps_.fetch_add(1, std::memory_order_relaxed) + 1;
  }
  if (StartKernelThread(LwpMain, lwp) != 0) {
    lwps_.fetch_sub(1, std::memory_order_relaxed);
    RemoveLwp(lwp->entry);
    lwp->alive.store(false, std::memory_order_release);
    return EAGAIN;
  }
  if (now > most_lwps()) most_lwps_.store(now, std::memory_order_relaxed);
  return 0;
}

bool Pool::RetireLocked(PoolLwp& lwp) {
  if (lwp.entry.number.load(std::memory_order_relaxed) == kFirstLwp ||
      !lwp.is_idle || lwps() <= target()) {
    return false;
  }
  // Who continues its threads does so by its number.
  if (lwp.entry.stopped.load(std::memory_order_relaxed)) return false;
  idle_list_.Remove(&lwp);
  lwp.is_idle = false;
  idle_.fetch_sub(1, std::memory_order_seq_cst);
  lwps_.fetch_sub(1, std::memory_order_relaxed);
  RemoveLwp(lwp.entry);  // INV-LN1
  lwp.alive.store(false, std::memory_order_release);
  return true;
}

bool Pool::Idle(PoolLwp& lwp) {
  lwp.parker.Reset();
  {
    SpinLockHolder hold(lock_);
    idle_list_.PushBack(&lwp);
    lwp.is_idle = true;
    // Sequentially consistent: pairs with SharedQueue's size; either the one
    // who pushes sees us idle, or we see what was pushed.
    idle_.fetch_add(1, std::memory_order_seq_cst);
  }
  if (g_shared_queue.Size() > 0) WakeIdleLwp();
  // Signals for the process are for LWPs that run threads.
  if (lwp.mask != BlockedByHelpers()) ChangeLwpMask(lwp, BlockedByHelpers());
  for (;;) {
    const int64_t age_ns = g_config.lwp_age_s * kNsPerSecond;
    const Deadline deadline =
        age_ns == 0 ? Deadline::Never() : Deadline::AtNs(NowNs() + age_ns);
    if (lwp.parker.Wait(deadline)) return true;
    if (lwp.robust != nullptr) {
      lwp.robust->Retire();  // made anew if it goes on after all
      lwp.robust = nullptr;
    }
    SpinLockHolder hold(lock_);
    if (RetireLocked(lwp)) return false;
  }
}

uint32_t Pool::Waiting() const {
  uint32_t waiting = g_shared_queue.Size();
  const int size = table_size();
  for (int i = 0; i < size; ++i) waiting += table_[i]->queue.Size();
  return waiting;
}

int Pool::target() const {
  if (g_config.model == Model::kManyToOne) return 1;
  const int wanted = level.load(std::memory_order_relaxed);
  return wanted > g_config.concurrency ? wanted : g_config.concurrency;
}

void RunLwp(PoolLwp& lwp) {
  bool help = true;
  for (;;) {
    Thread* next = PickNext(lwp, help);
    if (next != nullptr) {
      Departure departure{lwp.idle, FinishNothing};
      SwitchTo(*lwp.idle, *next, departure);
      help = false;
      continue;
    }
    if (!g_pool.Idle(lwp)) return;
    help = true;
  }
}

}  // namespace lt
