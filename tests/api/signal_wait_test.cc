// SPDX-License-Identifier: MIT
//
// Calls that wait for signals or look at pending ones, on threads of both
// kinds: sigwait and its kin, sigsuspend, pause, sigpending, raise,
// pthread_kill.

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <unistd.h>

#include <utility>

#include "support/fixture.h"
#include "support/signals.h"

namespace lt {
namespace {

using SignalWaitTest = SignalTest;
LT_OVER_KINDS(SignalWaitTest);

int WaitFor(std::initializer_list<int> signals) {
  const sigset_t set = SetOf(signals);
  int signal = 0;
  EXPECT_EQ(sigwait(&set, &signal), 0);
  return signal;
}

TEST_P(SignalWaitTest, SigwaitTakesWhatIsPending) {
  const Blocked blocked({SIGUSR1, SIGUSR2});
  const ScopedAction action(SIGUSR1);
  InThread([] {
    EXPECT_EQ(thr_kill(thr_self(), SIGUSR1), 0);
    EXPECT_EQ(WaitFor({SIGUSR1, SIGUSR2}), SIGUSR1);
    EXPECT_FALSE(IsPending(SIGUSR1));
    Unblock(SIGUSR1);
  });
  EXPECT_EQ(seen.runs, 0);
}

TEST_P(SignalWaitTest, SigwaitLeavesOthersPending) {
  const Blocked blocked({SIGUSR1, SIGUSR2});
  InThread([] {
    EXPECT_EQ(thr_kill(thr_self(), SIGUSR1), 0);
    EXPECT_EQ(thr_kill(thr_self(), SIGUSR2), 0);
    EXPECT_EQ(WaitFor({SIGUSR2}), SIGUSR2);
    EXPECT_TRUE(IsPending(SIGUSR1));
    EXPECT_FALSE(IsPending(SIGUSR2));
    EXPECT_EQ(WaitFor({SIGUSR1}), SIGUSR1);
  });
}

TEST_P(SignalWaitTest, SigwaitTakesTheLowestRealTimeSignalFirst) {
  const int low = SIGRTMIN + 1;
  const int high = SIGRTMIN + 4;
  const Blocked blocked({low, high});
  InThread([low, high] {
    EXPECT_EQ(thr_kill(thr_self(), high), 0);
    EXPECT_EQ(thr_kill(thr_self(), low), 0);
    EXPECT_EQ(WaitFor({low, high}), low);
    EXPECT_EQ(WaitFor({low, high}), high);
  });
}

TEST_P(SignalWaitTest, SigwaitWaitsForADirectedSignal) {
  const Blocked blocked({SIGUSR1});
  WhileBlocked([] { EXPECT_EQ(WaitFor({SIGUSR1}), SIGUSR1); },
               [](thread_t id) { EXPECT_EQ(thr_kill(id, SIGUSR1), 0); });
}

TEST_P(SignalWaitTest, SigwaitWaitsForASignalOfTheProcess) {
  const Blocked blocked({SIGUSR1});
  WhileBlocked([] { EXPECT_EQ(WaitFor({SIGUSR1}), SIGUSR1); },
               [](thread_t) { EXPECT_EQ(kill(getpid(), SIGUSR1), 0); });
}

// A signal that is directed at somebody else is not for the waiter.
TEST_P(SignalWaitTest, SigwaitLeavesDirectedSignalsToTheirThreads) {
  const Blocked blocked({SIGUSR1});
  const thread_t main = thr_self();
  WhileBlocked([] { EXPECT_EQ(WaitFor({SIGUSR1}), SIGUSR1); },
               [main](thread_t id) {
                 EXPECT_EQ(thr_kill(main, SIGUSR1), 0);
                 EXPECT_TRUE(Quiesce());
                 EXPECT_EQ(thr_kill(id, SIGUSR1), 0);
               });
  EXPECT_TRUE(IsPending(SIGUSR1));
  EXPECT_EQ(WaitFor({SIGUSR1}), SIGUSR1);
}

// The way in which servers handle signals: everybody blocks them, one thread
// waits for them, one after the other.
TEST_P(SignalWaitTest, OneThreadTakesTheSignalsOfTheProcess) {
  const Blocked blocked({SIGHUP, SIGUSR1, SIGTERM});
  std::atomic<int> received{0};
  constexpr std::pair<int, int> kSent[] = {
      {SIGHUP, 1},  {SIGUSR1, 2}, {SIGHUP, 3},
      {SIGUSR1, 4}, {SIGHUP, 5},  {SIGTERM, 6},
  };
  Gate leave;
  const thread_t worker = Spawn([&] { leave.Wait(); });
  // Bound: in many-to-one nobody else would run meanwhile.
  const thread_t waiter = SpawnWithFlags(
      [&] {
        for (const auto& [signal, count] : kSent) {
          EXPECT_EQ(WaitFor({SIGHUP, SIGUSR1, SIGTERM}), signal);
          received = count;
        }
      },
      THR_BOUND);
  for (const auto& [signal, count] : kSent) {
    EXPECT_EQ(kill(getpid(), signal), 0);
    EXPECT_TRUE(Eventually([&] { return received == count; }));
  }
  Join(waiter);
  leave.Open();
  Join(worker);
}

TEST_P(SignalWaitTest, SigwaitinfoTellsAboutTheSignal) {
  const Blocked blocked({SIGUSR1});
  WhileBlocked(
      [] {
        const sigset_t set = SetOf({SIGUSR1});
        siginfo_t info{};
        EXPECT_EQ(sigwaitinfo(&set, &info), SIGUSR1);
        EXPECT_EQ(info.si_signo, SIGUSR1);
        EXPECT_EQ(info.si_code, SI_TKILL);
        EXPECT_EQ(info.si_pid, getpid());
      },
      [](thread_t id) { EXPECT_EQ(thr_kill(id, SIGUSR1), 0); });
}

TEST_P(SignalWaitTest, SigwaitinfoBringsTheValueOfSigqueue) {
  const int signal = SIGRTMIN + 2;
  const Blocked blocked({signal});
  WhileBlocked(
      [signal] {
        const sigset_t set = SetOf({signal});
        siginfo_t info{};
        EXPECT_EQ(sigwaitinfo(&set, &info), signal);
        EXPECT_EQ(info.si_code, SI_QUEUE);
        EXPECT_EQ(info.si_value.sival_int, 4711);
      },
      [signal](thread_t) {
        sigval value{};
        value.sival_int = 4711;
        EXPECT_EQ(sigqueue(getpid(), signal, value), 0);
      });
}

TEST_P(SignalWaitTest, AnotherSignalEndsSigwaitinfo) {
  const Blocked blocked({SIGUSR1});
  const ScopedAction action(SIGUSR2);
  WhileBlocked(
      [] {
        const sigset_t set = SetOf({SIGUSR1});
        EXPECT_EQ(sigwaitinfo(&set, nullptr), -1);
        EXPECT_EQ(errno, EINTR);
      },
      [](thread_t id) { EXPECT_EQ(thr_kill(id, SIGUSR2), 0); });
  EXPECT_EQ(seen.runs, 1);
}

TEST_P(SignalWaitTest, SigtimedwaitEndsWithEagain) {
  const Blocked blocked({SIGUSR1});
  InThread([] {
    const sigset_t set = SetOf({SIGUSR1});
    for (const long ms : {0L, 5L}) {
      const timespec_t interval = Interval(ms);
      errno = 0;
      EXPECT_EQ(sigtimedwait(&set, nullptr, &interval), -1);
      EXPECT_EQ(errno, EAGAIN);
    }
  });
}

TEST_P(SignalWaitTest, SigtimedwaitTakesASignal) {
  const Blocked blocked({SIGUSR1});
  const timespec_t forever = Interval(kForeverMs);
  InThread([&] {
    const sigset_t set = SetOf({SIGUSR1});
    const timespec_t at_once = Interval(0);
    EXPECT_EQ(thr_kill(thr_self(), SIGUSR1), 0);
    EXPECT_EQ(sigtimedwait(&set, nullptr, &at_once), SIGUSR1);
  });
  WhileBlocked(
      [&] {
        const sigset_t set = SetOf({SIGUSR1});
        siginfo_t info{};
        EXPECT_EQ(sigtimedwait(&set, &info, &forever), SIGUSR1);
        EXPECT_EQ(info.si_signo, SIGUSR1);
      },
      [](thread_t id) { EXPECT_EQ(thr_kill(id, SIGUSR1), 0); });
}

// What is pending runs within the call, under the mask of the call.
TEST_P(SignalWaitTest, SigsuspendRunsWhatIsPending) {
  const Blocked blocked({SIGUSR1, SIGUSR2});
  const ScopedAction action(SIGUSR1);
  InThread([] {
    EXPECT_EQ(thr_kill(thr_self(), SIGUSR1), 0);
    EXPECT_EQ(seen.runs, 0);
    const sigset_t during = SetOf({SIGUSR2});
    errno = 0;
    EXPECT_EQ(sigsuspend(&during), -1);
    EXPECT_EQ(errno, EINTR);
    EXPECT_EQ(seen.runs, 1);
    EXPECT_TRUE(IsBlocked(SIGUSR1));
    EXPECT_TRUE(IsBlocked(SIGUSR2));
  });
}

TEST_P(SignalWaitTest, SigsuspendWaitsForAHandler) {
  const Blocked blocked({SIGUSR1});
  const ScopedAction action(SIGUSR1);
  WhileBlocked(
      [] {
        const sigset_t during = SetOf({});
        EXPECT_EQ(sigsuspend(&during), -1);
        EXPECT_EQ(errno, EINTR);
        EXPECT_EQ(seen.thread, thr_self());
        EXPECT_TRUE(IsBlocked(SIGUSR1));
      },
      [](thread_t id) { EXPECT_EQ(thr_kill(id, SIGUSR1), 0); });
  EXPECT_EQ(seen.runs, 1);
}

// The classic loop: neither the first signal nor the last is lost.
TEST_P(SignalWaitTest, SigsuspendInALoopSeesEverySignal) {
  constexpr int kSignals = 50;
  const Blocked blocked({SIGUSR1});
  const ScopedAction action(SIGUSR1);
  std::atomic<thread_t> id{0};
  ForeignThread sender([&] {
    EXPECT_TRUE(Eventually([&] { return id != 0; }));
    for (int i = 1; i <= kSignals; ++i) {
      EXPECT_EQ(thr_kill(id, SIGUSR1), 0);
      EXPECT_TRUE(Eventually([i] { return seen.runs == i; }));
    }
  });
  InThread([&] {
    id = thr_self();
    const sigset_t during = SetOf({});
    while (seen.runs < kSignals) EXPECT_EQ(sigsuspend(&during), -1);
  });
  sender.Join();
  EXPECT_EQ(seen.runs, kSignals);
}

TEST_P(SignalWaitTest, PauseEndsWithAHandler) {
  const ScopedAction action(SIGUSR1);
  WhileBlocked(
      [] {
        EXPECT_EQ(pause(), -1);
        EXPECT_EQ(errno, EINTR);
        EXPECT_EQ(seen.thread, thr_self());
      },
      [](thread_t id) { EXPECT_EQ(thr_kill(id, SIGUSR1), 0); });
  EXPECT_EQ(seen.runs, 1);
}

TEST_P(SignalWaitTest, PauseIsNotEndedByAnIgnoredSignal) {
  const ScopedAction action(SIGUSR1);
  const ScopedAction ignored(SIGUSR2, SIG_IGN);
  WhileBlocked(
      [] {
        EXPECT_EQ(pause(), -1);
        EXPECT_EQ(seen.signal, SIGUSR1);
      },
      [](thread_t id) {
        EXPECT_EQ(thr_kill(id, SIGUSR2), 0);
        EXPECT_TRUE(Quiesce());
        EXPECT_EQ(thr_kill(id, SIGUSR1), 0);
      });
}

TEST_P(SignalWaitTest, SigpendingShowsTheThreadsAndTheProcesss) {
  const Blocked blocked({SIGUSR1, SIGUSR2});
  EXPECT_EQ(kill(getpid(), SIGUSR2), 0);
  InThread([] {
    EXPECT_EQ(thr_kill(thr_self(), SIGUSR1), 0);
    EXPECT_TRUE(IsPending(SIGUSR1));
    EXPECT_TRUE(Eventually([] { return IsPending(SIGUSR2); }));
    EXPECT_EQ(WaitFor({SIGUSR1}), SIGUSR1);
    EXPECT_FALSE(IsPending(SIGUSR1));
  });
  EXPECT_FALSE(IsPending(SIGUSR1));
  EXPECT_EQ(WaitFor({SIGUSR2}), SIGUSR2);
  EXPECT_FALSE(IsPending(SIGUSR2));
}

TEST_P(SignalWaitTest, RaiseIsForTheCaller) {
  const ScopedAction action(SIGUSR1);
  InThread([] {
    EXPECT_EQ(raise(SIGUSR1), 0);
    EXPECT_EQ(seen.runs, 1);
    EXPECT_EQ(seen.thread, thr_self());
    errno = 0;
    EXPECT_NE(raise(-1), 0);
    EXPECT_EQ(errno, EINVAL);
  });
}

TEST_P(SignalWaitTest, RaiseStaysPendingOnTheCaller) {
  const ScopedAction action(SIGUSR1);
  InThread([this] {
    const Blocked blocked({SIGUSR1});
    EXPECT_EQ(raise(SIGUSR1), 0);
    EXPECT_EQ(seen.runs, 0);
    EXPECT_TRUE(IsPending(SIGUSR1));
    InThread([] { EXPECT_FALSE(IsPending(SIGUSR1)); });
    Unblock(SIGUSR1);
    EXPECT_EQ(seen.runs, 1);
  });
}

TEST_P(SignalWaitTest, PthreadKillOfTheCaller) {
  const ScopedAction action(SIGUSR1);
  InThread([] {
    EXPECT_EQ(pthread_kill(pthread_self(), 0), 0);
    EXPECT_EQ(pthread_kill(pthread_self(), SIGUSR1), 0);
    EXPECT_EQ(seen.runs, 1);
    EXPECT_EQ(seen.thread, thr_self());
    EXPECT_EQ(pthread_kill(pthread_self(), NSIG), EINVAL);
    EXPECT_EQ(pthread_kill(pthread_self(), -1), EINVAL);
  });
}

TEST_P(SignalWaitTest, PthreadKillOfAnother) {
  const ScopedAction action(SIGUSR1);
  sema_t s = DEFAULTSEMA;
  std::atomic<pthread_t> handle{};
  const thread_t id = Spawn([&] {
    handle = pthread_self();
    EXPECT_EQ(sema_wait(&s), EINTR);
  });
  EXPECT_TRUE(Quiesce());
  EXPECT_EQ(pthread_kill(handle, SIGUSR1), 0);
  Join(id);
  EXPECT_EQ(seen.runs, 1);
  EXPECT_EQ(seen.thread, id);
}

// No real handle lies where ids do: an id may stand in its place.
TEST_P(SignalWaitTest, PthreadKillTakesAThreadId) {
  const ScopedAction action(SIGUSR1);
  sema_t s = DEFAULTSEMA;
  const thread_t id = Spawn([&] { EXPECT_EQ(sema_wait(&s), EINTR); });
  EXPECT_TRUE(Quiesce());
  EXPECT_EQ(pthread_kill(pthread_t{id}, SIGUSR1), 0);
  Join(id);
  EXPECT_EQ(seen.thread, id);
  EXPECT_EQ(pthread_kill(pthread_t{kNobody}, SIGUSR1), ESRCH);
}

}  // namespace
}  // namespace lt
