// SPDX-License-Identifier: MIT

#include "thread/wait_report.h"

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <new>

#include "arch/backtrace.h"
#include "base/config.h"
#include "base/panic.h"
#include "sched/critical.h"
#include "sched/sleepq.h"
#include "thread/registry.h"
#include "thread/wait_graph.h"

namespace lt {
namespace {

constexpr int kAborts = 2;           // of _THREAD_ERROR_DETECTION
constexpr int kMostInCircle = 64;    // printed; the rest is counted
constexpr int kMostThreads = 1'000;  // the same

SpinLock g_lock;  // rank 0
WaitView g_circle[kMostInCircle] ABSL_GUARDED_BY(g_lock);
// A report was the last: the process ends.
bool g_ends ABSL_GUARDED_BY(g_lock) = false;

// A report is printed whole: no handler, no switch.  The caller may be a kernel
// thread that the library does not know.
class Printing {
 public:
  Printing() ABSL_EXCLUSIVE_LOCK_FUNCTION(g_lock)
      : self_(Current()), errno_(errno) {
    if (self_ != nullptr) EnterCritical(*self_);
    g_lock.Lock();
  }
  ~Printing() ABSL_UNLOCK_FUNCTION(g_lock) {
    g_lock.Unlock();
    errno = errno_;
    if (self_ != nullptr) LeaveCritical(*self_);
  }
  Printing(const Printing&) = delete;
  Printing& operator=(const Printing&) = delete;

