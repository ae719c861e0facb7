// SPDX-License-Identifier: MIT
//
// The thread object.  Objects are never given back to the system, so a stale
// pointer still points at a Thread (of somebody else, perhaps): who follows one
// without a lock reads atomics only and checks again under the lock.

#ifndef LIBTHREAD_SCHED_THREAD_H_
#define LIBTHREAD_SCHED_THREAD_H_

#include <pthread.h>
#include <ucontext.h>

#include <atomic>
#include <cstdint>

#include "arch/context.h"
#include "arch/stack.h"
#include "lwp/kernel_priority.h"
#include "lwp/parker.h"
#include "sched/timer.h"

namespace lt {

struct PoolLwp;
struct Thread;
struct SleepBucket;
struct SleepQueue;
struct Ceilings;
struct ReadHold;
struct KeyValues;
class RobustList;
struct WaitNode;

// States of a thread, with the one container that owns it in each.
enum class State : unsigned char {
  kEmbryo,    // being built by thr_create; reachable from its creator only
  kRunnable,  // linked in exactly one run queue, or on the way to one
  kRunning,   // on an LWP
  kSleeping,  // linked in exactly one sleep queue; perhaps also a timer
  kStopped,   // has a reason not to run (stop.h); in no queue
  kZombie,    // exited, not joined; in the registry
  kFree,      // cached for reuse
};

enum class Kind : unsigned char {
  kUnbound,  // switched in user space over the pool
  kPinned,   // unbound, but keeps its LWP for now: waits as a bound thread does
  kBound,    // a kernel thread of its own, made by thr_create or main
  kForeign,  // made by pthread_create, or by clone and adopted at its first
             // call
  kIdle,     // the idle context of a pool LWP: not a thread of the program
};

inline constexpr int kPriorities = 128;
inline constexpr int kInlineKeys = 9;  // slots 1 to 8 are used
inline constexpr int kInlineHolds = 4;
inline constexpr int kNameMax = 32;  // terminator included
inline constexpr size_t kSleepQueueBytes = 40;

// How often one thread holds one rwlock for reading.
struct ReadHold {
  const void* lock;
  int again;  // further times
};

// What somebody else's need did to a kernel thread (inherit.h).
struct KernelBoost {
  pid_t tid = 0;  // of the kernel thread; 0: nothing
  KernelPriority own;
  KernelPriority given;
};

// A signal that the kernel delivered in a critical section: what is told of it,
// kept until the section ends.  All others are blocked meanwhile.
struct DeferredSignal {
  static constexpr size_t kInfoBytes = 48;  // what the kernel ever fills in
  uint64_t mask = 0;                        // blocked before
  int signal = 0;                           // 0: none
  alignas(8) char info[kInfoBytes] = {};
};

// What an object says of its owner: the address of the Thread, to look at, and
// low bits of its id, because the objects of dead threads serve new ones.
// 0: nobody.
using OwnerTag = uint64_t;
inline constexpr int kTagIdBits = 22;
inline constexpr int kTagAlignBits = 6;  // Thread objects lie on cache lines

// What the table of LWP numbers knows of an LWP (lwp_numbers.h): of a bound or
// foreign thread, or one of the pool.
struct LwpEntry {
  std::atomic<uint32_t> number{0};  // 0: it has none (any more)
  Thread* thread = nullptr;         // whose LWP it is, or null:
  PoolLwp* lwp = nullptr;           // one of the pool's
  LwpEntry* next = nullptr;         // guarded by the number's bucket
  void* private_data = nullptr;     // of _lwp_setprivate(2); its own
  // Of the pool: it has threads to continue that were stopped by its number
  // (Thread::stopped_on).  Written by the suspender (thread/suspend.h).
  std::atomic<bool> stopped{false};
};

struct alignas(1 << kTagAlignBits) Thread {
  // What a switch and a wait touch comes first: two cache lines.
  Context context = nullptr;  // while it is on no LWP, else null
  uintptr_t tp = 0;
  PoolLwp* lwp = nullptr;  // where it runs or ran last; null: not pool
  Thread* next = nullptr;  // link of the queue that holds it
  std::atomic<State> state{State::kEmbryo};
  Kind kind = Kind::kUnbound;
  // The effective one.  Written by anybody under the lock of inherit.h; read
  // relaxed: a hint for ordering.
  std::atomic<unsigned char> priority{0};
  bool wait_timed = false;  // has a deadline
  // Depth of critical sections; an unbound thread leaves its LWP in one, and
  // is born in one.  Own thread only.
  uint16_t critical = 0;
  // Somebody wants to cancel it; for good.
  std::atomic<bool> cancelled{false};
  bool deaf = false;  // for now no request ends its waits; own thread
  std::atomic<uint32_t> requests{0};    // what others want of it: critical.h
  std::atomic<uint32_t> wait_count{0};  // waits so far; tells them apart

