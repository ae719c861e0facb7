// SPDX-License-Identifier: MIT

#include "thread/cache.h"

#include <pthread.h>
#include <sys/auxv.h>

#include <cerrno>
#include <cstdlib>
#include <initializer_list>
#include <new>

#include "arch/tls.h"
#include "base/config.h"
#include "base/list.h"
#include "base/spinlock.h"
#include "sched/pool.h"
#include "sched/sleepq.h"
#include "thread/fork.h"
#include "thread/keys.h"
#include "thread/runtime.h"

namespace lt {
namespace {

// With their pages, in g_free; with STACK_CACHE in all.
constexpr int kWarmByDefault = 1024;
constexpr size_t kColours = 32;
constexpr size_t kColourBytes = 64;

// Free threads of one kind and block size.
struct FreeList {
  SpinLock lock;
  Fifo<Thread, &Thread::next> threads ABSL_GUARDED_BY(lock);
};
constinit FreeList g_free[2][kStackClasses];  // unbound, bound
constinit FreeList g_free_without_stack;
// Threads with a stack in g_free; with STACK_CACHE those that LWPs keep too.
std::atomic<int> g_stacks{0};
// Who robs; a kernel lock, because system calls are made under it.
pthread_mutex_t g_rob_mutex = PTHREAD_MUTEX_INITIALIZER;

// STACK_CACHE limits all stacks that are kept; else each LWP keeps a few more.
bool StacksAreCounted() {
  return g_config.stack_cache >= 0;
}
int MostWarm() {
  return StacksAreCounted() ? g_config.stack_cache : kWarmByDefault;
}

FreeList* ListsOf(Kind kind) {
  return g_free[kind == Kind::kUnbound ? 0 : 1];
}

FreeList& ListOf(Kind kind, size_t class_bytes) {
  if (class_bytes == 0) return g_free_without_stack;
  return ListsOf(kind)[StackClassIndex(class_bytes)];
}

Thread* TakeFree(FreeList& list) {
  Thread* thread;
  {
    SpinLockHolder hold(list.lock);
    thread = list.threads.PopFront();
  }
  if (thread != nullptr && thread->block.low != nullptr) {
    g_stacks.fetch_sub(1, std::memory_order_relaxed);
  }
  return thread;
}

void PutFree(Thread& thread) {
  if (thread.block.low != nullptr &&
      g_stacks.fetch_add(1, std::memory_order_relaxed) >= MostWarm()) {
    // The page that the stack shares with TLS stays.
    auto high = reinterpret_cast<uintptr_t>(thread.block.high()) - TlsRoom();
    ReleasePages(thread.block.usable_low(),
                 reinterpret_cast<char*>(high & ~(kPage - 1)));
  }
  FreeList& list = ListOf(thread.kind, thread.block.bytes);
  SpinLockHolder hold(list.lock);
  list.threads.PushFront(&thread);
}

PoolLwp* CurrentLwp() {
  Thread* self = Current();
  return self == nullptr ? nullptr : self->lwp;
}

Thread* TakeWarm(size_t class_bytes) {
  PoolLwp* lwp = CurrentLwp();
  Thread* thread = lwp == nullptr ? nullptr : lwp->warm.TryPop(class_bytes);
  if (thread != nullptr && StacksAreCounted()) {
    g_stacks.fetch_sub(1, std::memory_order_relaxed);
  }
  return thread;
}

// False where the LWP keeps as many as it may, or all together do.
bool PutWarm(PoolLwp& lwp, Thread& thread) {
  if (!StacksAreCounted()) return lwp.warm.TryPush(thread);
  if (g_stacks.fetch_add(1, std::memory_order_relaxed) < MostWarm() &&
      lwp.warm.TryPush(thread)) {
    return true;
  }
  g_stacks.fetch_sub(1, std::memory_order_relaxed);
  return false;
}

// Memory has run out: what other LWPs keep for themselves will do, and a larger
// block too.
Thread* TakeAnywhere(Kind kind, size_t class_bytes) {
  // A second robber must not come to the lists before the first one's loot.
  pthread_mutex_lock(&g_rob_mutex);
  for (int i = 0; i < g_pool.table_size(); ++i) {
    Thread* thread = g_pool.lwp(i).warm.TakeAll();
    while (thread != nullptr) {
      Thread* next = thread->next;
      if (StacksAreCounted()) g_stacks.fetch_sub(1, std::memory_order_relaxed);
      PutFree(*thread);
      thread = next;
    }
  }
  pthread_mutex_unlock(&g_rob_mutex);
  FreeList* lists = ListsOf(kind);
  for (int i = StackClassIndex(class_bytes); i < kStackClasses; ++i) {
    if (Thread* thread = TakeFree(lists[i])) return thread;
  }
  return nullptr;
}

// Blocks begin at pages, so TLS and stack tops of all threads would compete for
// a few cache sets: they are shifted by a number of cache lines each.
size_t NextColourBytes() {
  static constinit std::atomic<uint32_t> next{0};
  return next.fetch_add(1, std::memory_order_relaxed) % kColours * kColourBytes;
}

// A thread with a block of its own; unbound ones with TLS at the block's top.
int Build(Kind kind, size_t class_bytes, Thread*& result) {
  Thread* thread = TakeFree(g_free_without_stack);
  if (thread == nullptr) thread = AllocateThread();
  if (thread == nullptr) return ENOMEM;
  int error = 0;
  if (class_bytes != 0) error = CarveStack(class_bytes, thread->block);
  if (error == 0 && kind == Kind::kUnbound) {
    char* top = thread->block.high() - NextColourBytes();
    thread->tls_low = top - TlsBytes();
    thread->tp = TlsCreate(top);
    if (thread->tp == 0) error = ENOMEM;
  }
  if (error != 0) {
    // A block without TLS serves bound threads.
    thread->kind = Kind::kBound;
    ReturnThread(*thread);
    return error;
  }
  thread->kind = kind;
  if (thread->tp != 0) SetSelf(thread->tp, thread);
  result = thread;
  return 0;
}

// Forgets the former life.  What a thread owns for good (block, TLS, its spare
// sleep queue) stays.
void Reset(Thread& thread) {
  thread.context = nullptr;
  thread.lwp = nullptr;
  thread.wait_arg = nullptr;
  thread.joiner = nullptr;
  thread.joiner_next = nullptr;
  thread.joined = nullptr;
  thread.detached = thread.daemon = thread.departed = false;
  thread.joining.store(nullptr, std::memory_order_relaxed);
  thread.status = nullptr;
  thread.exit_sp = nullptr;
  thread.unwound = false;
  thread.home = nullptr;
  thread.quiet_end = thread.raw_lwp = false;
  thread.cancelled.store(false, std::memory_order_relaxed);
  thread.cancel_seen = false;
  thread.cancel_changed = false;
  thread.reprieve_ns.store(0, std::memory_order_relaxed);
  thread.owes_way.store(false, std::memory_order_relaxed);
  thread.has_schedctl = false;
  thread.in_call.store(false, std::memory_order_relaxed);
  thread.timed_joiners = false;
  thread.ending = false;
  thread.made.Reset();
  thread.name[0] = '\0';
  thread.parker.Reset();
  thread.lwp_entry.thread = &thread;
  thread.lwp_entry.private_data = nullptr;
  thread.critical = 1;  // until it begins to run
  thread.requests.store(0, std::memory_order_relaxed);
  thread.stop_reasons = 0;
  thread.stopped_on.store(0, std::memory_order_relaxed);
  thread.mutator = false;
  thread.pending.store(0, std::memory_order_relaxed);
  thread.deferred.signal = 0;
  thread.signal_stack = {};
  thread.awaited.store(0, std::memory_order_relaxed);
  thread.kernel_tid.store(0, std::memory_order_relaxed);
}

void PlaceStack(Thread& thread, char* stack_low, size_t stack_bytes) {
  thread.own_stack = stack_low == nullptr;
  if (!thread.own_stack) {
    thread.stack_low = stack_low;
    thread.stack_high = stack_low + stack_bytes;
  } else if (thread.block.low == nullptr) {
    thread.stack_low = thread.stack_high = nullptr;  // the C library's
  } else {
    // Reported is what was asked for; what a class has on top of it is not.
    thread.stack_high =
        thread.tp != 0 ? thread.tls_low : thread.block.high() - TlsRoom();
    thread.stack_low =
        thread.stack_high - (stack_bytes + kPage - 1) / kPage * kPage;
  }
}

}  // namespace

void ForgetCaches() ABSL_NO_THREAD_SAFETY_ANALYSIS {
  for (FreeList* lists : {g_free[0], g_free[1]}) {
    for (int i = 0; i < kStackClasses; ++i) {
      // A look does not copy the page that the parent shares.
      if (!lists[i].threads.empty() || lists[i].lock.IsHeld()) {
        new (&lists[i]) FreeList();
      }
    }
  }
  new (&g_free_without_stack) FreeList();
  g_stacks.store(0, std::memory_order_relaxed);
  g_rob_mutex = PTHREAD_MUTEX_INITIALIZER;
}

size_t TlsRoom() {
  // Bound threads' control blocks are as large as those of unbound ones.
  const size_t bytes = TlsBytes();
  return (bytes != 0 ? bytes : StaticTlsBytes()) + kColours * kColourBytes;
}

size_t StackOverheadBytes() {
#ifndef AT_MINSIGSTKSZ
#define AT_MINSIGSTKSZ 51
#endif
  constexpr size_t kFrames = 4096;
  return kFrames + getauxval(AT_MINSIGSTKSZ);
}

int TakeThread(Kind kind, char* stack_low, size_t stack_bytes,
               Thread*& result) {
  size_t class_bytes = 0;
  if (kind != Kind::kForeign && stack_low == nullptr) {
    const size_t gap = kind == Kind::kBound ? kBoundGapBytes : 0;
    class_bytes =
        StackClassBytes(stack_bytes, StackOverheadBytes() + gap + TlsRoom());
    if (class_bytes == 0) return ENOMEM;
  } else if (kind == Kind::kUnbound) {
    class_bytes = StackClassBytes(0, TlsRoom());  // a block only for TLS
  }
  Thread* thread = nullptr;
  if (kind == Kind::kUnbound) thread = TakeWarm(class_bytes);
  if (thread == nullptr) thread = TakeFree(ListOf(kind, class_bytes));
  if (thread == nullptr) {
    const int error = Build(kind, class_bytes, thread);
    if (error != 0 && class_bytes != 0) {
      thread = TakeAnywhere(kind, class_bytes);
    }
    if (thread == nullptr) return error;
  }
  thread->kind = kind;
  Reset(*thread);
  PlaceStack(*thread, stack_low, stack_bytes);
  result = thread;
  return 0;
}

Thread* TakeForeignThread() {
  Thread* thread = nullptr;
  return TakeThread(Kind::kForeign, nullptr, 0, thread) == 0 ? thread : nullptr;
}

void ReturnThread(Thread& thread) {
  if (IsFirst(thread)) return;
  thread.state.store(State::kFree, std::memory_order_relaxed);
  FreeValues(thread);
  if (thread.more_holds != nullptr) {
    std::free(thread.more_holds);
    thread.more_holds = nullptr;
    thread.hold_room = kInlineHolds;
  }
  if (thread.holds != 0) {
    thread.holds = 0;
    for (ReadHold& hold : thread.inline_holds) hold = {};
  }
  const bool unbound = thread.kind == Kind::kUnbound;
  if (unbound) {
    // A request to cancel it, obeyed or not, is marked in its control block.
    const bool cancelled = thread.cancelled.load(std::memory_order_relaxed) ||
                           thread.cancel_changed;
    TlsRecycle(thread.tp, thread.unwound || cancelled);
    SetSelf(thread.tp, &thread);
  }
  PoolLwp* lwp = CurrentLwp();
  if (unbound && lwp != nullptr && PutWarm(*lwp, thread)) return;
  PutFree(thread);
}

}  // namespace lt