 private:
  Thread* self_;
  int errno_;
};

// What a report says of a thread beside its waits.
struct Face {
  const Thread* thread = nullptr;  // null: there is no thread with that id
  char name[kNameMax + 4] = "";    // in quotes, with a blank before
  Kind kind = Kind::kUnbound;
  State state = State::kFree;
  bool daemon = false;
};

Face LookAtFace(uint32_t id) {
  Face face;
  RegistryBucket& bucket = RegistryBucketOf(id);
  SpinLockHolder hold(bucket.lock);
  const Thread* thread = bucket.Find(id);
  if (thread == nullptr) return face;
  face.thread = thread;
  if (thread->name[0] != '\0') {
    std::snprintf(face.name, sizeof face.name, " \"%s\"", thread->name);
  }
  face.kind = thread->kind;
  face.state = thread->state.load(std::memory_order_relaxed);
  face.daemon = thread->daemon;
  return face;
}

const char* KindName(Kind kind) {
  switch (kind) {
    case Kind::kUnbound:
    case Kind::kPinned:
      return "unbound";
    case Kind::kBound:
      return "bound";
    case Kind::kForeign:
      return "a pthread";
    case Kind::kIdle:
      break;
  }
  return "?";
}

const char* StateName(State state) {
  switch (state) {
    case State::kEmbryo:
      return "being made";
    case State::kRunnable:
      return "runnable";
    case State::kRunning:
      return "running";
    case State::kSleeping:
      return "sleeping";
    case State::kStopped:
      return "stopped";
    case State::kZombie:
      return "ended";
    case State::kFree:
      break;
  }
  return "?";
}

const char* ObjectName(WaitKind kind) {
  switch (kind) {
    case WaitKind::kMutex:
      return "mutex";
    case WaitKind::kRead:
    case WaitKind::kWrite:
      return "rwlock";
    case WaitKind::kCond:
      return "condition variable";
    case WaitKind::kSema:
      return "semaphore";
    case WaitKind::kNone:
    case WaitKind::kJoin:
      break;
  }
  return "?";
}

// "waits in mutex_lock for mutex 0x601040, held by thread 3".
struct Phrase {
  char text[160];
};

Phrase Describe(const WaitView& view) {
  Phrase phrase;
  const WaitNote& wait = view.wait;
  size_t used;
  if (wait.kind == WaitKind::kJoin) {
    used = std::snprintf(phrase.text, sizeof phrase.text,
                         "waits in %s for the end of ", wait.function);
  } else {
    used = std::snprintf(phrase.text, sizeof phrase.text,
                         "waits in %s for %s %p%s", wait.function,
                         ObjectName(wait.kind), wait.object,
                         view.next_id == 0 ? ""
                         : view.behind     ? ", behind the writer "
                                           : ", held by ");
  }
  if (wait.kind == WaitKind::kJoin && view.next_id == 0) {
    std::snprintf(phrase.text + used, sizeof phrase.text - used, "any thread");
  } else if (view.next_id != 0) {
    std::snprintf(phrase.text + used, sizeof phrase.text - used, "thread %u",
                  view.next_id);
  }
  return phrase;
}

void PrintWait(const WaitView& view) {
  const Face face = LookAtFace(view.id);
  Complain("thread %u%s (%s) %s", view.id, face.name, KindName(view.kind),
           Describe(view).text);
  PrintBacktrace(view.backtrace);
}

void PrintCircle(int count) ABSL_EXCLUSIVE_LOCKS_REQUIRED(g_lock) {
  if (count == 1) {
    Complain("deadlock: a thread waits for itself");
  } else {
    Complain("deadlock: %d threads wait for each other", count);
  }
  for (int i = 0; i < count && i < kMostInCircle; ++i) PrintWait(g_circle[i]);
  if (count > kMostInCircle) {
    Complain("and %d more threads", count - kMostInCircle);
  }
}

bool Ends() ABSL_EXCLUSIVE_LOCKS_REQUIRED(g_lock) {
  g_ends = g_config.error_detection == kAborts;
  return g_ends;
}

// The address that a thread sleeps on, or null.
const void* SleepsOn(const Thread& thread) {
  SleepBucket* bucket = thread.bucket.load(std::memory_order_relaxed);
  if (bucket == nullptr) return nullptr;
  SpinLockHolder hold(bucket->lock);
  const bool sleeps = thread.bucket.load(std::memory_order_relaxed) == bucket &&
                      thread.queue != nullptr;
  return sleeps ? thread.queue->address : nullptr;
}

// Without detection of mistakes nobody has noted what the thread waits for.
Phrase GuessWait(const Thread& thread, const void* address) {
  Phrase phrase = {""};
  if (thread.joining_any.load(std::memory_order_relaxed)) {
    std::snprintf(phrase.text, sizeof phrase.text,
                  ", waits for the end of any thread");
  } else if (thread.joining.load(std::memory_order_relaxed) != nullptr) {
    std::snprintf(phrase.text, sizeof phrase.text,
                  ", waits for the end of thread %u",
                  thread.joining_id.load(std::memory_order_relaxed));
  } else if (address != nullptr) {
    std::snprintf(phrase.text, sizeof phrase.text, ", waits for %p", address);
  }
  return phrase;
}

void PrintThread(const Thread& thread, uint32_t id, const Face& face) {
  WaitView view;
  const bool waits = LookAtWait(thread, id, view);
  // The queue's lock makes sure; the state is set a moment later.
  const void* address = SleepsOn(thread);
  const State state = address != nullptr ? State::kSleeping : face.state;
  Complain("thread %u%s (%s%s) %s%s%s", id, face.name, KindName(face.kind),
           face.daemon ? ", daemon" : "", StateName(state), waits ? ", " : "",
           waits ? Describe(view).text : GuessWait(thread, address).text);
  if (waits) PrintBacktrace(view.backtrace);
}

// The thread with the smallest id above `id`, which becomes that; `more`: how
// many have a larger one.
const Thread* NextById(uint32_t& id, int& more) {
  const uint32_t above = id;
  const Thread* best = nullptr;
  int count = 0;
  for (const Thread* t = AllThreads(); t != nullptr; t = t->all_next) {
    const uint32_t its = __atomic_load_n(&t->id, __ATOMIC_RELAXED);
    if (its <= above ||
        t->state.load(std::memory_order_relaxed) == State::kFree) {
      continue;
    }
    ++count;
    if (best != nullptr && its > id) continue;
    best = t;
    id = its;
  }
  more = best == nullptr ? 0 : count - 1;
  return best;
}

}  // namespace

void ReportMistake(Thread& self, const Mistake& mistake) {
  Backtrace backtrace;
  TakeBacktrace(backtrace);
  bool ends;
  {
    const Printing printing;
    if (g_ends) return;
    const Face face = LookAtFace(self.id);
    char holder[32 + kNameMax] = "";
    if (mistake.holder != 0) {
      std::snprintf(holder, sizeof holder, ", held by thread %u%s",
                    mistake.holder, LookAtFace(mistake.holder).name);
    }
    Complain("mistake: %s: %s: %s %p, thread %u%s%s", mistake.function,
             mistake.what, mistake.type, mistake.object, self.id, face.name,
             holder);
    PrintBacktrace(backtrace);
    ends = Ends();
  }
  if (ends) std::abort();
}

void ReportDeadlock(Thread& thread) {
  bool ends;
  {
    const Printing printing;
    if (g_ends) return;
    const int count = TakeCircle(thread, g_circle, kMostInCircle);
    if (count == 0) return;
    PrintCircle(count);
    ends = Ends();
  }
  if (ends) std::abort();
}

void ReportThreads() {
  const Printing printing;
  uint32_t id = 0;
  int more = 0;
  for (int printed = 0; printed < kMostThreads; ++printed) {
    const Thread* thread = NextById(id, more);
    if (thread == nullptr) break;
    const Face face = LookAtFace(id);
    // Unless it has ended meanwhile.
    if (face.thread == thread) PrintThread(*thread, id, face);
  }
  if (more != 0) Complain("and %d more threads", more);
  BeginRound();
  for (Thread* t = AllThreads(); t != nullptr; t = t->all_next) {
    const int count = TakeCircleOfRound(*t, g_circle, kMostInCircle);
    if (count != 0) PrintCircle(count);
  }
}

void BeginReport() ABSL_NO_THREAD_SAFETY_ANALYSIS {
  g_lock.Lock();
}

void EndReport() ABSL_NO_THREAD_SAFETY_ANALYSIS {
  g_lock.Unlock();
}

void ForgetReports() ABSL_NO_THREAD_SAFETY_ANALYSIS {
  new (&g_lock) SpinLock();
}

}  // namespace lt
