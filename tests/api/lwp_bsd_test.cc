// SPDX-License-Identifier: MIT
//
// <lwp.h>: the calls as NetBSD has them, which return -1 and set errno.

#include <lwp.h>
#include <ucontext.h>

#include <cstring>

#include "support/blocking.h"
#include "support/fixture.h"
#include "support/signals.h"

namespace lt {
namespace {

using LwpBsdTest = ApiTest;
LT_OVER_KINDS(LwpBsdTest);

std::atomic<int> g_steps;
alignas(16) char g_stack[65536];

void Work(void* arg) {
  g_steps += *static_cast<int*>(arg);
  if (_lwp_suspend(_lwp_self()) != 0) g_steps = -1;
  ++g_steps;
  _lwp_exit();
}

int MakeLwp(lwpid_t* id, unsigned long flags) {
  static int step = 10;
  ucontext_t context;
  std::memset(&context, 0xff, sizeof context);
  sigemptyset(&context.uc_sigmask);
  _lwp_makecontext(&context, Work, &step, nullptr, g_stack, sizeof g_stack);
  return _lwp_create(&context, flags, id);
}

TEST_P(LwpBsdTest, GoodCallsReturn0) {
  Join(Spawn([] {
    g_steps = 0;
    errno = 0;
    lwpid_t id = 0;
    ASSERT_EQ(MakeLwp(&id, LWP_SUSPENDED), 0);
    EXPECT_EQ(_lwp_kill(id, 0), 0);
    EXPECT_EQ(_lwp_continue(id), 0);
    EXPECT_TRUE(Eventually([] { return g_steps == 10; }));
    EXPECT_TRUE(Quiesce());
    EXPECT_EQ(_lwp_continue(id), 0);
    lwpid_t departed = 0;
    EXPECT_EQ(_lwp_wait(id, &departed), 0);
    EXPECT_EQ(departed, id);
    EXPECT_EQ(g_steps, 11);
  }));
}

TEST_P(LwpBsdTest, BadCallsSetErrno) {
  Join(Spawn([] {
    constexpr lwpid_t kNone = 2'000'000'000;
    lwpid_t id = 0;
    EXPECT_FAILS(MakeLwp(&id, 1), EINVAL);
    EXPECT_FAILS(MakeLwp(&id, 1ul << 40), EINVAL);
    EXPECT_FAILS(_lwp_create(nullptr, 0, &id), EFAULT);
    EXPECT_FAILS(_lwp_wait(kNone, nullptr), ESRCH);
    EXPECT_FAILS(_lwp_wait(0, nullptr), EDEADLK);
    EXPECT_FAILS(_lwp_suspend(kNone), ESRCH);
    EXPECT_FAILS(_lwp_continue(kNone), ESRCH);
    EXPECT_FAILS(_lwp_kill(kNone, 0), ESRCH);
    EXPECT_FAILS(_lwp_kill(kNone, 1000), EINVAL);
    EXPECT_FAILS(_lwp_detach(kNone), ESRCH);
  }));
}

TEST_P(LwpBsdTest, ADetachedLwpIsNotWaitedFor) {
  Join(Spawn([] {
    const int before = LiveThreads();
    g_steps = 0;
    lwpid_t id = 0;
    ASSERT_EQ(MakeLwp(&id, LWP_SUSPENDED), 0);
    EXPECT_EQ(_lwp_detach(id), 0);
    EXPECT_FAILS(_lwp_detach(id), EINVAL);
    EXPECT_FAILS(_lwp_wait(id, nullptr), EINVAL);
    EXPECT_FAILS(_lwp_detach(_lwp_self()), EINVAL);  // that of a thread
    EXPECT_EQ(_lwp_continue(id), 0);
    EXPECT_TRUE(Eventually([] { return g_steps == 10; }));
    EXPECT_TRUE(Eventually([&] {
      // It stops itself at some time, and ends some time later.
      static_cast<void>(_lwp_continue(id));
      return LiveThreads() == before;
    }));
    EXPECT_EQ(g_steps, 11);
    EXPECT_TRUE(Quiesce());  // its stack is free
  }));
}

}  // namespace
}  // namespace lt
