// SPDX-License-Identifier: MIT
//
// thr_sigsetmask(3), and that sigprocmask() and pthread_sigmask() are the same
// call: the mask is the thread's, wherever the thread runs.

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <ucontext.h>

#include <atomic>

#include "support/fixture.h"
#include "support/signals.h"
#include "support/sync_objects.h"

namespace lt {
namespace {

using SignalMaskTest = SignalTest;
LT_OVER_KINDS(SignalMaskTest);

// Signals that the tests use; what else a set holds is libc's business.
constexpr int kUsed[] = {SIGHUP,  SIGINT,  SIGUSR1, SIGUSR2,
                         SIGTERM, SIGCHLD, SIGALRM, SIGWINCH};

::testing::AssertionResult SameOf(const sigset_t& one, const sigset_t& other) {
  for (const int signal : kUsed) {
    if (sigismember(&one, signal) != sigismember(&other, signal)) {
      return ::testing::AssertionFailure() << "they differ in " << signal;
    }
  }
  return ::testing::AssertionSuccess();
}

sigset_t Mask() {
  sigset_t mask;
  EXPECT_EQ(thr_sigsetmask(SIG_BLOCK, nullptr, &mask), 0);
  return mask;
}

TEST_P(SignalMaskTest, BlocksUnblocksAndSets) {
  InThread([] {
    const sigset_t at_start = Mask();
    sigset_t old;
    const sigset_t one = SetOf({SIGUSR1, SIGHUP});
    EXPECT_EQ(thr_sigsetmask(SIG_BLOCK, &one, &old), 0);
    EXPECT_TRUE(SameOf(old, at_start));
    EXPECT_TRUE(SameOf(Mask(), one));

    const sigset_t other = SetOf({SIGUSR2});
    EXPECT_EQ(thr_sigsetmask(SIG_BLOCK, &other, &old), 0);
    EXPECT_TRUE(SameOf(old, one));
    EXPECT_TRUE(SameOf(Mask(), SetOf({SIGUSR1, SIGUSR2, SIGHUP})));

    EXPECT_EQ(thr_sigsetmask(SIG_UNBLOCK, &one, nullptr), 0);
    EXPECT_TRUE(SameOf(Mask(), other));

    EXPECT_EQ(thr_sigsetmask(SIG_SETMASK, &one, &old), 0);
    EXPECT_TRUE(SameOf(old, other));
    EXPECT_TRUE(SameOf(Mask(), one));
  });
}

TEST_P(SignalMaskTest, WithoutASetOnlyAsks) {
  InThread([] {
    const Blocked blocked({SIGUSR1});
    const sigset_t mask = SetOf({SIGUSR1});
    for (const int how : {SIG_BLOCK, SIG_UNBLOCK, SIG_SETMASK, -1, 4711}) {
      SCOPED_TRACE(how);
      sigset_t old;
      EXPECT_EQ(thr_sigsetmask(how, nullptr, &old), 0);
      EXPECT_TRUE(SameOf(old, mask));
      EXPECT_EQ(thr_sigsetmask(how, nullptr, nullptr), 0);
    }
    EXPECT_TRUE(SameOf(Mask(), mask));
  });
}

TEST_P(SignalMaskTest, BadHowIsEinval) {
  InThread([] {
    const sigset_t before = Mask();
    const sigset_t set = SetOf({SIGUSR1});
    for (const int how : {-1, 3, 4711}) {
      SCOPED_TRACE(how);
      EXPECT_EQ(thr_sigsetmask(how, &set, nullptr), EINVAL);
      EXPECT_EQ(pthread_sigmask(how, &set, nullptr), EINVAL);
      errno = 0;
      EXPECT_EQ(sigprocmask(how, &set, nullptr), -1);
      EXPECT_EQ(errno, EINVAL);
    }
    EXPECT_TRUE(SameOf(Mask(), before));
  });
}

TEST_P(SignalMaskTest, LeavesErrnoAlone) {
  InThread([] {
    const sigset_t set = SetOf({SIGUSR1});
    errno = 4711;
    EXPECT_EQ(thr_sigsetmask(SIG_BLOCK, &set, nullptr), 0);
    EXPECT_EQ(thr_sigsetmask(4711, &set, nullptr), EINVAL);
    EXPECT_EQ(errno, 4711);
  });
}

TEST_P(SignalMaskTest, SetAndOldSetMayBeTheSame) {
  InThread([] {
    const Blocked blocked({SIGUSR1});
    sigset_t set = SetOf({SIGUSR2, SIGHUP});
    EXPECT_EQ(thr_sigsetmask(SIG_SETMASK, &set, &set), 0);
    EXPECT_TRUE(SameOf(set, SetOf({SIGUSR1})));
    EXPECT_TRUE(SameOf(Mask(), SetOf({SIGUSR2, SIGHUP})));
    EXPECT_EQ(thr_sigsetmask(SIG_SETMASK, &set, &set), 0);
    EXPECT_TRUE(SameOf(Mask(), SetOf({SIGUSR1})));
  });
}

TEST_P(SignalMaskTest, KillAndStopCannotBeBlocked) {
  InThread([] {
    const sigset_t set = SetOf({SIGKILL, SIGSTOP, SIGUSR1});
    EXPECT_EQ(thr_sigsetmask(SIG_BLOCK, &set, nullptr), 0);
    const sigset_t mask = Mask();
    EXPECT_EQ(sigismember(&mask, SIGKILL), 0);
    EXPECT_EQ(sigismember(&mask, SIGSTOP), 0);
    EXPECT_EQ(sigismember(&mask, SIGUSR1), 1);
  });
}

// A thread that blocks everything can still be suspended and preempted.
TEST_P(SignalMaskTest, FullMaskBlocksWhatCanBeBlocked) {
  InThread([] {
    sigset_t full;
    sigfillset(&full);
    EXPECT_EQ(thr_sigsetmask(SIG_SETMASK, &full, nullptr), 0);
    const sigset_t mask = Mask();
    for (const int signal : kUsed) {
      EXPECT_EQ(sigismember(&mask, signal), 1) << signal;
    }
    EXPECT_EQ(sigismember(&mask, SIGKILL), 0);
    EXPECT_EQ(sigismember(&mask, SIGSTOP), 0);
  });
}

TEST_P(SignalMaskTest, AllThreeCallsActOnTheSameMask) {
  InThread([] {
    const sigset_t set = SetOf({SIGUSR1});
    sigset_t mask;
    EXPECT_EQ(sigprocmask(SIG_BLOCK, &set, nullptr), 0);
    EXPECT_TRUE(SameOf(Mask(), set));
    EXPECT_EQ(pthread_sigmask(SIG_BLOCK, nullptr, &mask), 0);
    EXPECT_TRUE(SameOf(mask, set));

    const sigset_t other = SetOf({SIGUSR2});
    EXPECT_EQ(pthread_sigmask(SIG_SETMASK, &other, &mask), 0);
    EXPECT_TRUE(SameOf(mask, set));
    EXPECT_EQ(sigprocmask(SIG_BLOCK, nullptr, &mask), 0);
    EXPECT_TRUE(SameOf(mask, other));

    EXPECT_EQ(thr_sigsetmask(SIG_SETMASK, &set, nullptr), 0);
    EXPECT_EQ(sigprocmask(SIG_UNBLOCK, &set, &mask), 0);
    EXPECT_TRUE(SameOf(mask, set));
    EXPECT_TRUE(SameOf(Mask(), SetOf({})));
  });
}

TEST_P(SignalMaskTest, IsTheThreadsOwn) {
  const sigset_t before = Mask();
  Gate set;
  Gate leave;
  const thread_t id = Spawn([&] {
    const Blocked blocked({SIGUSR1});
    set.Open();
    leave.Wait();
    EXPECT_TRUE(IsBlocked(SIGUSR1));
  });
  set.Wait();
  EXPECT_TRUE(SameOf(Mask(), before));
  InThread([] { EXPECT_FALSE(IsBlocked(SIGUSR1)); });
  // sigprocmask() is no exception, whatever its name says.
  const sigset_t other = SetOf({SIGUSR2});
  EXPECT_EQ(sigprocmask(SIG_BLOCK, &other, nullptr), 0);
  leave.Open();
  Join(id);
  EXPECT_EQ(sigprocmask(SIG_UNBLOCK, &other, nullptr), 0);
  EXPECT_TRUE(SameOf(Mask(), before));
}

TEST_P(SignalMaskTest, IsInheritedFromTheCreator) {
  const Blocked blocked({SIGUSR1, SIGWINCH});
  const sigset_t of_main = Mask();
  InThread([&] {
    EXPECT_TRUE(SameOf(Mask(), of_main));
    const Blocked more({SIGHUP});
    InThread([] {
      EXPECT_TRUE(IsBlocked(SIGUSR1));
      EXPECT_TRUE(IsBlocked(SIGHUP));
    });
  });
  // As it was at thr_create(), not when the thread started.
  const thread_t id = Spawn(
      [] {
        EXPECT_TRUE(IsBlocked(SIGUSR1));
        EXPECT_FALSE(IsBlocked(SIGTERM));
      },
      THR_SUSPENDED);
  const Blocked later({SIGTERM});
  EXPECT_EQ(thr_continue(id), 0);
  Join(id);
}

// A thread that another left blocked is used again for the next one.
TEST_P(SignalMaskTest, NothingIsLeftFromAThreadBefore) {
  const sigset_t of_main = Mask();
  for (int i = 0; i < 20; ++i) {
    InThread([&] {
      EXPECT_TRUE(SameOf(Mask(), of_main));
      sigset_t full;
      sigfillset(&full);
      EXPECT_EQ(thr_sigsetmask(SIG_SETMASK, &full, nullptr), 0);
      EXPECT_EQ(thr_kill(thr_self(), SIGUSR1), 0);
      EXPECT_TRUE(IsPending(SIGUSR1));
    });
    InThread([] { EXPECT_FALSE(IsPending(SIGUSR1)); });
  }
}

TEST_P(SignalMaskTest, PendingSignalsAreNotInherited) {
  const Blocked blocked({SIGUSR1});
  const ScopedAction action(SIGUSR1);
  InThread([this] {
    EXPECT_EQ(thr_kill(thr_self(), SIGUSR1), 0);
    EXPECT_TRUE(IsPending(SIGUSR1));
    InThread([] { EXPECT_FALSE(IsPending(SIGUSR1)); });
    Unblock(SIGUSR1);
    EXPECT_EQ(seen.runs, 1);
  });
}

// Threads with masks of their own that take turns on few LWPs.
TEST_P(SignalMaskTest, SurvivesSwitchesAndMigration) {
  constexpr size_t kMasks = std::size(kUsed);
  constexpr int kThreads = 16;
  mutex_t m = DEFAULTMUTEX;
  RunThreads(kThreads, [&](int index) {
    const int mine = kUsed[static_cast<size_t>(index) % kMasks];
    const sigset_t mask = SetOf({mine});
    EXPECT_EQ(thr_sigsetmask(SIG_SETMASK, &mask, nullptr), 0);
    for (int i = 0; i < 200; ++i) {
      if (i % 20 == 0) {
        poll(nullptr, 0, 1);
      } else if (i % 3 == 0) {
        EXPECT_EQ(mutex_lock(&m), 0);
        thr_yield();
        EXPECT_EQ(mutex_unlock(&m), 0);
      } else {
        thr_yield();
      }
      ASSERT_TRUE(SameOf(Mask(), mask));
    }
  });
}

// What the mask says is what happens, after switches too.
TEST_P(SignalMaskTest, IsObeyedAfterSwitches) {
  const ScopedAction action(SIGUSR1);
  constexpr int kThreads = 8;
  constexpr int kRounds = 50;
  RunThreads(kThreads, [](int index) {
    const bool blocks = index % 2 == 0;
    const sigset_t mask = blocks ? SetOf({SIGUSR1}) : SetOf({});
    EXPECT_EQ(thr_sigsetmask(SIG_SETMASK, &mask, nullptr), 0);
    for (int i = 0; i < kRounds; ++i) {
      thr_yield();
      EXPECT_EQ(thr_kill(thr_self(), SIGUSR1), 0);
      thr_yield();
      EXPECT_EQ(IsPending(SIGUSR1), blocks);
    }
    // One is left of those that were blocked.
    if (blocks) Unblock(SIGUSR1);
  });
  EXPECT_EQ(seen.runs, kThreads / 2 * kRounds + kThreads / 2);
}

TEST_P(SignalMaskTest, ForeignThreadsHaveTheirOwn) {
  const sigset_t before = Mask();
  ForeignThread([] {
    const sigset_t set = SetOf({SIGUSR1});
    EXPECT_EQ(thr_sigsetmask(SIG_BLOCK, &set, nullptr), 0);
    EXPECT_TRUE(IsBlocked(SIGUSR1));
    EXPECT_EQ(thr_sigsetmask(4711, &set, nullptr), EINVAL);
  }).Join();
  EXPECT_TRUE(SameOf(Mask(), before));
}

std::atomic<bool> g_spins{false};
std::atomic<bool> g_stop{false};

void Spin() {
  g_spins = true;
  while (!g_stop) {
  }
}

// The library reaches a thread through a signal, too.
TEST_P(SignalMaskTest, AContextThatBlocksAllCanBeSuspended) {
  static char stack[64 * 1024];
  g_spins = g_stop = false;
  const thread_t id = Spawn([] {
    ucontext_t here;
    ucontext_t there;
    ASSERT_EQ(getcontext(&there), 0);
    sigfillset(&there.uc_sigmask);
    there.uc_stack.ss_sp = stack;
    there.uc_stack.ss_size = sizeof stack;
    there.uc_link = &here;
    makecontext(&there, Spin, 0);
    const sigset_t before = Mask();
    EXPECT_EQ(swapcontext(&here, &there), 0);
    EXPECT_TRUE(SameOf(Mask(), before));
  });
  EXPECT_TRUE(Eventually([] { return g_spins.load(); }));
  EXPECT_EQ(thr_suspend(id), 0);
  EXPECT_EQ(thr_continue(id), 0);
  g_stop = true;
  Join(id);
}

}  // namespace
}  // namespace lt
