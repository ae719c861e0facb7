// SPDX-License-Identifier: MIT
//
// _signotifywait(2) and _lwp_sigredirect(2): signals for the process that all
// LWPs block.

#include <unistd.h>

#include <functional>

#include "support/raw_lwps.h"
#include "support/shared_memory.h"

namespace lt {
namespace {

// Each in a process of its own, all threads of which block the signals: the
// helpers of the test's environment are no part of it.
class LwpSignotifyTest : public ApiTest {
 protected:
  void InProcess(const std::function<void()>& body) const {
    const Blocked blocked({SIGUSR1, SIGUSR2, SIGRTMIN});
    Child child([&] { Join(Spawn([&] { body(); })); });
    child.ExpectGood();
  }
};
LT_OVER_KINDS(LwpSignotifyTest);

TEST_P(LwpSignotifyTest, ReturnsASignalOnceAndLeavesItPending) {
  InProcess([] {
    ASSERT_EQ(kill(getpid(), SIGUSR1), 0);
    EXPECT_EQ(_signotifywait(), SIGUSR1);
    EXPECT_TRUE(IsPending(SIGUSR1));
    ASSERT_EQ(kill(getpid(), SIGUSR2), 0);
    EXPECT_EQ(_signotifywait(), SIGUSR2);
  });
}

TEST_P(LwpSignotifyTest, WaitsForASignal) {
  InProcess([] {
    ForeignThread sender([] {
      EXPECT_TRUE(Quiesce());
      EXPECT_EQ(kill(getpid(), SIGUSR1), 0);
    });
    EXPECT_EQ(_signotifywait(), SIGUSR1);
    sender.Join();
  });
}

// Signals for the caller alone are not the process's; a handler does not end
// it.
TEST_P(LwpSignotifyTest, OnlySignalsForTheProcessCount) {
  InProcess([] {
    const ScopedAction action(SIGALRM);
    const thread_t self = thr_self();
    ForeignThread sender([&] {
      EXPECT_TRUE(Quiesce());
      EXPECT_EQ(thr_kill(self, SIGUSR2), 0);
      EXPECT_EQ(thr_kill(self, SIGALRM), 0);
      EXPECT_TRUE(Eventually([] { return seen.runs > 0; }));
      EXPECT_TRUE(Quiesce());
      EXPECT_EQ(kill(getpid(), SIGUSR1), 0);
    });
    EXPECT_EQ(_signotifywait(), SIGUSR1);
    EXPECT_GT(seen.runs, 0);
    sender.Join();
  });
}

std::atomic<lwpid_t> g_at;
std::atomic<int> g_code;
std::atomic<int> g_value;
void SeeLwp(int, siginfo_t* info, void*) {
  g_code = info->si_code;
  g_value = info->si_value.sival_int;
  g_at = _lwp_self();
}

// What came with sigqueue(3) goes along; of what came with kill(2) it is said
// that an LWP sent it.
TEST_P(LwpSignotifyTest, RedirectsToAnLwp) {
  InProcess([] {
    const ScopedAction action(SIGUSR1, SeeLwp, 0);
    const ScopedAction other(SIGRTMIN, SeeLwp, 0);
    for (const int signal : {SIGUSR1, SIGRTMIN}) {
      Gate end;
      Lwp lwp([&] {
        Unblock(signal);
        end.Wait();
      });
      // Not before it is redirected: else the LWP would take it by itself.
      ucontext_t context = lwp.Context();
      lwpid_t id = 0;
      ASSERT_EQ(_lwp_create(&context, LWP_SUSPENDED, &id), 0);
      g_at = 0;
      sigval value{};
      value.sival_int = 17;
      ASSERT_EQ(signal == SIGUSR1 ? kill(getpid(), signal)
                                  : sigqueue(getpid(), signal, value),
                0);
      EXPECT_EQ(_signotifywait(), signal);
      int queued = -1;
      EXPECT_EQ(_lwp_sigredirect(id, signal, &queued), 0);
      EXPECT_EQ(queued, 0);
      EXPECT_FALSE(IsPending(signal));
      EXPECT_EQ(g_at, 0);
      EXPECT_EQ(_lwp_continue(id), 0);
      EXPECT_TRUE(Eventually([] { return g_at != 0; }));
      EXPECT_EQ(g_at, id);
      if (signal == SIGUSR1) {
        EXPECT_EQ(g_code, SI_TKILL);
      } else {
        EXPECT_EQ(g_code, SI_QUEUE);
        EXPECT_EQ(g_value, 17);
      }
      end.Open();
      EXPECT_EQ(_lwp_wait(id, nullptr), 0);
    }
  });
}

TEST_P(LwpSignotifyTest, ToNobodyItIsDropped) {
  InProcess([] {
    ASSERT_EQ(kill(getpid(), SIGUSR1), 0);
    EXPECT_EQ(_signotifywait(), SIGUSR1);
    EXPECT_EQ(_lwp_sigredirect(0, SIGUSR1, nullptr), 0);
    EXPECT_FALSE(IsPending(SIGUSR1));
    // A second one is reported anew.
    ASSERT_EQ(kill(getpid(), SIGUSR1), 0);
    EXPECT_EQ(_signotifywait(), SIGUSR1);
  });
}

TEST_P(LwpSignotifyTest, SaysWhetherMoreAreQueued) {
  InProcess([] {
    for (int i = 0; i < 2; ++i) {
      ASSERT_EQ(sigqueue(getpid(), SIGRTMIN, {}), 0);
    }
    for (int left = 1; left >= 0; --left) {
      EXPECT_EQ(_signotifywait(), SIGRTMIN);
      int queued = -1;
      EXPECT_EQ(_lwp_sigredirect(0, SIGRTMIN, &queued), 0);
      EXPECT_EQ(queued, left);
    }
  });
}

// One that waits is told of what is left.
TEST_P(LwpSignotifyTest, WhatIsLeftIsReportedToWaiters) {
  InProcess([this] {
    for (int i = 0; i < 2; ++i) {
      ASSERT_EQ(sigqueue(getpid(), SIGRTMIN, {}), 0);
    }
    EXPECT_EQ(_signotifywait(), SIGRTMIN);
    const thread_t waiter =
        Spawn([] { EXPECT_EQ(_signotifywait(), SIGRTMIN); });
    EXPECT_TRUE(Quiesce());
    EXPECT_EQ(_lwp_sigredirect(0, SIGRTMIN, nullptr), 0);
    Join(waiter);
  });
}

TEST_P(LwpSignotifyTest, BadCallsFail) {
  InProcess([] {
    EXPECT_EQ(_lwp_sigredirect(0, SIGUSR1, nullptr), EINVAL);  // not notified
    for (const int signal : {0, -1, 65, 32}) {
      EXPECT_EQ(_lwp_sigredirect(0, signal, nullptr), EINVAL) << signal;
    }
    ASSERT_EQ(kill(getpid(), SIGUSR1), 0);
    EXPECT_EQ(_signotifywait(), SIGUSR1);
    EXPECT_EQ(_lwp_sigredirect(kNoLwp, SIGUSR1, nullptr), ESRCH);
    EXPECT_EQ(_lwp_sigredirect(0, SIGUSR1, reinterpret_cast<int*>(8)), EFAULT);
    EXPECT_TRUE(IsPending(SIGUSR1));
    // Somebody else takes it.
    const sigset_t set = SetOf({SIGUSR1});
    const timespec now{};
    EXPECT_EQ(sigtimedwait(&set, nullptr, &now), SIGUSR1);
    EXPECT_EQ(_lwp_sigredirect(0, SIGUSR1, nullptr), EINVAL);
  });
}

}  // namespace
}  // namespace lt
