// SPDX-License-Identifier: MIT
//
// The helper sees that something has happened: a deadline has passed, a
// descriptor is ready.  What is to be done about it is done by who has the
// baton.  So it sets `want`, and then makes sure that somebody looks:
//
//   - Nobody has the baton: the helper claims it, takes the events, and hands
//     it to whom they made ready.
//   - Somebody has it and is in the library: it looks at `want` when it leaves.
//   - Somebody has it and is in code of the program, perhaps for ever: the
//     helper stops it, takes the events in its place, and either lets it go on
//     or hands its baton to a thread of higher priority.
//
// INV-HE1: after the helper has set `want`, somebody takes the events without
//   being asked again.
//   A thread that leaves the library clears `in_library` and then looks at
//   `want`, with no fence in between.  The helper sets `want`, stops the
//   thread, and then looks at `in_library`.  Stopped, a thread has done all of
//   its stores and none of its later loads.  If it was stopped before the
//   store, the helper sees it in the library, and the thread's look comes after
//   it has gone on: it finds `want`.  Else the helper sees it outside, and acts
//   for it.
//   Whether the stopped thread still has the baton is told by
//   `running_thread`, which the thread itself changes before it gives the baton
//   away.  If another one has it, the helper tries that one, until `want` is
//   taken or it has stopped the right one.  A thread that is set going in the
//   midst of the program looks at nothing: INV-SW2.
// INV-HE2: what the helper does with the baton of another it does while that
//   one is stopped, and under g_stop_lock.
// INV-HE3: who leaves the baton idle looks at `want` afterwards; who sets
//   `want` looks afterwards whether the baton is idle (both sequentially
//   consistent, switch.cc).
//
// Rejected: switching in the handler of a timer's signal.  It comes in the
// middle of malloc and printf; thr_suspend waits until the thread is outside.

#include "helper.h"

#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>

#include "ready.h"
#include "timers.h"

