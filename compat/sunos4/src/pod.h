// SPDX-License-Identifier: MIT
//
// The pod: the threads of one process, of which one runs.
//
// Each is an unbound thread of libthread.  One holds the *baton*: it is
// `pod.running`, and nobody else touches what is the pod's.  So there are no
// locks in it.  A switch hands the baton on (switch.cc).
//
// INV-PO1: who reads or writes the pod's data, its objects among them, is
//   pod.running, in a primitive (in_library is set); or has stopped
//   pod.running in code of the program and acts for it (helper.cc); or has
//   claimed the baton while nobody had it.
// INV-PO2: a thread is in a queue of the pod, or sleeps on its semaphore or is
//   stopped, and then it is not pod.running; or it is pod.running.
//
// A thread runs on two stacks: libthread's own, where it begins and ends, and
// the one that lwp_create was given, for its function.  So it leaves that one
// before it is dead (life.cc).
//
// Every exported function begins with a Primitive.

#ifndef LIBLWP_POD_H_
#define LIBLWP_POD_H_

#include <synch.h>
#include <thread.h>
#include <ucontext.h>

#include <atomic>
#include <cstddef>
#include <cstdint>

#include "object.h"
#include "queue.h"

#define LWP4_EXPORT extern "C" __attribute__((visibility("default")))

namespace lwp4 {

inline constexpr int kMinPriority = 1;
inline constexpr int kMostPriority = 255;  // pod_getmaxsize()

// Flags of lwp_create.
inline constexpr int kSuspended = 1;
inline constexpr int kNoLastRites = 2;
inline constexpr int kServer = 4;

// lwp_err_t.
enum Error : int {
  kNoError = 0,
  kNonexist = 1,
  kTimeout = 2,
  kInUse = 3,
  kInvalidArg = 4,
  kNoRoom = 5,
  kNotOwned = 6,
  kIllPrio = 7,
  kReuse = 8,
  kNoWait = 9
};

// Of the calling thread, in the pod or not.
extern __thread int t_error __attribute__((tls_model("initial-exec")));

inline int Fail(Error error) {
  t_error = error;
  return -1;
}

// Why a thread is blocked.  From kMonitor on it is on an object of the pod: a
// server that is blocked so does not keep the pod alive.
enum class Wait : uint8_t {
  kNone,
  kSleep,
  kDescriptor,  // libnbio
  kMonitor,
  kCond,
  kJoin,
  kSend,  // until the reply
  kReceive,
};

struct Monitor;
struct Lwp;

// Who sends messages: a thread, or an agent.  One message at a time.
struct Peer : Object {
  enum class Message : uint8_t {
    kNone,
    kSent,   // in the queue of `receiver`
    kTaken,  // received, not answered
  };
  Message message = Message::kNone;
  char* arg = nullptr;
  int arg_bytes = 0;
  char* result = nullptr;
  int result_bytes = 0;
  Lwp* receiver = nullptr;
  Peer* next_sender = nullptr;  // in the queue of the receiver
  int awaited = 0;  // threads that wait for a message of this peer alone
  // Of an agent: its message was answered.  Null for a thread.
  void (*answered)(Peer& self) = nullptr;
};

// An entry into a monitor, or several in a row.
struct Entry {
  Monitor* monitor = nullptr;
  int count = 0;
  Entry* before = nullptr;  // the entry made before this one
};

using Nanoseconds = int64_t;  // of CLOCK_MONOTONIC
inline constexpr Nanoseconds kNever = INT64_MAX;

struct Lwp : Peer {
  static constexpr Kind kKind = Kind::kThread;

  // It is in the library.  Written by the thread itself; read by who has
  // stopped it, which orders it.
  volatile int in_library = 1;

  // Scheduling.
  int priority = kMinPriority;
  int flags = 0;  // of lwp_create
  bool suspended = false;
  // The helper has stopped it in code of the program, or it was not started:
  // it is dispatched by thr_continue.
  bool stopped = false;
  Wait wait = Wait::kNone;
  int wake = 0;            // how its wait ended: 0, or an Error
  Object* on = nullptr;    // what it waits for: for lwp_getstate
  Queue* queue = nullptr;  // that it is in, ready or blocked
  Lwp* queue_next = nullptr;
  Lwp* queue_prev = nullptr;
  int timer_slot = -1;  // in the heap of timers
  Nanoseconds deadline = kNever;

