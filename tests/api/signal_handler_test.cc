// SPDX-License-Identifier: MIT
//
// What handlers may do: the library's async-signal-safe calls (sema_post,
// thr_kill, thr_sigsetmask, thr_self), thr_exit, and a jump out.  A handler
// never runs inside the library's critical sections, so all of that is safe
// wherever the signal hits.

#include <errno.h>
#include <setjmp.h>
#include <signal.h>

#include <utility>
#include <vector>

#include "support/fixture.h"
#include "support/signals.h"
#include "support/sync_objects.h"

namespace lt {
namespace {

using SignalHandlerTest = SignalTest;
LT_OVER_KINDS(SignalHandlerTest);

sema_t posted;
std::atomic<int> posts;

extern "C" void Post(int) {
  EXPECT_EQ(sema_post(&posted), 0);
  ++posts;
}

TEST_P(SignalHandlerTest, SemaPostWakesAnotherThread) {
  ASSERT_EQ(sema_init(&posted, 0, USYNC_THREAD, nullptr), 0);
  const ScopedAction action(SIGUSR1, Post);
  sema_t s = DEFAULTSEMA;
  const thread_t waiter = Spawn([] { EXPECT_EQ(sema_wait(&posted), 0); });
  const thread_t target = Spawn([&] { EXPECT_EQ(sema_wait(&s), EINTR); });
  EXPECT_TRUE(Quiesce());
  EXPECT_EQ(thr_kill(target, SIGUSR1), 0);
  Join(target);
  Join(waiter);
}

// A unit that its own handler posts ends the wait, with 0 or with EINTR and the
// unit still there.
TEST_P(SignalHandlerTest, SemaPostForTheInterruptedThread) {
  ASSERT_EQ(sema_init(&posted, 0, USYNC_THREAD, nullptr), 0);
  const ScopedAction action(SIGUSR1, Post);
  const thread_t target = Spawn([] {
    const int error = sema_wait(&posted);
    if (error != 0) {
      EXPECT_EQ(error, EINTR);
      EXPECT_EQ(sema_trywait(&posted), 0);
    }
  });
  EXPECT_TRUE(Quiesce());
  EXPECT_EQ(thr_kill(target, SIGUSR1), 0);
  Join(target);
  EXPECT_EQ(posted.count, 0U);
}

// The handler uses the very objects that the interrupted code is busy with.
TEST_P(SignalHandlerTest, RunsInTheMiddleOfTheSameCalls) {
  constexpr int kSignals = 300;
  ASSERT_EQ(sema_init(&posted, 1, USYNC_THREAD, nullptr), 0);
  posts = 0;
  const ScopedAction action(SIGUSR1, Post);
  std::atomic<bool> stop{false};
  mutex_t m = DEFAULTMUTEX;
  rwlock_t rw = DEFAULTRWLOCK;
  cond_t c = DEFAULTCV;
  long inside = 0;
  std::vector<thread_t> ids;
  for (int i = 0; i < 2; ++i) {
    ids.push_back(Spawn([&] {
      while (!stop) {
        EXPECT_EQ(sema_post(&posted), 0);
        while (sema_wait(&posted) == EINTR) {
        }
        EXPECT_EQ(mutex_lock(&m), 0);
        EXPECT_EQ(++inside, 1);
        EXPECT_EQ(cond_signal(&c), 0);
        --inside;
        EXPECT_EQ(mutex_unlock(&m), 0);
        EXPECT_EQ(rw_rdlock(&rw), 0);
        EXPECT_EQ(rw_unlock(&rw), 0);
        EXPECT_EQ(rw_wrlock(&rw), 0);
        EXPECT_EQ(rw_unlock(&rw), 0);
        thr_yield();
      }
    }));
  }
  for (int i = 1; i <= kSignals; ++i) {
    EXPECT_EQ(thr_kill(ids[static_cast<size_t>(i) % 2], SIGUSR1), 0);
    EXPECT_TRUE(Eventually([i] { return posts == i; }));
  }
  stop = true;
  for (const thread_t id : ids) Join(id);
  EXPECT_EQ(posted.count, 1U + kSignals);
}

// While threads are made and joined.
TEST_P(SignalHandlerTest, RunsInTheMiddleOfCreateAndJoin) {
  constexpr int kSignals = 100;
  const ScopedAction action(SIGUSR1);
  std::atomic<bool> stop{false};
  const thread_t id = Spawn([&] {
    while (!stop) {
      const Blocked blocked({SIGUSR2});
      Join(Spawn([] { EXPECT_TRUE(IsBlocked(SIGUSR2)); }));
    }
  });
  for (int i = 1; i <= kSignals; ++i) {
    EXPECT_EQ(thr_kill(id, SIGUSR1), 0);
    EXPECT_TRUE(Eventually([i] { return seen.runs == i; }));
    EXPECT_EQ(seen.thread, id);
  }
  stop = true;
  Join(id);
}

std::atomic<thread_t> next_target;

TEST_P(SignalHandlerTest, ThrKillFromAHandler) {
  const ScopedAction second(SIGUSR2);
  const ScopedAction first(
      SIGUSR1, +[](int) { EXPECT_EQ(thr_kill(next_target, SIGUSR2), 0); });
  sema_t s = DEFAULTSEMA;
  const thread_t other = Spawn([&] { EXPECT_EQ(sema_wait(&s), EINTR); });
  const thread_t target = Spawn([&] { EXPECT_EQ(sema_wait(&s), EINTR); });
  EXPECT_TRUE(Quiesce());
  next_target = other;
  EXPECT_EQ(thr_kill(target, SIGUSR1), 0);
  Join(target);
  Join(other);
  EXPECT_EQ(seen.runs, 1);
  EXPECT_EQ(seen.thread, other);
}

// Changed for the rest of the handler; its return brings the old mask back.
TEST_P(SignalHandlerTest, ThrSigsetmaskInAHandler) {
  static std::atomic<bool> blocked_inside;
  blocked_inside = false;
  const ScopedAction action(
      SIGUSR1, +[](int) {
        const sigset_t set = SetOf({SIGUSR2});
        EXPECT_EQ(thr_sigsetmask(SIG_BLOCK, &set, nullptr), 0);
        blocked_inside = IsBlocked(SIGUSR2);
      });
  InThread([] {
    EXPECT_EQ(thr_kill(thr_self(), SIGUSR1), 0);
    EXPECT_TRUE(blocked_inside);
    EXPECT_FALSE(IsBlocked(SIGUSR2));
    EXPECT_FALSE(IsBlocked(SIGUSR1));
  });
}

TEST_P(SignalHandlerTest, UnblockingInAHandlerLetsOthersIn) {
  static std::atomic<int> runs_inside;
  runs_inside = -1;
  const ScopedAction other(SIGUSR2);
  const ScopedAction action(SIGUSR1,
                            +[](int) {
                              EXPECT_EQ(thr_kill(thr_self(), SIGUSR2), 0);
                              EXPECT_EQ(seen.runs, 0);
                              Unblock(SIGUSR2);
                              runs_inside = seen.runs.load();
                            },
                            0, {SIGUSR2});
  InThread([] { EXPECT_EQ(thr_kill(thr_self(), SIGUSR1), 0); });
  EXPECT_EQ(runs_inside, 1);
}

TEST_P(SignalHandlerTest, ErrnoOfTheHandlerIsSeenOutside) {
  const ScopedAction action(
      SIGUSR1, +[](int) { errno = 4711; });
  InThread([] {
    errno = 0;
    EXPECT_EQ(thr_kill(thr_self(), SIGUSR1), 0);
    EXPECT_EQ(errno, 4711);
  });
}

TEST_P(SignalHandlerTest, AYieldInAHandlerIsAYield) {
  const ScopedAction action(
      SIGUSR1, +[](int signal) {
        for (int i = 0; i < 10; ++i) thr_yield();
        See(signal);
      });
  RunThreads(4, [](int) {
    for (int i = 0; i < 20; ++i) {
      EXPECT_EQ(thr_kill(thr_self(), SIGUSR1), 0);
      EXPECT_FALSE(IsBlocked(SIGUSR1));
    }
  });
  EXPECT_EQ(seen.runs, 80);
}

// ---- thr_exit ----

class ExitFromHandlerTest : public SignalTest {
 protected:
  // A thread that does `wait`, and ends by a handler within.
  void ExpectExit(const std::function<void()>& wait) {
    static int status;
    const ScopedAction action(
        SIGUSR1, +[](int) { thr_exit(&status); });
    std::atomic<bool> came_back{false};
    const thread_t id = Spawn([&] {
      wait();
      came_back = true;
    });
    EXPECT_TRUE(Quiesce());
    EXPECT_EQ(thr_kill(id, SIGUSR1), 0);
    void* result = nullptr;
    EXPECT_EQ(thr_join(id, nullptr, &result), 0);
    EXPECT_EQ(result, &status);
    EXPECT_FALSE(came_back);
  }
};

LT_OVER_KINDS(ExitFromHandlerTest);

TEST_P(ExitFromHandlerTest, InSemaWait) {
  sema_t s = DEFAULTSEMA;
  ExpectExit([&] { sema_wait(&s); });
  // It left the queue: the unit is for those who come.
  EXPECT_EQ(sema_post(&s), 0);
  EXPECT_EQ(sema_trywait(&s), 0);
}

TEST_P(ExitFromHandlerTest, InMutexLock) {
  mutex_t m = DEFAULTMUTEX;
  ASSERT_EQ(mutex_lock(&m), 0);
  ExpectExit([&] { EXPECT_EQ(mutex_lock(&m), 0); });
  EXPECT_EQ(mutex_unlock(&m), 0);
  EXPECT_EQ(TrylockElsewhere(&m), 0);
}

TEST_P(ExitFromHandlerTest, InThrJoin) {
  sema_t s = DEFAULTSEMA;
  const thread_t other = Spawn([&] { EXPECT_EQ(sema_wait(&s), 0); });
  ExpectExit([&] { EXPECT_EQ(thr_join(other, nullptr, nullptr), 0); });
  EXPECT_EQ(sema_post(&s), 0);
  // Whoever waited is gone: the thread can be joined by another.
  Join(other);
}

TEST_P(ExitFromHandlerTest, InComputation) {
  static int status;
  const ScopedAction action(
      SIGUSR1, +[](int) { thr_exit(&status); });
  std::atomic<bool> running{false};
  const thread_t id = Spawn([&] {
    running = true;
    for (;;) thr_yield();
  });
  EXPECT_TRUE(Eventually([&] { return running.load(); }));
  EXPECT_EQ(thr_kill(id, SIGUSR1), 0);
  void* result = nullptr;
  EXPECT_EQ(thr_join(id, nullptr, &result), 0);
  EXPECT_EQ(result, &status);
}

TEST_P(ExitFromHandlerTest, BySigsetHandlerOfTheThreadItself) {
  const ScopedAction action(
      SIGUSR1, +[](int) { thr_exit(nullptr); });
  Join(Spawn([] {
    thr_kill(thr_self(), SIGUSR1);
    ADD_FAILURE() << "the thread went on";
  }));
}

// Owns nothing: it may end before its first instruction.
extern "C" void* WaitForUnit(void* sema) {
  sema_wait(static_cast<sema_t*>(sema));
  return nullptr;
}

// Nothing is left on the thread object for the next thread that gets it.
TEST_P(ExitFromHandlerTest, ManyTimes) {
  const ScopedAction action(
      SIGUSR1, +[](int) { thr_exit(nullptr); });
  sema_t s = DEFAULTSEMA;
  for (int i = 0; i < 50; ++i) {
    thread_t id = 0;
    ASSERT_EQ(Create(WaitForUnit, &s, 0, &id), 0);
    EXPECT_EQ(thr_kill(id, SIGUSR1), 0);
    Join(id);
    InThread([] { EXPECT_FALSE(IsBlocked(SIGUSR1)); });
  }
  EXPECT_EQ(sema_post(&s), 0);
  EXPECT_EQ(sema_trywait(&s), 0);
}

// ---- siglongjmp ----

thread_local sigjmp_buf* landing;

extern "C" void Jump(int signal) {
  See(signal);
  siglongjmp(*landing, 1);
}

// Runs `wait` and comes back when a handler jumps out of it.
[[gnu::noinline]] bool JumpsOutOf(const std::function<void()>& wait) {
  sigjmp_buf buffer;
  landing = &buffer;
  if (sigsetjmp(buffer, 1) != 0) return true;
  wait();
  return false;
}

class JumpFromHandlerTest : public SignalTest {
 protected:
  // The handler jumps out of `wait` several times; the thread goes on living.
  void ExpectJump(const std::function<void()>& wait) {
    constexpr int kJumps = 5;
    const ScopedAction action(SIGUSR1, Jump);
    std::atomic<int> jumps{0};
    const thread_t id = Spawn([&] {
      for (int i = 1; i <= kJumps; ++i) {
        EXPECT_TRUE(JumpsOutOf(wait));
        EXPECT_FALSE(IsBlocked(SIGUSR1));
        InThread([] {});
        jumps = i;
      }
    });
    for (int i = 1; i <= kJumps; ++i) {
      EXPECT_TRUE(Quiesce());
      EXPECT_EQ(thr_kill(id, SIGUSR1), 0);
      EXPECT_TRUE(Eventually([&] { return jumps == i; }));
      EXPECT_EQ(seen.runs, i);
      EXPECT_EQ(seen.thread, id);
    }
    Join(id);
  }
};

LT_OVER_KINDS(JumpFromHandlerTest);

TEST_P(JumpFromHandlerTest, OutOfSemaWait) {
  sema_t s = DEFAULTSEMA;
  ExpectJump([&] { sema_wait(&s); });
  EXPECT_EQ(sema_post(&s), 0);
  EXPECT_EQ(sema_trywait(&s), 0);
}

TEST_P(JumpFromHandlerTest, OutOfMutexLock) {
  mutex_t m = DEFAULTMUTEX;
  ASSERT_EQ(mutex_lock(&m), 0);
  ExpectJump([&] { EXPECT_EQ(mutex_lock(&m), 0); });
  EXPECT_EQ(mutex_unlock(&m), 0);
  EXPECT_EQ(TrylockElsewhere(&m), 0);
}

// Wherever the jump comes from, the thread and the objects stay usable.
TEST_P(JumpFromHandlerTest, OutOfBusyLoops) {
  constexpr int kJumps = 100;
  const ScopedAction action(SIGUSR1, Jump);
  mutex_t m = ERRORCHECKMUTEX;
  std::atomic<bool> stop{false};
  std::atomic<int> jumps{0};
  std::atomic<bool> ready{false};
  const thread_t id = Spawn([&] {
    while (!stop) {
      EXPECT_TRUE(JumpsOutOf([&] {
        ready = true;
        for (;;) {
          mutex_lock(&m);
          mutex_unlock(&m);
          thr_yield();
        }
      }));
      // Nobody knows on which side of mutex_lock() it was.
      if (MUTEX_HELD(&m)) {
        EXPECT_EQ(mutex_unlock(&m), 0);
      }
      ++jumps;
    }
  });
  for (int i = 1; i <= kJumps; ++i) {
    EXPECT_TRUE(Eventually([&] { return ready.exchange(false); }));
    if (i == kJumps) stop = true;
    EXPECT_EQ(thr_kill(id, SIGUSR1), 0);
    EXPECT_TRUE(Eventually([&] { return jumps == i; }));
  }
  Join(id);
  EXPECT_EQ(seen.runs, kJumps);
  EXPECT_EQ(TrylockElsewhere(&m), 0);
}

}  // namespace
}  // namespace lt
