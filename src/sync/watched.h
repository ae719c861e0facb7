// SPDX-License-Identifier: MIT
//
// What the watched operations have in common.

#ifndef LIBTHREAD_SYNC_WATCHED_H_
#define LIBTHREAD_SYNC_WATCHED_H_

#include "arch/backtrace.h"
#include "base/clock.h"
#include "obs/lock_stats.h"
#include "sync/watch.h"
#include "thread/wait_graph.h"
#include "thread/wait_report.h"

namespace lt {

inline bool WatchesMistakes() {
  return (g_watch & kWatchMistakes) != 0;
}
inline bool CountsUse() {
  return (g_watch & kWatchUse) != 0;
}

// Reports an object that cannot be one, by its address or its magic.
void CheckObject(Thread& self, const char* function, const char* type,
                 const void* object);

// The time between its making and End(), as a wait of the caller; noted in the
// wait graph too.
class Waiting {
 public:
  Waiting(Thread& self, LockUse use, const WaitNote& wait)
      : self_(self),
        use_(use),
        object_(wait.object),
        since_ns_(CountsUse() ? NowNs() : 0) {
    BeginWait(self, wait);
  }
  void End() {
    EndWait(self_);
    if (!CountsUse()) return;
    const int64_t ns = NowNs() - since_ns_;
    const void* caller = nullptr;
    if (!KnowsCaller(use_, object_)) {
      Backtrace backtrace;
      TakeBacktrace(backtrace);
      if (backtrace.count > 0) caller = backtrace.frames[0];
    }
    CountWait(use_, object_, ns, caller);
  }
  // No destructor: the caller may be cancelled while it waits.
  Waiting(const Waiting&) = delete;
  Waiting& operator=(const Waiting&) = delete;

 private:
  Thread& self_;
  LockUse use_;
  const void* object_;
  int64_t since_ns_;
};

inline void NoteTaken(Thread& self, LockUse use, const void* object,
                      HoldKind kind, uint32_t times = 1) {
  NoteHold(self, object, kind, times);
  if (CountsUse()) CountTaken(use, object);
}

// The end of a hold: counts how long it was.
inline void NoteGiven(LockUse use, const void* object, const Dropped& dropped) {
  if (dropped.since_ns != 0 && CountsUse()) {
    CountHeld(use, object, NowNs() - dropped.since_ns);
  }
}

}  // namespace lt

#endif  // LIBTHREAD_SYNC_WATCHED_H_
