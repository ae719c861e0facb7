// SPDX-License-Identifier: MIT
//
// sigaction(2) as the library interposes it: what a query tells, and what is
// blocked in a handler.

#include <errno.h>
#include <signal.h>

#include "support/fixture.h"
#include "support/signals.h"

namespace lt {
namespace {

using SignalActionTest = SignalTest;
LT_OVER_KINDS(SignalActionTest);

TEST_P(SignalActionTest, SigactionTellsWhatWasSet) {
  InThread([] {
    struct sigaction at_start {};
    ASSERT_EQ(sigaction(SIGUSR1, nullptr, &at_start), 0);
    EXPECT_EQ(at_start.sa_handler, SIG_DFL);

    struct sigaction set {};
    set.sa_handler = See;
    set.sa_flags = SA_RESTART | SA_NODEFER;
    set.sa_mask = SetOf({SIGUSR2, SIGHUP});
    struct sigaction old {};
    ASSERT_EQ(sigaction(SIGUSR1, &set, &old), 0);
    EXPECT_EQ(old.sa_handler, SIG_DFL);
    struct sigaction now {};
    ASSERT_EQ(sigaction(SIGUSR1, nullptr, &now), 0);
    EXPECT_EQ(now.sa_handler, See);
    EXPECT_EQ(now.sa_flags & (SA_RESTART | SA_NODEFER | SA_SIGINFO |
                              static_cast<int>(SA_RESETHAND)),
              SA_RESTART | SA_NODEFER);
    EXPECT_EQ(sigismember(&now.sa_mask, SIGUSR2), 1);
    EXPECT_EQ(sigismember(&now.sa_mask, SIGHUP), 1);
    EXPECT_EQ(sigismember(&now.sa_mask, SIGTERM), 0);

    // signal() is the same in short.
    EXPECT_EQ(signal(SIGUSR1, SIG_IGN), See);
    EXPECT_EQ(signal(SIGUSR1, SIG_DFL), SIG_IGN);
    EXPECT_EQ(signal(SIGUSR1, SIG_DFL), SIG_DFL);
  });
}

TEST_P(SignalActionTest, SigactionErrors) {
  InThread([] {
    struct sigaction action {};
    action.sa_handler = See;
    for (const int signal : {SIGKILL, SIGSTOP, 0, -1, NSIG}) {
      SCOPED_TRACE(signal);
      errno = 0;
      EXPECT_EQ(sigaction(signal, &action, nullptr), -1);
      EXPECT_EQ(errno, EINVAL);
    }
  });
}

TEST_P(SignalActionTest, ResethandRunsTheHandlerOnce) {
  const ScopedAction action(SIGUSR1, See, static_cast<int>(SA_RESETHAND));
  InThread([] {
    EXPECT_EQ(thr_kill(thr_self(), SIGUSR1), 0);
    EXPECT_EQ(seen.runs, 1);
    struct sigaction now {};
    ASSERT_EQ(sigaction(SIGUSR1, nullptr, &now), 0);
    EXPECT_EQ(now.sa_handler, SIG_DFL);
  });
}

std::atomic<int> depth;
std::atomic<int> deepest;

// Sends itself its signal once more.
extern "C" void Nest(int signal) {
  if (++depth > deepest) deepest = depth.load();
  if (++seen.runs == 1) {
    EXPECT_EQ(thr_kill(thr_self(), signal), 0);
  }
  --depth;
}

TEST_P(SignalActionTest, ASignalIsBlockedInItsHandler) {
  deepest = 0;
  const ScopedAction action(SIGUSR1, Nest);
  InThread([] { EXPECT_EQ(thr_kill(thr_self(), SIGUSR1), 0); });
  EXPECT_EQ(seen.runs, 2);
  EXPECT_EQ(deepest, 1);
}

TEST_P(SignalActionTest, NodeferLetsTheSignalIn) {
  deepest = 0;
  const ScopedAction action(SIGUSR1, Nest, SA_NODEFER);
  InThread([] { EXPECT_EQ(thr_kill(thr_self(), SIGUSR1), 0); });
  EXPECT_EQ(seen.runs, 2);
  EXPECT_EQ(deepest, 2);
}

TEST_P(SignalActionTest, TheMaskOfTheActionHoldsInTheHandler) {
  static std::atomic<bool> blocked_inside;
  static std::atomic<int> inside_runs;
  blocked_inside = false;
  inside_runs = -1;
  const ScopedAction other(SIGUSR2);
  const ScopedAction action(SIGUSR1,
                            +[](int) {
                              blocked_inside = IsBlocked(SIGUSR1) &&
                                               IsBlocked(SIGUSR2) &&
                                               !IsBlocked(SIGHUP);
                              EXPECT_EQ(thr_kill(thr_self(), SIGUSR2), 0);
                              inside_runs = seen.runs.load();
                            },
                            0, {SIGUSR2});
  InThread([] {
    EXPECT_EQ(thr_kill(thr_self(), SIGUSR1), 0);
    EXPECT_TRUE(blocked_inside);
    EXPECT_EQ(inside_runs, 0);
    // It came when the first handler was over.
    EXPECT_EQ(seen.runs, 1);
    EXPECT_EQ(seen.signal, SIGUSR2);
    EXPECT_FALSE(IsBlocked(SIGUSR1));
    EXPECT_FALSE(IsBlocked(SIGUSR2));
  });
}

}  // namespace
}  // namespace lt
