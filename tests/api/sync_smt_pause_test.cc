// SPDX-License-Identifier: MIT
//
// smt_pause(3).

#include <errno.h>
#include <synch.h>

#include <atomic>

#include "support/fixture.h"

namespace lt {
namespace {

class SmtPauseTest : public ApiTest {};

LT_OVER_KINDS(SmtPauseTest);

// A pause lets nobody else run on this LWP, but the flag that another kernel
// thread sets is seen, and nothing of the caller changes.
TEST_P(SmtPauseTest, SpinLoopSeesTheFlagOfAnotherKernelThread) {
  std::atomic<bool> spinning{false};
  std::atomic<bool> flag{false};
  ForeignThread setter([&] {
    EXPECT_TRUE(Eventually([&] { return spinning.load(); }));
    flag = true;
  });
  const thread_t spinner = Spawn([&] {
    const thread_t self = thr_self();
    errno = 4711;
    spinning = true;
    while (!flag.load()) smt_pause();
    EXPECT_EQ(errno, 4711);
    EXPECT_EQ(thr_self(), self);
  });
  Join(spinner);
  setter.Join();
  EXPECT_TRUE(flag.load());
}

}  // namespace
}  // namespace lt
