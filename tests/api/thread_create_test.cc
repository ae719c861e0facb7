// SPDX-License-Identifier: MIT
//
// thr_create(3): arguments, results and what a new thread inherits.  Stacks
// are in thread_create_stack_test.cc, flags in thread_create_flags_test.cc; the
// cases that need a process of their own (no memory, no kernel threads) are in
// tests/programs.

#include <errno.h>
#include <fenv.h>

#include <cstddef>
#include <cstdint>
#include <vector>

#include "support/fixture.h"

// Exported for other libraries, in no header.
extern "C" int _thr_create(  // NOLINT(bugprone-reserved-identifier)
    void*, size_t, void* (*)(void*), void*, long, thread_t*);

namespace lt {
namespace {

using ThreadCreateTest = ApiTest;
LT_OVER_KINDS(ThreadCreateTest);

// thr_exit() does not return, so that its type is no start function's; old
// programs pass it as one all the same.
using StartFunction = void* (*)(void*);

StartFunction ExitAsStart() {
  return reinterpret_cast<StartFunction>(reinterpret_cast<void*>(thr_exit));
}

void* AsStatus(intptr_t value) {
  return reinterpret_cast<void*>(value);
}

extern "C" void* ReturnArgument(void* arg) {
  return arg;
}

TEST_P(ThreadCreateTest, PassesTheArgumentAndReturnsTheResultAsStatus) {
  for (const intptr_t value : {intptr_t{0}, intptr_t{1}, intptr_t{-1},
                               intptr_t{INTPTR_MAX}, intptr_t{INTPTR_MIN}}) {
    thread_t id = 0;
    ASSERT_EQ(Create(ReturnArgument, AsStatus(value), 0, &id), 0);
    void* status = AsStatus(17);
    ASSERT_EQ(thr_join(id, nullptr, &status), 0);
    EXPECT_EQ(status, AsStatus(value));
  }
}

TEST_P(ThreadCreateTest, TheIdNeedNotBeAskedFor) {
  ASSERT_EQ(Create(ReturnArgument, AsStatus(5)), 0);
  thread_t departed = 0;
  void* status = nullptr;
  ASSERT_EQ(thr_join(0, &departed, &status), 0);
  EXPECT_NE(departed, 0U);
  EXPECT_EQ(status, AsStatus(5));
}

TEST_P(ThreadCreateTest, IdsAscendOneByOne) {
  std::vector<thread_t> ids;
  for (int i = 0; i < 10; ++i) {
    thread_t id = 0;
    ASSERT_EQ(Create(ReturnArgument, nullptr, 0, &id), 0);
    ids.push_back(id);
  }
  EXPECT_GE(ids[0], 2U);
  for (size_t i = 1; i < ids.size(); ++i) EXPECT_EQ(ids[i], ids[i - 1] + 1);
  for (const thread_t id : ids) Join(id);
}

TEST_P(ThreadCreateTest, IdsAreNotUsedAgainSoon) {
  thread_t last = 0;
  for (int i = 0; i < 500; ++i) {
    thread_t id = 0;
    ASSERT_EQ(Create(ReturnArgument, nullptr, 0, &id), 0);
    EXPECT_GT(id, last);
    last = id;
    Join(id);
    EXPECT_EQ(thr_join(id, nullptr, nullptr), ESRCH);
  }
}

// The variable that thr_create() fills, read inside the new thread.
struct Announced {
  thread_t id = 0;
  thread_t seen = 0;
  thread_t self = 0;
};

extern "C" void* ReadAnnouncedId(void* arg) {
  auto* announced = static_cast<Announced*>(arg);
  announced->seen = *const_cast<volatile thread_t*>(&announced->id);
  announced->self = thr_self();
  return nullptr;
}

TEST_P(ThreadCreateTest, TheIdIsStoredBeforeTheThreadRuns) {
  for (int i = 0; i < 300; ++i) {
    Announced announced;
    ASSERT_EQ(Create(ReadAnnouncedId, &announced, 0, &announced.id), 0);
    Join(announced.id);
    EXPECT_EQ(announced.seen, announced.id);
    EXPECT_EQ(announced.self, announced.id);
  }
}

TEST_P(ThreadCreateTest, ThrExitServesAsStartFunction) {
  thread_t id = 0;
  ASSERT_EQ(thr_create(nullptr, 0, ExitAsStart(), AsStatus(42), Flags(), &id),
            0);
  void* status = nullptr;
  ASSERT_EQ(thr_join(id, nullptr, &status), 0);
  EXPECT_EQ(status, AsStatus(42));
}

TEST_P(ThreadCreateTest, AThreadMakesThreads) {
  std::atomic<int> leaves{0};
  RunThreads(4, [&](int) {
    RunThreads(4, [&](int) { RunThreads(4, [&](int) { ++leaves; }); });
  });
  EXPECT_EQ(leaves, 64);
}

TEST_P(ThreadCreateTest, ManyThreadsLiveAtOnce) {
  constexpr int kThreads = 300;
  std::atomic<int> arrived{0};
  std::vector<thread_t> ids;
  for (int i = 0; i < kThreads; ++i) {
    ids.push_back(Spawn([&] {
      ++arrived;
      EXPECT_TRUE(Eventually([&] { return arrived == kThreads; }));
    }));
  }
  EXPECT_TRUE(Eventually([&] { return arrived == kThreads; }));
  for (const thread_t id : ids) Join(id);
}

TEST_P(ThreadCreateTest, EveryKeyReadsNullInANewThread) {
  thread_key_t key = 0;
  ASSERT_EQ(thr_keycreate(&key, nullptr), 0);
  int here = 0;
  ASSERT_EQ(thr_setspecific(key, &here), 0);
  void* there = &here;
  Join(Spawn([&] { EXPECT_EQ(thr_getspecific(key, &there), 0); }));
  EXPECT_EQ(there, nullptr);
  ASSERT_EQ(thr_setspecific(key, nullptr), 0);
}

TEST_P(ThreadCreateTest, TheNameIsNotInherited) {
  ASSERT_EQ(thr_setname(thr_self(), "creator"), 0);
  char name[THREAD_NAME_MAX] = "untouched";
  Join(
      Spawn([&] { EXPECT_EQ(thr_getname(thr_self(), name, sizeof name), 0); }));
  EXPECT_STREQ(name, "");
  ASSERT_EQ(thr_setname(thr_self(), nullptr), 0);
}

TEST_P(ThreadCreateTest, ThePriorityIsInherited) {
  int before = -1;
  ASSERT_EQ(thr_getprio(thr_self(), &before), 0);
  ASSERT_EQ(thr_setprio(thr_self(), 11), 0);
  int there = -1;
  Join(Spawn([&] { EXPECT_EQ(thr_getprio(thr_self(), &there), 0); }));
  EXPECT_EQ(there, 11);
  ASSERT_EQ(thr_setprio(thr_self(), before), 0);
}

TEST_P(ThreadCreateTest, TheRoundingModeIsInherited) {
  ASSERT_EQ(fesetround(FE_UPWARD), 0);
  int there = -1;
  const thread_t id = Spawn([&] { there = fegetround(); });
  ASSERT_EQ(fesetround(FE_TONEAREST), 0);
  Join(id);
  EXPECT_EQ(there, FE_UPWARD);
}

TEST_P(ThreadCreateTest, ErrnoStartsAtZeroAndTheCreatorsIsUntouched) {
  errno = EDOM;
  int there = -1;
  Join(Spawn([&] { there = errno; }));
  EXPECT_EQ(errno, EDOM);
  EXPECT_EQ(there, 0);
}

TEST_P(ThreadCreateTest, ErrorsAreResultsAndLeaveErrnoAlone) {
  errno = EDOM;
  thread_t id = 0;
  EXPECT_EQ(thr_create(nullptr, 1, ReturnArgument, nullptr, Flags(), &id),
            EINVAL);
  EXPECT_EQ(errno, EDOM);
}

TEST_P(ThreadCreateTest, ThePrivateAliasIsTheSameCall) {
  thread_t id = 0;
  ASSERT_EQ(_thr_create(nullptr, 0, ReturnArgument, AsStatus(3), Flags(), &id),
            0);
  void* status = nullptr;
  ASSERT_EQ(thr_join(id, nullptr, &status), 0);
  EXPECT_EQ(status, AsStatus(3));
}

}  // namespace
}  // namespace lt