  // Signals that it blocks, as the kernel has them.  Written by the thread
  // itself; of a bound or foreign thread the kernel knows better.
  std::atomic<uint64_t> sigmask{0};

  // Waiting: see sleepq.h.  `bucket` says where it sleeps, slept last or is
  // about to; the rest is guarded by that bucket's lock.
  std::atomic<SleepBucket*> bucket{nullptr};
  SleepQueue* queue = nullptr;  // where it sleeps; null: it does not
  // The record it donates while it sleeps; null: the one right here.
  SleepQueue* spare = nullptr;
  alignas(8) char first_spare[kSleepQueueBytes] = {};
  Thread* sleep_next = nullptr;
  Thread* sleep_prev = nullptr;
  int wait_key = 0;          // larger first
  int wait_result = 0;       // why it was woken: 0 or an error number
  void* wait_arg = nullptr;  // for the primitive that it waits in
  Timer timer;
  Parker parker;  // not for unbound threads

  // Read holds of rwlocks (sync/holds.h): inline first, then a table.  Own
  // thread only.
  int holds = 0;
  int hold_room = kInlineHolds;
  ReadHold* more_holds = nullptr;
  ReadHold inline_holds[kInlineHolds] = {};
  // What it holds and waits for, when locks are watched (thread/wait_graph.h).
  // Made once, by the thread, and guarded by that graph's lock.
  WaitNode* wait_node = nullptr;

  // Thread-specific data: inline first, then a table.  Own thread only.
  void* inline_values[kInlineKeys] = {};
  uint32_t value_room = 0;  // slots in `values`
  void** values = nullptr;
  bool has_values = false;

  // Robust mutexes that it holds or is about to (sync/robust.cc), and another
  // reason to keep its LWP.  Own thread only.
  uint16_t robust_holds = 0;
  bool pinned_by_handler = false;
  RobustList* robust = nullptr;  // its kernel thread's; of no pool LWP

  // Life.  id is written before publication; join state is guarded by the
  // lock of the id's registry bucket.
  uint32_t id = 0;
  OwnerTag tag = 0;    // follows from address and id
  uint32_t flags = 0;  // of thr_create
  Thread* registry_next = nullptr;
  Thread* departed_next = nullptr;  // list of zombies nobody waits for
  Thread* departed_prev = nullptr;
  Thread* joiner = nullptr;       // first thread that waits for this one by id
  Thread* joiner_next = nullptr;  // next joiner of the same thread
  bool detached = false;
  bool daemon = false;
  bool departed = false;  // in the list of zombies
  // The thread it waits for in thr_join; read by cycle detection.
  std::atomic<Thread*> joining{nullptr};
  std::atomic<uint32_t> joining_id{0};
  std::atomic<bool> joining_any{false};  // it waits for any
  bool joins_lwps = false;   // of _lwp_create(2), and nothing else; own thread
  Thread* joined = nullptr;  // result of a join

  // Stopping (stop.h).  `stop_reasons` is guarded by the stop lock.
  uint32_t stop_reasons = 0;
  std::atomic<uint32_t> stops{0};  // times that it stopped; a futex word
  std::atomic<uint32_t> goes{0};   // times that it was continued; the same
  const ucontext_t* stop_context =
      nullptr;  // registers, if a signal stopped it
  // It is in an announced call (interpose/blocking.h); of threads that keep
  // their LWP.
  std::atomic<bool> in_call{false};
  // The suspender saw that its kernel thread used no processor.
  std::atomic<bool> seen_blocked{false};
  char* wait_sp = nullptr;  // in a library wait: registers lie above it
  // The number of the pool's LWP for which it is stopped, or 0.  Written by the
  // suspender (thread/suspend.h).
  std::atomic<uint32_t> stopped_on{0};
  bool mutator = false;  // guarded by the mutators' lock (mutator.cc)
  // <schedctl.h>: that schedctl_init was called; until when it may keep its LWP
  // where it is to give way (sched/dispatch.h), and whether it did.  Own
  // thread, and its handlers.
  bool has_schedctl = false;
  std::atomic<int64_t> reprieve_ns{0};
  std::atomic<bool> owes_way{false};