  // Monitors.
  Entry* entries = nullptr;  // the newest first
  int nest_to_restore = 0;   // in cv_wait: entries to take again

  // Messages.
  Peer* senders = nullptr;    // sent to it, in order of their coming
  Peer* from = nullptr;       // in msg_recv: this sender only
  bool has_received = false;  // somebody may wait for its answer
  Queue joiners;

  // The libthread thread.
  thread_t thread = 0;
  sema_t sema = {};
  bool is_main = false;  // it has no carrier, and its libthread thread stays
  void* carrier_sp = nullptr;  // its own stack, while its function runs
  char* left_sp = nullptr;     // where it left its function's stack
  // Somebody killed it: it leaves its stack when it next runs, and ends.
  bool doomed = false;
  // Stopped by a signal here: registers may be changed.  Null in a wait.
  ucontext_t* stop_context = nullptr;

  // Begins here; arguments lie at the top of the stack.
  void (*function)() = nullptr;
  int argument_words = 0;
  uintptr_t* arguments = nullptr;
  char* stack_top = nullptr;  // as given to lwp_create; null for main
  // It goes on here when it next runs, instead of where it was (lwp_setregs):
  // Hooks::jump.
  void* jump = nullptr;

  // For exceptions, agents and contexts; zeroed at birth.
  void* handlers = nullptr;
  void* exit_handlers = nullptr;
  void* agents = nullptr;
  void* contexts = nullptr;
  char* stack_limit = nullptr;  // lwp_checkstkset, lwp_stkcswset
  uintptr_t stack_guard = 0;
  void* spare[4] = {};
};

inline void Queue::InsertInline(Lwp& thread, Lwp* next) {
  Lwp* prev = next != nullptr ? next->queue_prev : last;
  thread.queue = this;
  thread.queue_next = next;
  thread.queue_prev = prev;
  (prev != nullptr ? prev->queue_next : first) = &thread;
  (next != nullptr ? next->queue_prev : last) = &thread;
}

inline void Queue::RemoveInline(Lwp& thread) {
  Lwp* next = thread.queue_next;
  Lwp* prev = thread.queue_prev;
  (prev != nullptr ? prev->queue_next : first) = next;
  (next != nullptr ? next->queue_prev : last) = prev;
  thread.queue = nullptr;
  thread.queue_next = nullptr;
  thread.queue_prev = nullptr;
}

// What other parts hook in.  Called by who has the baton; null: nobody cares.
struct Hooks {
  // `next` is about to run, which is not the one that ran last, `before`
  // (which may be null: it has died).  On any stack; no primitives.
  void (*switching)(Lwp* before, Lwp& next);
  // The thread dies, of itself or by another.  Its handle is still good, it is
  // in no queue, its monitors are free, and who sent to it knows.  On any
  // stack; not its own function's.  `flags` and `stack_top` are as given.
  void (*dying)(Lwp& thread);
  // lwp_destroy of an agent.
  void (*destroy_agent)(Peer& agent);
  // In the child of a fork, where there is only `self`: the helper is gone, the
  // others are dead (without `dying`).
  void (*forked)(Lwp& self);
  // Loads the registers of `thread.jump`, which it clears; does not return.
  // The caller has left the library.
  void (*jump)(Lwp& thread);
  // The process is about to end by the end of the pod.
  void (*ending)();
};
extern Hooks hooks;

struct Pod {
  // Who has the baton.  Null: nobody, all are blocked.  Written by who has it.
  std::atomic<Lwp*> running{nullptr};
  // Its libthread thread; 0 if there is none.  Written before `running`.
  std::atomic<thread_t> running_thread{0};
  // Something is in the inbox, or a timer is due.  Set by the helper; who has
  // the baton looks when it leaves a primitive, and takes it.
  std::atomic<int> want{0};
  std::atomic<bool> ended{false};