namespace lwp4 {
namespace {

constexpr int kMostSources = 1024;
constexpr Nanoseconds kAwake = INT64_MIN;

bool g_helper_made = false;
bool g_preempts = true;
int g_bell = -1;  // an eventfd: wakes the helper
// Until when the helper sleeps; kAwake while it does not.
std::atomic<Nanoseconds> g_sleeps_until{kAwake};
std::atomic<Event*> g_inbox{nullptr};  // the newest first

// Guards the list of sources, which the helper reads.  Held while `ready` runs.
mutex_t g_source_lock = DEFAULTMUTEX;
Source* g_sources = nullptr;

void Ring() {
  const uint64_t one = 1;
  const int saved_errno = errno;
  while (write(g_bell, &one, sizeof one) < 0 && errno == EINTR) {
  }
  errno = saved_errno;
}

// By the helper, with the baton that nobody had.
void ActWhenIdle() {
  for (;;) {
    TakeEvents();
    Lwp* next = TakeTop();
    if (next != nullptr) {
      mutex_lock(&g_stop_lock);
      HandToLocked(*next);
      mutex_unlock(&g_stop_lock);
      return;
    }
    // Nobody else sets `want`, so there is nothing to look at again.
    pod.running.store(nullptr, std::memory_order_seq_cst);
    return;
  }
}

// By the helper, for `self`, which it has stopped in code of the program.
void ActFor(Lwp& self) {
  TakeEvents();
  if (pod.top <= self.priority) {
    thr_continue(self.thread);
    return;
  }
  self.stopped = true;
  Lwp* next = TakeTop();
  MakeReadyFirst(self);
  HandToLocked(*next);
}

// Stops who has the baton.  True: it will look at `want`, or the events are
// taken.
bool StopAndAct() {
  const thread_t id = pod.running_thread.load(std::memory_order_relaxed);
  if (id == 0 || thr_suspend(id) != 0) return false;
  if (pod.running_thread.load(std::memory_order_relaxed) != id) {
    thr_continue(id);
    return false;
  }
  Lwp& self = *pod.running.load(std::memory_order_relaxed);
  if (self.in_library != 0) {
    thr_continue(id);
  } else {
    ActFor(self);
  }
  return true;
}

// Makes somebody take what has happened.
void Deliver() {
  pod.want.store(1, std::memory_order_seq_cst);
  while (pod.want.load(std::memory_order_seq_cst) != 0) {
    Lwp* running = pod.running.load(std::memory_order_seq_cst);
    if (running == nullptr) {
      // Acquire: the pod as who left it idle left it.
      if (pod.running.compare_exchange_strong(running, &g_nobody,
                                              std::memory_order_acq_rel)) {
        ActWhenIdle();
      }
      continue;
    }
    if (!g_preempts) return;
    mutex_lock(&g_stop_lock);
    const bool done = StopAndAct();
    mutex_unlock(&g_stop_lock);
    if (done) return;
    sched_yield();
  }
}

// How long the helper may sleep.  While somebody is yet to take what is due,
// the first deadline says nothing.
Nanoseconds SleepUntil() {
  return pod.want.load(std::memory_order_seq_cst) != 0 ? kNever
                                                       : EarliestTimer();
}

// Sleeps until something may have happened.
int Sleep(pollfd* fds, int count) {
  const Nanoseconds until = SleepUntil();
  // Sequentially consistent: who changes what SleepUntil() looks at looks at
  // this afterwards.
  g_sleeps_until.store(until, std::memory_order_seq_cst);
  int got = 0;
  if (SleepUntil() >= until) {
    constexpr Nanoseconds kSecond = 1000000000;
    const Nanoseconds now = until == kNever ? 0 : Now();
    const Nanoseconds left = until > now ? until - now : 0;
    const timespec limit = {left / kSecond, left % kSecond};
    got = ppoll(fds, count, until == kNever ? nullptr : &limit, nullptr);
  }
  g_sleeps_until.store(kAwake, std::memory_order_seq_cst);
  return got;
}

int FillSources(pollfd* fds) {
  int count = 0;
  fds[count++] = {g_bell, POLLIN, 0};
  mutex_lock(&g_source_lock);
  for (Source* at = g_sources; at != nullptr && count < kMostSources;
       at = at->next) {
    fds[count++] = {at->fd, at->wanted, 0};
  }
  mutex_unlock(&g_source_lock);
  return count;
}

// Tells the sources whose descriptors are ready.
void CallSources(const pollfd* fds, int count) {
  mutex_lock(&g_source_lock);
  for (Source** link = &g_sources; *link != nullptr;) {
    Source& source = **link;
    bool keep = true;
    for (int i = 1; i < count; ++i) {
      if (fds[i].fd != source.fd || fds[i].revents == 0 ||
          fds[i].events != source.wanted) {
        continue;
      }
      keep = source.ready(source, fds[i].revents);
      break;
    }
    if (keep) {
      link = &source.next;
    } else {
      *link = source.next;
      source.added = false;
    }
  }
  mutex_unlock(&g_source_lock);
}

void* HelperMain(void*) {
  static pollfd fds[kMostSources];
  for (;;) {
    const int count = FillSources(fds);
    const int got = Sleep(fds, count);
    if (got > 0) {
      uint64_t rings;
      if (fds[0].revents != 0 && read(g_bell, &rings, sizeof rings) < 0) {
        continue;
      }
      CallSources(fds, count);
    }
    if (pod.ended.load(std::memory_order_relaxed)) continue;
    if (g_inbox.load(std::memory_order_acquire) != nullptr ||
        (EarliestTimer() != kNever && EarliestTimer() <= Now())) {
      if (pod.want.load(std::memory_order_relaxed) == 0) Deliver();
    }
  }
  return nullptr;
}

// Out of the way of programs that count their descriptors; not so high that the
// kernel must enlarge their table, which takes it milliseconds.
int MakeBell() {
  const int low = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
  if (low < 0) return -1;
  constexpr int kHigh = 48;
  const int high = fcntl(low, F_DUPFD_CLOEXEC, kHigh);
  if (high < 0) return low;
  close(low);
  return high;
}

bool MakeHelper() {
  if (g_bell < 0) g_bell = MakeBell();
  if (g_bell < 0) return false;
  const char* preempt = getenv("LIBLWP_PREEMPT");
  g_preempts = preempt == nullptr || std::strcmp(preempt, "0") != 0;
  sigset_t all;
  sigset_t before;
  sigfillset(&all);
  thr_sigsetmask(SIG_SETMASK, &all, &before);
  thread_t id;
  const int error =
      thr_create(nullptr, 0, HelperMain, nullptr, THR_BOUND | THR_DAEMON, &id);
  thr_sigsetmask(SIG_SETMASK, &before, nullptr);
  return error == 0;
}

}  // namespace

void WakeHelperFor(Nanoseconds deadline) {
  if (g_sleeps_until.load(std::memory_order_seq_cst) > deadline) Ring();
}

bool AwaitsTime() {
  if (!g_helper_made) g_helper_made = MakeHelper();
  return g_helper_made;
}

void PostEvent(Event& event) {
  event.next = g_inbox.load(std::memory_order_relaxed);
  // Release: pairs with the exchange of who takes it.
  while (!g_inbox.compare_exchange_weak(event.next, &event,
                                        std::memory_order_release,
                                        std::memory_order_relaxed)) {
  }
}

void TakeEvents() {
  // Before the look at what there is: who posts afterwards sets it again.
  pod.want.exchange(0, std::memory_order_seq_cst);
  Event* newest = g_inbox.exchange(nullptr, std::memory_order_acquire);
  Event* oldest = nullptr;
  while (newest != nullptr) {
    Event* next = newest->next;
    newest->next = oldest;
    oldest = newest;
    newest = next;
  }
  while (oldest != nullptr) {
    Event* next = oldest->next;  // it may be posted again at once
    oldest->take(*oldest);
    oldest = next;
  }
  TakeTimers();
  // While `want` was set the helper looked at no deadline.
  WakeHelperFor(EarliestTimer());
}

bool AddSource(Source& source) {
  if (source.added) return true;
  if (!AwaitsTime()) return false;
  int count = 1;  // the bell
  mutex_lock(&g_source_lock);
  for (Source* at = g_sources; at != nullptr; at = at->next) ++count;
  const bool has_room = count < kMostSources;
  if (has_room) {
    source.next = g_sources;
    g_sources = &source;
    source.added = true;
  }
  mutex_unlock(&g_source_lock);
  if (has_room) Ring();
  return has_room;
}

void RemoveSource(Source& source) {
  mutex_lock(&g_source_lock);
  if (source.added) {
    Source** link = &g_sources;
    while (*link != &source) link = &(*link)->next;
    *link = source.next;
    source.added = false;
  }
  mutex_unlock(&g_source_lock);
}

void ForgetHelper() {
  g_helper_made = false;
  if (g_bell >= 0) close(g_bell);
  g_bell = -1;
  g_inbox.store(nullptr, std::memory_order_relaxed);
  g_sleeps_until.store(kAwake, std::memory_order_relaxed);
  g_sources = nullptr;
  mutex_init(&g_source_lock, USYNC_THREAD, nullptr);
  mutex_init(&g_stop_lock, USYNC_THREAD, nullptr);
  pod.want.store(0, std::memory_order_relaxed);
}

}  // namespace lwp4
