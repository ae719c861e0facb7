// SPDX-License-Identifier: MIT
//
// thr_kill(3): errors, and that the handler runs on the thread that was meant.

#include <errno.h>
#include <pthread.h>
#include <unistd.h>

#include <array>
#include <vector>

#include "support/fixture.h"
#include "support/signals.h"
#include "support/sync_objects.h"

namespace lt {
namespace {

using SignalKillTest = SignalTest;
LT_OVER_KINDS(SignalKillTest);

TEST_P(SignalKillTest, SignalZeroOnlyProbes) {
  Gate leave;
  const thread_t id = Spawn([&] { leave.Wait(); });
  EXPECT_EQ(thr_kill(id, 0), 0);
  EXPECT_EQ(thr_kill(thr_self(), 0), 0);
  leave.Open();
  Join(id);
  EXPECT_EQ(thr_kill(id, 0), ESRCH);
}

TEST_P(SignalKillTest, UnknownThreadsAreNotFound) {
  for (const int signal : {0, SIGUSR1}) {
    EXPECT_EQ(thr_kill(kNobody, signal), ESRCH);
    EXPECT_EQ(thr_kill(0, signal), ESRCH);
  }
}

TEST_P(SignalKillTest, AThreadThatHasExitedIsNotFound) {
  const thread_t id = Spawn([] {});
  EXPECT_TRUE(Eventually([&] { return thr_kill(id, 0) == ESRCH; }));
  EXPECT_EQ(thr_kill(id, SIGUSR1), ESRCH);
  Join(id);
}

TEST_P(SignalKillTest, BadSignalsAreEinval) {
  Gate leave;
  const thread_t id = Spawn([&] { leave.Wait(); });
  for (const int signal : {-1, NSIG, NSIG + 1, 1000}) {
    SCOPED_TRACE(signal);
    EXPECT_EQ(thr_kill(id, signal), EINVAL);
    EXPECT_EQ(thr_kill(thr_self(), signal), EINVAL);
    // The signal is looked at first.
    EXPECT_EQ(thr_kill(kNobody, signal), EINVAL);
  }
  leave.Open();
  Join(id);
}

// The two below SIGRTMIN that libc keeps for itself, as SIGCANCEL on Solaris.
TEST_P(SignalKillTest, LibcsOwnSignalsAreEinval) {
  EXPECT_EQ(thr_kill(thr_self(), 32), EINVAL);
  EXPECT_EQ(thr_kill(thr_self(), 33), EINVAL);
}

TEST_P(SignalKillTest, LeavesErrnoAlone) {
  InThread([] {
    errno = 4711;
    EXPECT_EQ(thr_kill(kNobody, SIGUSR1), ESRCH);
    EXPECT_EQ(thr_kill(thr_self(), -1), EINVAL);
    const ScopedAction action(SIGUSR1);
    EXPECT_EQ(thr_kill(thr_self(), SIGUSR1), 0);
    EXPECT_EQ(errno, 4711);
  });
}

TEST_P(SignalKillTest, OfTheCallerRunsTheHandlerBeforeItReturns) {
  const ScopedAction action(SIGUSR1);
  InThread([] {
    for (int i = 1; i <= 10; ++i) {
      EXPECT_EQ(thr_kill(thr_self(), SIGUSR1), 0);
      EXPECT_EQ(seen.runs, i);
      EXPECT_EQ(seen.thread, thr_self());
      EXPECT_FALSE(IsBlocked(SIGUSR1));
    }
  });
}

TEST_P(SignalKillTest, TheHandlerRunsOnTheThreadThatIsMeant) {
  const ScopedAction action(SIGUSR1);
  constexpr int kThreads = 6;
  Gate leave;
  std::vector<thread_t> ids;
  for (int i = 0; i < kThreads; ++i) {
    // Half of them on an LWP most of the time, half of them rarely.
    ids.push_back(i % 2 == 0 ? Spawn([&] {
      while (!leave.IsOpen()) thr_yield();
    })
                             : Spawn([&] { leave.Wait(); }));
  }
  int sent = 0;
  for (int round = 0; round < 20; ++round) {
    for (const thread_t id : ids) {
      EXPECT_EQ(thr_kill(id, SIGUSR1), 0);
      ++sent;
      EXPECT_TRUE(Eventually([&] { return seen.runs == sent; }));
      EXPECT_EQ(seen.thread, id);
      EXPECT_EQ(seen.signal, SIGUSR1);
    }
  }
  leave.Open();
  for (const thread_t id : ids) Join(id);
  EXPECT_EQ(seen.runs, sent);
}

TEST_P(SignalKillTest, InterruptsAThreadThatOnlyComputes) {
  const ScopedAction action(SIGUSR1);
  std::atomic<bool> spinning{false};
  std::atomic<bool> stop{false};
  const thread_t id = Spawn([&] {
    spinning = true;
    while (!stop) {
    }
  });
  EXPECT_TRUE(Eventually([&] { return spinning.load(); }));
  EXPECT_EQ(thr_kill(id, SIGUSR1), 0);
  EXPECT_TRUE(Eventually([&] { return seen.runs == 1; }));
  EXPECT_EQ(seen.thread, id);
  stop = true;
  Join(id);
}

TEST_P(SignalKillTest, MainIsAThreadLikeOthers) {
  const ScopedAction action(SIGUSR1);
  const thread_t main = thr_self();
  InThread([main] {
    EXPECT_EQ(thr_kill(main, 0), 0);
    EXPECT_EQ(thr_kill(main, SIGUSR1), 0);
  });
  EXPECT_TRUE(Eventually([] { return seen.runs == 1; }));
  EXPECT_EQ(seen.thread, main);
}

TEST_P(SignalKillTest, BlockedSignalsStayPendingOnTheThread) {
  const ScopedAction action(SIGUSR1);
  Gate look;
  Gate looked;
  Gate unblock;
  const thread_t id = Spawn([&] {
    const Blocked blocked({SIGUSR1});
    look.Open();
    EXPECT_TRUE(Eventually([] { return IsPending(SIGUSR1); }));
    EXPECT_EQ(seen.runs, 0);
    looked.Open();
    unblock.Wait();
    EXPECT_EQ(seen.runs, 0);
    Unblock(SIGUSR1);
    EXPECT_EQ(seen.runs, 1);
    EXPECT_FALSE(IsPending(SIGUSR1));
  });
  look.Wait();
  EXPECT_EQ(thr_kill(id, SIGUSR1), 0);
  looked.Wait();
  // It is nobody else's.
  EXPECT_FALSE(IsPending(SIGUSR1));
  InThread([] { EXPECT_FALSE(IsPending(SIGUSR1)); });
  EXPECT_EQ(seen.runs, 0);
  unblock.Open();
  Join(id);
  EXPECT_EQ(seen.thread, id);
}

// It does not end the wait either.
TEST_P(SignalKillTest, BlockedSignalsStayPendingInAWait) {
  const ScopedAction action(SIGUSR1);
  sema_t s = DEFAULTSEMA;
  const thread_t id = Spawn([&] {
    const Blocked blocked({SIGUSR1});
    EXPECT_EQ(sema_wait(&s), 0);
    EXPECT_TRUE(IsPending(SIGUSR1));
    EXPECT_EQ(seen.runs, 0);
    Unblock(SIGUSR1);
    EXPECT_EQ(seen.runs, 1);
  });
  EXPECT_TRUE(Quiesce());
  EXPECT_EQ(thr_kill(id, SIGUSR1), 0);
  EXPECT_TRUE(Quiesce());
  EXPECT_EQ(seen.runs, 0);
  EXPECT_EQ(sema_post(&s), 0);
  Join(id);
  EXPECT_EQ(seen.thread, id);
}

TEST_P(SignalKillTest, DifferentSignalsAllArrive) {
  static std::atomic<uint64_t> arrived;
  arrived = 0;
  const auto note = +[](int signal) { arrived |= uint64_t{1} << signal; };
  const ScopedAction actions[] = {
      ScopedAction(SIGHUP, note),   ScopedAction(SIGUSR1, note),
      ScopedAction(SIGUSR2, note),  ScopedAction(SIGTERM, note),
      ScopedAction(SIGRTMIN, note), ScopedAction(SIGRTMIN + 5, note),
      ScopedAction(SIGRTMAX, note),
  };
  const int signals[] = {SIGHUP,   SIGUSR1,      SIGUSR2, SIGTERM,
                         SIGRTMIN, SIGRTMIN + 5, SIGRTMAX};
  uint64_t expected = 0;
  for (const int signal : signals) expected |= uint64_t{1} << signal;
  sema_t s = DEFAULTSEMA;
  const thread_t id = Spawn([&] {
    while (sema_wait(&s) == EINTR) {
    }
  });
  for (const int signal : signals) EXPECT_EQ(thr_kill(id, signal), 0);
  EXPECT_TRUE(Eventually([&] { return arrived == expected; }));
  EXPECT_EQ(sema_post(&s), 0);
  Join(id);
}

TEST_P(SignalKillTest, TellsWhoSentIt) {
  static std::atomic<int> code;
  static std::atomic<pid_t> sender;
  static std::atomic<int> number;
  const ScopedAction action(
      SIGUSR1,
      +[](int signal, siginfo_t* info, void*) {
        code = info->si_code;
        sender = info->si_pid;
        number = info->si_signo;
        See(signal);
      },
      0);
  sema_t s = DEFAULTSEMA;
  const thread_t id = Spawn([&] { EXPECT_EQ(sema_wait(&s), EINTR); });
  EXPECT_TRUE(Quiesce());
  EXPECT_EQ(thr_kill(id, SIGUSR1), 0);
  Join(id);
  EXPECT_EQ(code, SI_TKILL);
  EXPECT_EQ(sender, getpid());
  EXPECT_EQ(number, SIGUSR1);
}

TEST_P(SignalKillTest, ForeignThreadsSend) {
  const ScopedAction action(SIGUSR1);
  sema_t s = DEFAULTSEMA;
  const thread_t id = Spawn([&] { EXPECT_EQ(sema_wait(&s), EINTR); });
  EXPECT_TRUE(Quiesce());
  ForeignThread([id] {
    EXPECT_EQ(thr_kill(id, SIGUSR1), 0);
    EXPECT_EQ(thr_kill(kNobody, SIGUSR1), ESRCH);
  }).Join();
  Join(id);
  EXPECT_EQ(seen.thread, id);
}

TEST_P(SignalKillTest, ForeignThreadsReceive) {
  const ScopedAction action(SIGUSR1);
  sema_t s = DEFAULTSEMA;
  std::atomic<thread_t> id{0};
  ForeignThread foreign([&] {
    id = thr_self();
    EXPECT_EQ(sema_wait(&s), EINTR);
  });
  EXPECT_TRUE(Eventually([&] { return id != 0; }));
  EXPECT_TRUE(Quiesce());
  InThread([&] { EXPECT_EQ(thr_kill(id, SIGUSR1), 0); });
  foreign.Join();
  EXPECT_EQ(seen.runs, 1);
  EXPECT_EQ(seen.thread, id);
}

// Each signal waits for the one before it, so none may merge with another.
TEST_P(SignalKillTest, ThreadsSignalEachOtherInARing) {
  constexpr size_t kThreads = 5;
  constexpr int kLaps = 100;
  static std::array<std::atomic<int>, kThreads> counts;
  static std::array<std::atomic<thread_t>, kThreads> ids;
  for (size_t i = 0; i < kThreads; ++i) {
    counts[i] = 0;
    ids[i] = 0;
  }
  const ScopedAction action(
      SIGUSR1, +[](int) {
        for (size_t i = 0; i < kThreads; ++i) {
          if (ids[i] == thr_self()) ++counts[i];
        }
      });
  RunThreads(kThreads, [&](int index) {
    const auto self = static_cast<size_t>(index);
    const size_t next = (self + 1) % kThreads;
    ids[self] = thr_self();
    EXPECT_TRUE(Eventually([&] { return ids[next] != 0; }));
    for (int lap = 1; lap <= kLaps; ++lap) {
      if (self != 0) {
        EXPECT_TRUE(Eventually([&] { return counts[self] == lap; }));
      }
      EXPECT_EQ(thr_kill(ids[next], SIGUSR1), 0);
      if (self == 0) {
        EXPECT_TRUE(Eventually([&] { return counts[self] == lap; }));
      }
    }
  });
  for (const auto& count : counts) EXPECT_EQ(count, kLaps);
}

}  // namespace
}  // namespace lt