  // Signals (process/signal.h).
  std::atomic<uint64_t> pending{0};       // directed at it; bit n - 1: signal n
  std::atomic<uint32_t> handlers_run{0};  // handlers of the program, so far
  std::atomic<uint32_t> handlers_restarting{0};  // of these, with SA_RESTART
  DeferredSignal deferred;
  // One for the process that this thread is to take while it is on no LWP
  // (process/aslwp.cc).  Written by who claims `forwarding` (0 to -1) and then
  // sets it to the signal; taken by the thread.
  std::atomic<int> forwarding{0};
  char forwarded[DeferredSignal::kInfoBytes] = {};
  stack_t signal_stack = {};  // that it asked for while unbound
  // What it waits for in sigwait(3) and its kin; and how often it was told that
  // something may be there (process/sigwait.cc).
  std::atomic<uint64_t> awaited{0};
  std::atomic<uint32_t> hints{0};
  std::atomic<pid_t> kernel_tid{0};  // of a bound or foreign thread

  void* (*start)(void*) = nullptr;
  void* arg = nullptr;
  void* status = nullptr;
  char* exit_sp = nullptr;  // set by thr_exit: frames above stay whole
  bool unwound = false;     // left through pthread_exit or was cancelled
  // Where its unwinding ends, on a stack of the library's; null: not known.
  __pthread_unwind_buf_t* home = nullptr;
  bool quiet_end = false;  // it left without unwinding (leave.h)
  bool raw_lwp = false;    // made by _lwp_create(2); its id is its number

  // pthread_cancel was called for it.  Written under the lock of the registry
  // bucket; cleared when the object serves another thread.
  bool cancel_seen = false;  // it has ended a wait because of that; own thread
  // libc\'s idea of its cancellation was changed: its control block is to be
  // made anew.  Own thread.
  bool cancel_changed = false;
  // Threads wait for its end with a deadline; guarded by the registry bucket.
  bool timed_joiners = false;
  // Of a thread that pthread_create made (thread/foreign.cc): it has seen its
  // first round of destructors; and a token once pthread_create is done with
  // it.
  bool ending = false;
  Parker made;

  // Memory.
  StackBlock block;           // the library's, TLS at its top
  char* tls_low = nullptr;    // of an unbound thread: its TLS lies above
  char* stack_low = nullptr;  // usable, also when it is the caller's
  char* stack_high = nullptr;
  bool own_stack = true;   // the stack lies in `block`
  pthread_t pthread = {};  // of a bound or foreign thread
  LwpEntry lwp_entry;      // of a bound or foreign thread

  // Priorities (inherit.h).  Its lock guards all of this.
  std::atomic<unsigned char> assigned{0};  // of thr_setprio; others read a hint
  // The process, fork by fork, in which it has locked a mutex of a priority
  // protocol; 0: none in this life.  Written by itself.
  std::atomic<uint32_t> protocol_epoch{0};
  const void* protocol_wait = nullptr;  // address where it waits for one
  // Who holds that, if the mutex passes priorities on.
  const std::atomic<OwnerTag>* protocol_owner = nullptr;
  Thread* donee = nullptr;   // whom it gives its priority
  Thread* donors = nullptr;  // who give theirs to it, by donor_next
  Thread* donor_next = nullptr;
  Ceilings* ceilings = nullptr;    // of mutexes that it holds; null: never any
  KernelPriority kernel_priority;  // while it waits or is boosted
  KernelBoost kernel_boost;

  Thread* all_next = nullptr;  // written once

  char name[kNameMax] = {};  // guarded by the registry bucket
};

inline OwnerTag MakeTag(const Thread& thread) {
  const auto address = reinterpret_cast<uintptr_t>(&thread) >> kTagAlignBits;
  return address << kTagIdBits |
         (thread.id & ((OwnerTag{1} << kTagIdBits) - 1));
}
inline const Thread* ThreadOfTag(OwnerTag tag) {
  return reinterpret_cast<const Thread*>(tag >> kTagIdBits << kTagAlignBits);
}

// Makes `t_self` of the block at `tp` point to a thread.
void SetSelf(uintptr_t tp, Thread* thread);

// What SetSelf() said of that block.
Thread* ThreadOf(uintptr_t tp);
// The thread pointer of the thread with that handle.
uintptr_t ThreadPointerOf(pthread_t handle);

// The calling thread, or null for a kernel thread that the library has not met.
// The variable belongs to the thread like all its TLS.
extern __thread Thread* t_self __attribute__((tls_model("initial-exec")));
inline Thread* Current() {
  return t_self;
}

// Memory for Thread objects; never given back.  Null: none left.
Thread* AllocateThread();

// All Thread objects that ever were, the free ones and the LWPs' idle contexts
// among them, linked by all_next; the newest first.  No lock.
Thread* AllThreads();
// For an object that AllocateThread() did not make.
void AddToAllThreads(Thread& thread);

// In the child of a fork: there is only `self`.
void ForgetOtherThreads(Thread& self);

}  // namespace lt

#endif  // LIBTHREAD_SCHED_THREAD_H_
