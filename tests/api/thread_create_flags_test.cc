// SPDX-License-Identifier: MIT
//
// thr_create(3): the flags.  What THR_DAEMON means for the end of the process
// is in tests/programs.

#include <errno.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cstdint>
#include <vector>

#include "support/fixture.h"

namespace lt {
namespace {

using ThreadCreateFlagsTest = ApiTest;
LT_OVER_KINDS(ThreadCreateFlagsTest);

extern "C" void* ReturnArgument(void* arg) {
  return arg;
}

long KernelThread() {
  return syscall(SYS_gettid);
}

TEST_P(ThreadCreateFlagsTest, UnknownBitsAreNotRejected) {
  for (const long bit : {0x04L, 0x08L, 0x10L, 0x20L, 0x1000L, 0x40000000L}) {
    thread_t id = 0;
    ASSERT_EQ(Create(ReturnArgument, nullptr, bit, &id), 0) << bit;
    Join(id);
  }
}

TEST_P(ThreadCreateFlagsTest, ASuspendedThreadWaitsForContinue) {
  std::atomic<bool> ran{false};
  const thread_t id = Spawn([&] { ran = true; }, THR_SUSPENDED);
  // Whoever could run has run when a second thread has come and gone.
  Join(Spawn([] {}));
  EXPECT_TRUE(Quiesce());
  EXPECT_FALSE(ran);
  EXPECT_EQ(thr_continue(id), 0);
  Join(id);
  EXPECT_TRUE(ran);
}

TEST_P(ThreadCreateFlagsTest, ASuspendedThreadMayBeJoinedBeforeItRuns) {
  const thread_t id = Spawn([] {}, THR_SUSPENDED);
  Gate joined;
  const thread_t joiner = Spawn([&] {
    Join(id);
    joined.Open();
  });
  EXPECT_TRUE(Quiesce());
  EXPECT_FALSE(joined.IsOpen());
  EXPECT_EQ(thr_continue(id), 0);
  Join(joiner);
  EXPECT_TRUE(joined.IsOpen());
}

TEST_P(ThreadCreateFlagsTest, ADetachedThreadCannotBeJoined) {
  Gate leave;
  const thread_t id = Spawn([&] { leave.Wait(); }, THR_DETACHED);
  EXPECT_EQ(thr_join(id, nullptr, nullptr), ESRCH);
  const int with_it = LiveThreads();
  leave.Open();
  EXPECT_TRUE(Eventually([&] { return LiveThreads() == with_it - 1; }));
  EXPECT_EQ(thr_join(id, nullptr, nullptr), ESRCH);
}

TEST_P(ThreadCreateFlagsTest, ADetachedThreadMayBeSuspendedAtFirst) {
  std::atomic<bool> ran{false};
  const thread_t id = Spawn([&] { ran = true; }, THR_DETACHED | THR_SUSPENDED);
  EXPECT_TRUE(Quiesce());
  EXPECT_FALSE(ran);
  EXPECT_EQ(thr_continue(id), 0);
  EXPECT_TRUE(Eventually([&] { return ran.load(); }));
}

TEST_P(ThreadCreateFlagsTest, ADaemonIsDetached) {
  Gate leave;
  const thread_t id = Spawn([&] { leave.Wait(); }, THR_DAEMON);
  EXPECT_EQ(thr_join(id, nullptr, nullptr), ESRCH);
  leave.Open();
  EXPECT_TRUE(Eventually([&] { return thr_continue(id) == ESRCH; }));
}

TEST_P(ThreadCreateFlagsTest, ManyDetachedThreadsComeAndGo) {
  std::atomic<int> ran{0};
  for (int i = 0; i < 1000; ++i) {
    Spawn([&] { ++ran; }, THR_DETACHED);
    if (i % 50 == 0) thr_yield();
  }
  EXPECT_TRUE(Eventually([&] { return ran == 1000; }));
}

TEST_P(ThreadCreateFlagsTest, NewLwpRaisesTheLevelUntilTheThreadExits) {
  const int before = thr_getconcurrency();
  Gate leave;
  std::vector<thread_t> ids;
  for (int i = 1; i <= 3; ++i) {
    ids.push_back(Spawn([&] { leave.Wait(); }, THR_NEW_LWP));
    EXPECT_EQ(thr_getconcurrency(), before + i);
  }
  leave.Open();
  for (const thread_t id : ids) Join(id);
  EXPECT_EQ(thr_getconcurrency(), before);
}

TEST_P(ThreadCreateFlagsTest, NewLwpCountsBeforeASuspendedThreadRuns) {
  const int before = thr_getconcurrency();
  const thread_t id = Spawn([] {}, THR_NEW_LWP | THR_SUSPENDED);
  EXPECT_EQ(thr_getconcurrency(), before + 1);
  EXPECT_EQ(thr_continue(id), 0);
  Join(id);
  EXPECT_EQ(thr_getconcurrency(), before);
}

TEST_P(ThreadCreateFlagsTest, NewLwpOfADetachedThreadEndsWithIt) {
  const int before = thr_getconcurrency();
  Gate leave;
  Spawn([&] { leave.Wait(); }, THR_NEW_LWP | THR_DETACHED);
  EXPECT_EQ(thr_getconcurrency(), before + 1);
  leave.Open();
  EXPECT_TRUE(Eventually([&] { return thr_getconcurrency() == before; }));
}

TEST_P(ThreadCreateFlagsTest, AFailedCreateDoesNotRaiseTheLevel) {
  const int before = thr_getconcurrency();
  EXPECT_EQ(thr_create(nullptr, SIZE_MAX / 2, ReturnArgument, nullptr,
                       Flags(THR_NEW_LWP), nullptr),
            ENOMEM);
  EXPECT_EQ(thr_create(nullptr, 1, ReturnArgument, nullptr, Flags(THR_NEW_LWP),
                       nullptr),
            EINVAL);
  EXPECT_EQ(thr_getconcurrency(), before);
}

using ThreadCreateBoundTest = ModelTest;

TEST_F(ThreadCreateBoundTest, ABoundThreadKeepsItsOwnKernelThread) {
  const long mine = KernelThread();
  std::vector<long> seen;
  const thread_t id = SpawnWithFlags(
      [&] {
        for (int i = 0; i < 100; ++i) {
          seen.push_back(KernelThread());
          thr_yield();
        }
      },
      THR_BOUND);
  Join(id);
  ASSERT_EQ(seen.size(), 100U);
  for (const long kernel_thread : seen) {
    EXPECT_EQ(kernel_thread, seen[0]);
    EXPECT_NE(kernel_thread, mine);
  }
}

TEST_F(ThreadCreateBoundTest, BoundThreadsHaveAKernelThreadEach) {
  constexpr int kThreads = 8;
  std::atomic<int> arrived{0};
  std::vector<long> kernel_threads(kThreads);
  std::vector<thread_t> ids;
  for (long& kernel_thread : kernel_threads) {
    ids.push_back(SpawnWithFlags(
        [&] {
          kernel_thread = KernelThread();
          ++arrived;
          EXPECT_TRUE(Eventually([&] { return arrived == kThreads; }));
        },
        THR_BOUND));
  }
  for (const thread_t id : ids) Join(id);
  for (int i = 0; i < kThreads; ++i) {
    for (int j = 0; j < i; ++j) {
      EXPECT_NE(kernel_threads[i], kernel_threads[j]);
    }
  }
}

// The pool of many-to-one has one LWP, and that is the first kernel thread; in
// one-to-one no thread runs on it but main.  Two-level promises neither.
TEST_F(ThreadCreateBoundTest, TheModelSaysWhereThreadsWithoutFlagsRun) {
  const long mine = KernelThread();
  std::atomic<int> looks{0};
  std::atomic<int> elsewhere{0};
  std::vector<thread_t> ids;
  for (int i = 0; i < 10; ++i) {
    ids.push_back(SpawnWithFlags(
        [&] {
          for (int turn = 0; turn < 10; ++turn) {
            ++looks;
            if (KernelThread() != mine) ++elsewhere;
            thr_yield();
          }
        },
        0));
  }
  for (const thread_t id : ids) Join(id);
  EXPECT_EQ(looks, 100);
  if (ModelName() == "many-to-one") {
    EXPECT_EQ(elsewhere, 0);
  } else if (ModelName() == "one-to-one") {
    EXPECT_EQ(elsewhere, 100);
  }
}

}  // namespace
}  // namespace lt
