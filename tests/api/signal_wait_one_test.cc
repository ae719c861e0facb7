// SPDX-License-Identifier: MIT
//
// Solaris' sigwait, which takes the set alone, beside POSIX'.

#include <errno.h>
#include <signal.h>
#include <string.h>

#include "support/fixture.h"
#include "support/signals.h"

namespace lt {
namespace {

using SignalWaitOneTest = ApiTest;
LT_OVER_KINDS(SignalWaitOneTest);

TEST_P(SignalWaitOneTest, ReturnsTheSignal) {
  const Blocked blocked({SIGUSR1, SIGUSR2});
  Join(Spawn([] {
    sigset_t set = SetOf({SIGUSR1, SIGUSR2});
    EXPECT_EQ(thr_kill(thr_self(), SIGUSR2), 0);
    EXPECT_EQ(sigwait(&set), SIGUSR2);
    EXPECT_EQ(thr_kill(thr_self(), SIGUSR1), 0);
    int signal = 0;
    EXPECT_EQ(sigwait(&set, &signal), 0);
    EXPECT_EQ(signal, SIGUSR1);
  }));
}

TEST_P(SignalWaitOneTest, AHandlerEndsTheWait) {
  const Blocked blocked({SIGUSR1});
  const ScopedAction action(SIGUSR2);
  std::atomic<int> result{0};
  std::atomic<int> error{0};
  const thread_t id = Spawn([&] {
    sigset_t set = SetOf({SIGUSR1});
    errno = 0;
    result = sigwait(&set);
    error = errno;
  });
  EXPECT_TRUE(Quiesce());
  EXPECT_EQ(thr_kill(id, SIGUSR2), 0);
  Join(id);
  EXPECT_EQ(result, -1);
  EXPECT_EQ(error, EINTR);
}

}  // namespace
}  // namespace lt
