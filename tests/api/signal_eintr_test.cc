// SPDX-License-Identifier: MIT
//
// Which waits end with EINTR when a handler of the program ran, and what they
// leave behind: cond_wait(3), cond_timedwait(3), sema_wait(3),
// sema_timedwait(3), and the system calls.

#include <errno.h>
#include <sched.h>
#include <time.h>
#include <unistd.h>

#include "support/fixture.h"
#include "support/signals.h"
#include "support/sync_objects.h"

namespace lt {
namespace {

// A wait that nothing but a handler ends, by name.  The caller holds the mutex.
struct Wait {
  const char* name;
  int (*wait)(cond_t* c, mutex_t* m, sema_t* s);
};

constexpr Wait kWaits[] = {
    {"cond_wait",
     [](cond_t* c, mutex_t* m, sema_t*) { return cond_wait(c, m); }},
    {"cond_timedwait",
     [](cond_t* c, mutex_t* m, sema_t*) {
       const timespec_t when = TimeOfDayIn(kForeverMs);
       return cond_timedwait(c, m, &when);
     }},
    {"cond_reltimedwait",
     [](cond_t* c, mutex_t* m, sema_t*) {
       const timespec_t interval = Interval(kForeverMs);
       return cond_reltimedwait(c, m, &interval);
     }},
    {"sema_wait", [](cond_t*, mutex_t*, sema_t* s) { return sema_wait(s); }},
    {"sema_timedwait",
     [](cond_t*, mutex_t*, sema_t* s) {
       const timespec_t when = TimeOfDayIn(kForeverMs);
       return sema_timedwait(s, &when);
     }},
    {"sema_reltimedwait",
     [](cond_t*, mutex_t*, sema_t* s) {
       const timespec_t interval = Interval(kForeverMs);
       return sema_reltimedwait(s, &interval);
     }},
};

class SignalEintrTest : public SignalTest {
 protected:
  // Starts each of the waits in turn in a thread, lets `act` act on that thread
  // once it sleeps, and expects `result`.
  void ForEachWait(
      int result,
      const std::function<void(thread_t, cond_t*, mutex_t*, sema_t*)>& act) {
    for (const Wait& wait : kWaits) {
      SCOPED_TRACE(wait.name);
      seen.runs = 0;
      mutex_t m = ERRORCHECKMUTEX;
      cond_t c = DEFAULTCV;
      sema_t s = DEFAULTSEMA;
      const thread_t id = Spawn([&] {
        EXPECT_EQ(mutex_lock(&m), 0);
        EXPECT_EQ(wait.wait(&c, &m, &s), result);
        // Held again, whatever the result.
        EXPECT_TRUE(MUTEX_HELD(&m));
        EXPECT_EQ(mutex_unlock(&m), 0);
      });
      EXPECT_TRUE(Quiesce());
      act(id, &c, &m, &s);
      Join(id);
    }
  }
};

LT_OVER_KINDS(SignalEintrTest);

TEST_P(SignalEintrTest, AHandlerEndsTheWaits) {
  for (const int flags : {0, SA_RESTART, SA_NODEFER}) {
    SCOPED_TRACE(flags);
    const ScopedAction action(SIGUSR1, See, flags);
    ForEachWait(EINTR, [](thread_t id, cond_t*, mutex_t*, sema_t*) {
      EXPECT_EQ(thr_kill(id, SIGUSR1), 0);
      EXPECT_TRUE(Eventually([] { return seen.runs == 1; }));
      EXPECT_EQ(seen.thread, id);
    });
  }
}

TEST_P(SignalEintrTest, IgnoredSignalsDoNot) {
  const ScopedAction ignored(SIGUSR1, SIG_IGN);
  ForEachWait(0, [](thread_t id, cond_t* c, mutex_t*, sema_t* s) {
    EXPECT_EQ(thr_kill(id, SIGUSR1), 0);
    // These are ignored by default.
    EXPECT_EQ(thr_kill(id, SIGURG), 0);
    EXPECT_EQ(thr_kill(id, SIGCHLD), 0);
    EXPECT_TRUE(Quiesce());
    // Whichever of the two it waits on.
    EXPECT_EQ(cond_signal(c), 0);
    EXPECT_EQ(sema_post(s), 0);
  });
}

// The handler runs though the mutex is held by somebody else; the wait ends
// when that lets go.
TEST_P(SignalEintrTest, CondWaitReturnsWithTheMutexOnly) {
  const ScopedAction action(SIGUSR1);
  mutex_t m = DEFAULTMUTEX;
  cond_t c = DEFAULTCV;
  std::atomic<bool> returned{false};
  const thread_t id = Spawn([&] {
    EXPECT_EQ(mutex_lock(&m), 0);
    EXPECT_EQ(cond_wait(&c, &m), EINTR);
    returned = true;
    EXPECT_EQ(mutex_unlock(&m), 0);
  });
  EXPECT_TRUE(Quiesce());
  EXPECT_EQ(mutex_lock(&m), 0);
  EXPECT_EQ(thr_kill(id, SIGUSR1), 0);
  EXPECT_TRUE(Eventually([] { return seen.runs == 1; }));
  EXPECT_TRUE(Quiesce());
  EXPECT_FALSE(returned);
  EXPECT_EQ(mutex_unlock(&m), 0);
  Join(id);
  EXPECT_EQ(seen.thread, id);
}

TEST_P(SignalEintrTest, CondWaitRestoresTheDepthOfARecursiveMutex) {
  constexpr int kDepth = 3;
  const ScopedAction action(SIGUSR1);
  mutex_t m = RECURSIVE_ERRORCHECKMUTEX;
  cond_t c = DEFAULTCV;
  const thread_t id = Spawn([&] {
    for (int i = 0; i < kDepth; ++i) EXPECT_EQ(mutex_lock(&m), 0);
    EXPECT_EQ(cond_wait(&c, &m), EINTR);
    for (int i = 0; i < kDepth; ++i) EXPECT_EQ(mutex_unlock(&m), 0);
    EXPECT_EQ(mutex_unlock(&m), EPERM);
  });
  EXPECT_TRUE(Quiesce());
  EXPECT_EQ(thr_kill(id, SIGUSR1), 0);
  Join(id);
}

TEST_P(SignalEintrTest, OnlyTheThreadThatWasMeantIsInterrupted) {
  const ScopedAction action(SIGUSR1);
  constexpr size_t kThreads = 5;
  sema_t s = DEFAULTSEMA;
  std::atomic<int> interrupted{0};
  std::vector<thread_t> ids;
  for (size_t i = 0; i < kThreads; ++i) {
    ids.push_back(Spawn([&] {
      while (sema_wait(&s) == EINTR) ++interrupted;
    }));
  }
  EXPECT_TRUE(Quiesce());
  for (size_t i = 0; i < kThreads; ++i) {
    EXPECT_EQ(thr_kill(ids[i], SIGUSR1), 0);
    EXPECT_TRUE(
        Eventually([&] { return interrupted == static_cast<int>(i) + 1; }));
    EXPECT_EQ(seen.thread, ids[i]);
  }
  for (size_t i = 0; i < kThreads; ++i) EXPECT_EQ(sema_post(&s), 0);
  for (const thread_t id : ids) Join(id);
  EXPECT_EQ(interrupted, static_cast<int>(kThreads));
}

// ---- The lost-signal rule ----
//
// In each round two threads wait, one is interrupted and one wakeup is given,
// at the same time.  The interrupted one does not look whether there is
// something for it: it leaves.  So if the wakeup went to it, nobody else would
// ever come for what there is, and the other one would wait for good.

constexpr int kRounds = 300;

class LostSignalTest : public SignalTest {
 protected:
  // wait() returns 0 once it took something, EINTR when it leaves without;
  // give() puts one thing there and wakes somebody.
  void RunRounds(const std::function<int()>& wait,
                 const std::function<void()>& give,
                 const std::function<bool(int)>& waiting) const {
    const ScopedAction action(SIGUSR1);
    std::atomic<thread_t> victim{0};
    std::atomic<bool> stop{false};
    // A kernel thread of its own, so that it runs beside the giver.  Signals
    // that come before the wait begins end nothing: it sends them until the
    // victim is gone.
    ForeignThread interrupter([&] {
      while (!stop) {
        const thread_t id = victim;
        if (id == 0) {
          sched_yield();
          continue;
        }
        const int error = thr_kill(id, SIGUSR1);
        EXPECT_TRUE(error == 0 || error == ESRCH) << error;
      }
    });
    int interrupted = 0;
    for (int round = 0; round < kRounds; ++round) {
      std::atomic<int> first_result{-1};
      std::atomic<int> second_result{-1};
      const thread_t first = Spawn([&] { first_result = wait(); });
      const thread_t second = Spawn([&] { second_result = wait(); });
      EXPECT_TRUE(Eventually([&] { return waiting(2); }));
      victim = first;
      for (int i = round % 50; i > 0; --i) smt_pause();
      give();
      Join(first);
      victim = 0;
      if (first_result == 0) {
        // It was quicker than the interruption, or took what there was though
        // interrupted: then the other one is still owed something.
        give();
      } else {
        EXPECT_EQ(first_result, EINTR);
        ++interrupted;
      }
      Join(second);
      EXPECT_EQ(second_result, 0);
    }
    stop = true;
    interrupter.Join();
    RecordProperty("interrupted", interrupted);
  }
};

LT_OVER_KINDS(LostSignalTest);

TEST_P(LostSignalTest, CondSignal) {
  mutex_t m = DEFAULTMUTEX;
  cond_t c = DEFAULTCV;
  int waiters = 0;
  int things = 0;
  RunRounds(
      [&] {
        EXPECT_EQ(mutex_lock(&m), 0);
        ++waiters;
        int error = 0;
        while (things == 0 && error == 0) error = cond_wait(&c, &m);
        if (error == 0) --things;
        --waiters;
        EXPECT_EQ(mutex_unlock(&m), 0);
        return error;
      },
      [&] {
        EXPECT_EQ(mutex_lock(&m), 0);
        ++things;
        EXPECT_EQ(cond_signal(&c), 0);
        EXPECT_EQ(mutex_unlock(&m), 0);
      },
      [&](int count) {
        EXPECT_EQ(mutex_lock(&m), 0);
        const bool result = waiters == count;
        EXPECT_EQ(mutex_unlock(&m), 0);
        return result;
      });
  EXPECT_EQ(things, 0);
}

TEST_P(LostSignalTest, SemaPost) {
  sema_t s = DEFAULTSEMA;
  std::atomic<int> waiters{0};
  RunRounds(
      [&] {
        ++waiters;
        const int error = sema_wait(&s);
        --waiters;
        return error;
      },
      [&] { EXPECT_EQ(sema_post(&s), 0); },
      [&](int count) { return waiters == count; });
  EXPECT_EQ(s.count, 0U);
}

// ---- System calls ----

struct PipeEnds {
  PipeEnds() { EXPECT_EQ(pipe(ends), 0); }
  ~PipeEnds() {
    close(ends[0]);
    close(ends[1]);
  }
  int ends[2];
};

TEST_P(SignalEintrTest, ReadEndsWithoutRestart) {
  const ScopedAction action(SIGUSR1);
  const PipeEnds pipe;
  WhileBlocked(
      [&] {
        char byte = 0;
        EXPECT_EQ(read(pipe.ends[0], &byte, 1), -1);
        EXPECT_EQ(errno, EINTR);
      },
      [](thread_t id) { EXPECT_EQ(thr_kill(id, SIGUSR1), 0); });
  EXPECT_EQ(seen.runs, 1);
}

TEST_P(SignalEintrTest, ReadGoesOnWithRestart) {
  const ScopedAction action(SIGUSR1, See, SA_RESTART);
  const PipeEnds pipe;
  WhileBlocked(
      [&] {
        char byte = 0;
        EXPECT_EQ(read(pipe.ends[0], &byte, 1), 1);
        EXPECT_EQ(byte, 'x');
      },
      [&](thread_t id) {
        for (int i = 1; i <= 3; ++i) {
          EXPECT_EQ(thr_kill(id, SIGUSR1), 0);
          EXPECT_TRUE(Eventually([i] { return seen.runs == i; }));
          EXPECT_EQ(seen.thread, id);
        }
        EXPECT_EQ(write(pipe.ends[1], "x", 1), 1);
      });
}

TEST_P(SignalEintrTest, NanosleepTellsTheTimeThatIsLeft) {
  const ScopedAction action(SIGUSR1, See, SA_RESTART);
  WhileBlocked(
      [] {
        const timespec_t interval = Interval(kForeverMs);
        timespec_t left{};
        EXPECT_EQ(nanosleep(&interval, &left), -1);
        EXPECT_EQ(errno, EINTR);
        EXPECT_GT(left.tv_sec, interval.tv_sec - 300);
        EXPECT_LE(left.tv_sec, interval.tv_sec);
      },
      [](thread_t id) { EXPECT_EQ(thr_kill(id, SIGUSR1), 0); });
  EXPECT_EQ(seen.runs, 1);
}

TEST_P(SignalEintrTest, SleepTellsTheSecondsThatAreLeft) {
  const ScopedAction action(SIGUSR1);
  WhileBlocked([] { EXPECT_GT(sleep(3600), 3300U); },
               [](thread_t id) { EXPECT_EQ(thr_kill(id, SIGUSR1), 0); });
  EXPECT_EQ(seen.runs, 1);
}

TEST_P(SignalEintrTest, IgnoredSignalsDoNotEndSystemCalls) {
  const ScopedAction ignored(SIGUSR1, SIG_IGN);
  const PipeEnds pipe;
  WhileBlocked(
      [&] {
        char byte = 0;
        EXPECT_EQ(read(pipe.ends[0], &byte, 1), 1);
      },
      [&](thread_t id) {
        EXPECT_EQ(thr_kill(id, SIGUSR1), 0);
        EXPECT_TRUE(Quiesce());
        EXPECT_EQ(write(pipe.ends[1], "x", 1), 1);
      });
}

}  // namespace
}  // namespace lt
