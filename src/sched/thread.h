// SPDX-License-Identifier: MIT
//
// The thread object.  Objects are never given back to the system, so a stale
// pointer still points at a Thread (of somebody else, perhaps): who follows one
// without a lock reads atomics only and checks again under the lock.

#ifndef LIBTHREAD_SCHED_THREAD_H_
#define LIBTHREAD_SCHED_THREAD_H_

#include <pthread.h>

#include <atomic>
#include <cstdint>

#include "arch/context.h"
#include "arch/stack.h"
#include "lwp/parker.h"
#include "sched/timer.h"

namespace lt {

struct PoolLwp;
struct SleepBucket;
struct SleepQueue;
struct ReadHold;
struct KeyValues;

// States of a thread, with the one container that owns it in each.
enum class State : unsigned char {
  kEmbryo,    // being built by thr_create; reachable from its creator only
  kRunnable,  // linked in exactly one run queue, or on the way to one
  kRunning,   // on an LWP
  kSleeping,  // linked in exactly one sleep queue; perhaps also a timer
  kStopped,   // THR_SUSPENDED and not continued yet; in no queue
  kZombie,    // exited, not joined; in the registry
  kFree,      // cached for reuse
};

enum class Kind : unsigned char {
  kUnbound,  // switched in user space over the pool
  kBound,    // a kernel thread of its own, made by thr_create or main
  kForeign,  // made by pthread_create or clone; adopted at its first call
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
  int count;
};

// What an object says of its owner: the address of the Thread, to look at, and
// low bits of its id, because the objects of dead threads serve new ones.
// 0: nobody.
using OwnerTag = uint64_t;
inline constexpr int kTagIdBits = 22;
inline constexpr int kTagAlignBits = 6;  // Thread objects lie on cache lines

struct alignas(1 << kTagAlignBits) Thread {
  // What a switch and a wait touch comes first: two cache lines.
  Context context = nullptr;  // while it does not run
  uintptr_t tp = 0;
  PoolLwp* lwp = nullptr;  // where it runs or ran last; null: not pool
  Thread* next = nullptr;  // link of the queue that holds it
  std::atomic<State> state{State::kEmbryo};
  Kind kind = Kind::kUnbound;
  // Written by anybody through thr_setprio; relaxed: a hint for ordering.
  std::atomic<unsigned char> priority{0};
  bool wait_timed = false;              // has a deadline
  std::atomic<uint32_t> wait_count{0};  // waits so far; tells them apart

  // Waiting.  Guarded by the lock of `bucket`, which is written under that lock
  // (atomic so that a timer can look for the thread).
  std::atomic<SleepBucket*> bucket{nullptr};
  SleepQueue* queue = nullptr;  // where it sleeps
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

  // Read holds of rwlocks: inline first, then a table.  Own thread only.
  int holds = 0;
  int hold_room = kInlineHolds;
  ReadHold* hold_table = nullptr;  // null: the inline ones
  ReadHold inline_holds[kInlineHolds] = {};

  // Thread-specific data: inline first, then a table.  Own thread only.
  void* inline_values[kInlineKeys] = {};
  uint32_t value_room = 0;  // slots in `values`
  void** values = nullptr;
  bool has_values = false;

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
  Thread* joined = nullptr;  // result of a join

  void* (*start)(void*) = nullptr;
  void* arg = nullptr;
  void* status = nullptr;
  char* exit_sp = nullptr;  // set by thr_exit: frames above stay whole
  bool unwound = false;     // left through pthread_exit

  // Memory.
  StackBlock block;           // the library's, TLS at its top
  char* tls_low = nullptr;    // of an unbound thread: its TLS lies above
  char* stack_low = nullptr;  // usable, also when it is the caller's
  char* stack_high = nullptr;
  bool own_stack = true;   // the stack lies in `block`
  pthread_t pthread = {};  // of a bound thread
  int lwp_number = 0;      // of a bound or foreign thread

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

// The calling thread, or null for a kernel thread that the library has not met.
// The variable belongs to the thread like all its TLS.
extern __thread Thread* t_self __attribute__((tls_model("initial-exec")));
inline Thread* Current() {
  return t_self;
}

// Memory for Thread objects; never given back.  Null: none left.
Thread* AllocateThread();

}  // namespace lt

#endif  // LIBTHREAD_SCHED_THREAD_H_
