// SPDX-License-Identifier: MIT
//
// Signals for the process, sent with kill() and its kin: exactly one thread
// that does not block one takes it, whatever that thread does.  And what
// sigaction() promises about the handler.

#include <errno.h>
#include <signal.h>
#include <sys/time.h>
#include <unistd.h>

#include <vector>

#include "support/fixture.h"
#include "support/signals.h"
#include "support/sync_objects.h"

namespace lt {
namespace {

using SignalProcessTest = SignalTest;
LT_OVER_KINDS(SignalProcessTest);

void SendToProcess(int signal) {
  EXPECT_EQ(kill(getpid(), signal), 0);
}

TEST_P(SignalProcessTest, GoesToAThreadInCondWait) {
  const ScopedAction action(SIGUSR1);
  const Blocked blocked({SIGUSR1});
  mutex_t m = ERRORCHECKMUTEX;
  cond_t c = DEFAULTCV;
  const thread_t id = Spawn([&] {
    Unblock(SIGUSR1);
    EXPECT_EQ(mutex_lock(&m), 0);
    EXPECT_EQ(cond_wait(&c, &m), EINTR);
    EXPECT_EQ(mutex_unlock(&m), 0);
  });
  EXPECT_TRUE(Quiesce());
  SendToProcess(SIGUSR1);
  Join(id);
  EXPECT_EQ(seen.runs, 1);
  EXPECT_EQ(seen.thread, id);
}

TEST_P(SignalProcessTest, GoesToAThreadInSemaWaitAmongOthersThatBlockIt) {
  const ScopedAction action(SIGUSR1);
  const Blocked blocked({SIGUSR1});
  sema_t s = DEFAULTSEMA;
  sema_t of_others = DEFAULTSEMA;
  std::vector<thread_t> others;
  for (int i = 0; i < 4; ++i) {
    others.push_back(Spawn([&] { EXPECT_EQ(sema_wait(&of_others), 0); }));
  }
  const thread_t id = Spawn([&] {
    Unblock(SIGUSR1);
    EXPECT_EQ(sema_wait(&s), EINTR);
  });
  for (int i = 0; i < 4; ++i) {
    others.push_back(Spawn([&] { EXPECT_EQ(sema_wait(&of_others), 0); }));
  }
  EXPECT_TRUE(Quiesce());
  SendToProcess(SIGUSR1);
  Join(id);
  EXPECT_EQ(seen.runs, 1);
  EXPECT_EQ(seen.thread, id);
  for (size_t i = 0; i < others.size(); ++i)
    EXPECT_EQ(sema_post(&of_others), 0);
  for (const thread_t other : others) Join(other);
}

TEST_P(SignalProcessTest, GoesToAThreadInMutexLockWhichGoesOnWaiting) {
  const ScopedAction action(SIGUSR1);
  const Blocked blocked({SIGUSR1});
  mutex_t m = DEFAULTMUTEX;
  ASSERT_EQ(mutex_lock(&m), 0);
  const thread_t id = Spawn([&] {
    Unblock(SIGUSR1);
    EXPECT_EQ(mutex_lock(&m), 0);
    EXPECT_EQ(seen.runs, 1);
    EXPECT_EQ(mutex_unlock(&m), 0);
  });
  EXPECT_TRUE(Quiesce());
  SendToProcess(SIGUSR1);
  EXPECT_TRUE(Eventually([] { return seen.runs == 1; }));
  EXPECT_EQ(mutex_unlock(&m), 0);
  Join(id);
  EXPECT_EQ(seen.thread, id);
}

TEST_P(SignalProcessTest, GoesToAThreadThatRuns) {
  const ScopedAction action(SIGUSR1);
  const Blocked blocked({SIGUSR1});
  std::atomic<bool> ready{false};
  const thread_t id = Spawn([&] {
    Unblock(SIGUSR1);
    ready = true;
    while (seen.runs == 0) {
    }
  });
  EXPECT_TRUE(Eventually([&] { return ready.load(); }));
  SendToProcess(SIGUSR1);
  Join(id);
  EXPECT_EQ(seen.runs, 1);
  EXPECT_EQ(seen.thread, id);
}

TEST_P(SignalProcessTest, GoesToAThreadInRead) {
  const ScopedAction action(SIGUSR1);
  const Blocked blocked({SIGUSR1});
  int ends[2];
  ASSERT_EQ(pipe(ends), 0);
  std::atomic<thread_t> reader{0};
  WhileBlocked(
      [&] {
        reader = thr_self();
        Unblock(SIGUSR1);
        char byte = 0;
        EXPECT_EQ(read(ends[0], &byte, 1), -1);
        EXPECT_EQ(errno, EINTR);
      },
      [](thread_t) { SendToProcess(SIGUSR1); });
  EXPECT_EQ(seen.runs, 1);
  EXPECT_EQ(seen.thread, reader);
  close(ends[0]);
  close(ends[1]);
}

TEST_P(SignalProcessTest, GoesToMain) {
  const ScopedAction action(SIGUSR1);
  sema_t s = DEFAULTSEMA;
  thread_t id = 0;
  {
    const Blocked blocked({SIGUSR1});
    id = Spawn([&] { EXPECT_EQ(sema_wait(&s), 0); });
    EXPECT_TRUE(Quiesce());
  }
  SendToProcess(SIGUSR1);
  EXPECT_TRUE(Eventually([] { return seen.runs == 1; }));
  EXPECT_EQ(seen.thread, thr_self());
  EXPECT_EQ(sema_post(&s), 0);
  Join(id);
}

TEST_P(SignalProcessTest, OneOfManyTakesIt) {
  const ScopedAction action(SIGUSR1);
  constexpr int kThreads = 6;
  constexpr int kSignals = 30;
  sema_t s = DEFAULTSEMA;
  std::atomic<bool> stop{false};
  std::atomic<int> interrupted{0};
  const Blocked blocked({SIGUSR1});
  std::vector<thread_t> ids;
  for (int i = 0; i < kThreads; ++i) {
    ids.push_back(Spawn([&] {
      Unblock(SIGUSR1);
      while (!stop) {
        if (sema_wait(&s) == EINTR) ++interrupted;
      }
    }));
  }
  EXPECT_TRUE(Quiesce());
  for (int i = 1; i <= kSignals; ++i) {
    SendToProcess(SIGUSR1);
    EXPECT_TRUE(Eventually([&] { return interrupted == i; }));
    EXPECT_EQ(seen.runs, i);
    EXPECT_TRUE(Quiesce());
  }
  stop = true;
  for (int i = 0; i < kThreads; ++i) EXPECT_EQ(sema_post(&s), 0);
  for (const thread_t id : ids) Join(id);
  EXPECT_EQ(seen.runs, kSignals);
}

TEST_P(SignalProcessTest, StaysPendingWhileAllBlockIt) {
  const ScopedAction action(SIGUSR1);
  const Blocked blocked({SIGUSR1});
  SendToProcess(SIGUSR1);
  EXPECT_TRUE(Quiesce());
  EXPECT_EQ(seen.runs, 0);
  EXPECT_TRUE(IsPending(SIGUSR1));
  const thread_t id = Spawn([] {
    EXPECT_TRUE(IsPending(SIGUSR1));
    EXPECT_EQ(seen.runs, 0);
    // Whoever unblocks it first is the one.
    Unblock(SIGUSR1);
    EXPECT_TRUE(Eventually([] { return seen.runs == 1; }));
  });
  Join(id);
  EXPECT_EQ(seen.thread, id);
  EXPECT_FALSE(IsPending(SIGUSR1));
}

TEST_P(SignalProcessTest, IgnoredSignalsAreGone) {
  const Blocked blocked({SIGUSR1});
  {
    const ScopedAction ignored(SIGUSR1, SIG_IGN);
    InThread([] {
      Unblock(SIGUSR1);
      SendToProcess(SIGUSR1);
      EXPECT_EQ(thr_kill(thr_self(), SIGUSR1), 0);
    });
  }
  const ScopedAction action(SIGUSR1);
  InThread([] {
    EXPECT_FALSE(IsPending(SIGUSR1));
    Unblock(SIGUSR1);
  });
  EXPECT_EQ(seen.runs, 0);
}

// To ignore a signal drops what was pending.
TEST_P(SignalProcessTest, IgnoringDropsPendingSignals) {
  const Blocked blocked({SIGUSR1});
  const ScopedAction action(SIGUSR1);
  InThread([] {
    SendToProcess(SIGUSR1);
    EXPECT_EQ(thr_kill(thr_self(), SIGUSR1), 0);
    EXPECT_TRUE(IsPending(SIGUSR1));
    {
      const ScopedAction ignored(SIGUSR1, SIG_IGN);
      EXPECT_FALSE(IsPending(SIGUSR1));
    }
    Unblock(SIGUSR1);
    thr_yield();
  });
  EXPECT_EQ(seen.runs, 0);
}

TEST_P(SignalProcessTest, IntervalTimerReachesAParkedThread) {
  const ScopedAction action(SIGALRM);
  const Blocked blocked({SIGALRM});
  sema_t s = DEFAULTSEMA;
  const thread_t id = Spawn([&] {
    Unblock(SIGALRM);
    EXPECT_EQ(sema_wait(&s), EINTR);
  });
  EXPECT_TRUE(Quiesce());
  itimerval timer{};
  timer.it_value.tv_usec = 5000;
  ASSERT_EQ(setitimer(ITIMER_REAL, &timer, nullptr), 0);
  Join(id);
  EXPECT_EQ(seen.runs, 1);
  EXPECT_EQ(seen.signal, SIGALRM);
  EXPECT_EQ(seen.thread, id);
}

// The real-time timer is the process's: any thread sees what another has set.
TEST_P(SignalProcessTest, AlarmIsTheProcesss) {
  EXPECT_EQ(alarm(1000), 0U);
  InThread([] { EXPECT_GT(alarm(0), 900U); });
  EXPECT_EQ(alarm(0), 0U);
}

TEST_P(SignalProcessTest, SigqueueBringsSenderAndValue) {
  static std::atomic<int> value;
  static std::atomic<int> code;
  static std::atomic<pid_t> sender;
  const ScopedAction action(
      SIGUSR1,
      +[](int signal, siginfo_t* info, void*) {
        value = info->si_value.sival_int;
        code = info->si_code;
        sender = info->si_pid;
        See(signal);
      },
      0);
  const Blocked blocked({SIGUSR1});
  sema_t s = DEFAULTSEMA;
  const thread_t id = Spawn([&] {
    Unblock(SIGUSR1);
    EXPECT_EQ(sema_wait(&s), EINTR);
  });
  EXPECT_TRUE(Quiesce());
  sigval sent{};
  sent.sival_int = 4711;
  EXPECT_EQ(sigqueue(getpid(), SIGUSR1, sent), 0);
  Join(id);
  EXPECT_EQ(seen.thread, id);
  EXPECT_EQ(value, 4711);
  EXPECT_EQ(code, SI_QUEUE);
  EXPECT_EQ(sender, getpid());
}

TEST_P(SignalProcessTest, QueuedRealTimeSignalsAllArrive) {
  constexpr int kSignals = 10;
  static std::atomic<int> sum;
  sum = 0;
  const int signal = SIGRTMIN + 3;
  const ScopedAction action(
      signal,
      +[](int number, siginfo_t* info, void*) {
        sum += info->si_value.sival_int;
        See(number);
      },
      0);
  const Blocked blocked({signal});
  for (int i = 1; i <= kSignals; ++i) {
    sigval sent{};
    sent.sival_int = i;
    ASSERT_EQ(sigqueue(getpid(), signal, sent), 0);
  }
  InThread([signal] {
    Unblock(signal);
    EXPECT_TRUE(Eventually([] { return seen.runs == kSignals; }));
  });
  EXPECT_EQ(seen.runs, kSignals);
  EXPECT_EQ(sum, kSignals * (kSignals + 1) / 2);
}

}  // namespace
}  // namespace lt