  int top = 0;  // highest priority of a ready thread; 0: none is ready
  int max_priority = kMinPriority;
  int exit_status = 0;
  int clients = 0;         // living threads without LWPSERVER
  int servers_active = 0;  // servers that are not blocked on an object
  Lwp* last = nullptr;     // ran last; null: it has died
  Lwp* main = nullptr;     // the first thread, while it lives
};
extern Pod pod;

// The calling thread's, or null outside of the pod.
extern __thread Lwp* t_self __attribute__((tls_model("initial-exec")));

// ---- Primitives ----

// An exported function is inside one from its begin to its end.  The first one
// makes the pod, with the caller as its first thread.
class Primitive {
 public:
  Primitive() : self_(t_self) {
    if (__builtin_expect(
            self_ != nullptr && self_->in_library == 0 &&
                pod.running.load(std::memory_order_relaxed) == self_,
            1)) {
      self_->in_library = 1;
      std::atomic_signal_fence(std::memory_order_seq_cst);
      // Without preemption this is where events are first seen.
      if (__builtin_expect(pod.want.load(std::memory_order_relaxed) != 0, 0)) {
        TakeWanted();
      }
    } else {
      self_ = Enter();
    }
  }
  ~Primitive() {
    if (self_ == nullptr) return;
    if (__builtin_expect(pod.top > self_->priority, 0)) GiveWay(*self_);
    std::atomic_signal_fence(std::memory_order_seq_cst);
    self_->in_library = 0;
    // INV-HE1 (helper.cc).
    std::atomic_signal_fence(std::memory_order_seq_cst);
    if (__builtin_expect(pod.want.load(std::memory_order_relaxed) != 0, 0)) {
      LeaveWanted(*self_);
    }
  }
  Primitive(const Primitive&) = delete;
  Primitive& operator=(const Primitive&) = delete;

  // False: the caller is no thread of the pod, the pod has ended, or a signal
  // handler has interrupted the library.  The function does nothing and returns
  // -1; the error is set (kNonexist).
  explicit operator bool() const { return self_ != nullptr; }
  Lwp& self() const { return *self_; }

  // The thread that the handle names: SELF is the caller.  Null: none.
  Lwp* FindThread(const Handle& handle) const {
    return handle.id == nullptr ? self_ : Find<Lwp>(handle);
  }

 private:
  static Lwp* Enter();
  static void TakeWanted();
  static void GiveWay(Lwp& self);
  static void LeaveWanted(Lwp& self);

  friend void LeaveLibrary(Lwp& self);
  Lwp* self_;
};

// Leaves the library as the end of a primitive does, for who does not come
// there.
inline void LeaveLibrary(Lwp& self) {
  Primitive::LeaveWanted(self);
}

// ---- Blocking; by pod.running in a primitive ----

// Blocks the caller, which is in the queue that it waits in, if any, until
// Unblock() or the deadline (which needs AwaitsTime()).  Others run meanwhile.
// Returns 0 or an Error: kTimeout, or what Unblock() was told.  Does not return
// when the thread is destroyed.
int Block(Lwp& self, Wait why, Object* on, Nanoseconds deadline = kNever);

// ---- By who has the baton ----

// Ends the wait of a thread: takes it out of its queue, cancels its deadline,
// and makes it ready unless it is suspended.
void Unblock(Lwp& thread, int wake);

// To the tail of its queue.  The thread neither runs nor waits.
void MakeReady(Lwp& thread);
// Out of the queue of ready threads.
void MakeUnready(Lwp& thread);
bool IsReady(const Lwp& thread);
// The first ready thread of a priority, or null.
Lwp* FirstReady(int priority);

// ---- Leaving the processor; by pod.running in a primitive ----

// `next`, which is ready and of the caller's priority, runs, then the caller.
void YieldTo(Lwp& self, Lwp& next);
// The caller, which is blocked, suspended or in the queue of ready threads,
// gives the baton away; returns when it has it again.  Does not return when it
// was killed.
void GiveBaton(Lwp& self);

// After lwp_setpri: puts it where it now belongs.
void ChangePriority(Lwp& thread, int priority);

// Ends the calling thread.  lwp_destroy(SELF), exit, and unhandled exceptions.
[[noreturn]] void Die(Lwp& self);
// Ends another one.
void Kill(Lwp& thread);

// Ends the process with its handlers, from any thread.
[[noreturn]] void EndProcess(int status);

// ---- Messages, for agents ----

// Puts the message of a peer into the queue of its receiver, or gives it to it
// at once when it waits for that.  `arg` and the like are set; message is
// kNone.
void SendMessage(Peer& sender, Lwp& receiver);
// The peer sends nothing any more; who waits for it alone gets kNonexist.
void WithdrawPeer(Peer& peer);

// ---- Times ----

Nanoseconds Now();

}  // namespace lwp4

#endif  // LIBLWP_POD_H_
