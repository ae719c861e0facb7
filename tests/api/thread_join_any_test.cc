// SPDX-License-Identifier: MIT
//
// thr_join(3) with id 0: any thread that nobody waits for by its id, and
// EDEADLK when none can come any more.

#include <errno.h>

#include <cstdint>
#include <iterator>
#include <set>
#include <vector>

#include "support/fixture.h"

namespace lt {
namespace {

using ThreadJoinAnyTest = ApiTest;
LT_OVER_KINDS(ThreadJoinAnyTest);

void* AsStatus(intptr_t value) {
  return reinterpret_cast<void*>(value);
}

TEST_P(ThreadJoinAnyTest, WithNoOtherThreadItIsADeadlock) {
  EXPECT_EQ(thr_join(0, nullptr, nullptr), EDEADLK);
}

TEST_P(ThreadJoinAnyTest, ReturnsEachThreadOnceWithItsStatus) {
  constexpr int kThreads = 20;
  std::set<thread_t> expected;
  for (int i = 0; i < kThreads; ++i) {
    expected.insert(Spawn([] { thr_exit(AsStatus(thr_self())); }));
  }
  std::set<thread_t> seen;
  thread_t departed = 0;
  void* status = nullptr;
  int error = 0;
  while ((error = thr_join(0, &departed, &status)) == 0) {
    EXPECT_EQ(status, AsStatus(departed));
    EXPECT_TRUE(seen.insert(departed).second) << departed;
  }
  EXPECT_EQ(error, EDEADLK);
  EXPECT_EQ(seen, expected);
}

TEST_P(ThreadJoinAnyTest, BlocksUntilOneExits) {
  const thread_t target = Spawn([] {}, THR_SUSPENDED);
  const thread_t waker = Spawn([&] {
    EXPECT_TRUE(Quiesce());  // main sleeps in its join
    EXPECT_EQ(thr_continue(target), 0);
  });
  std::set<thread_t> seen;
  for (int i = 0; i < 2; ++i) {
    thread_t departed = 0;
    EXPECT_EQ(thr_join(0, &departed, nullptr), 0);
    seen.insert(departed);
  }
  EXPECT_EQ(seen, (std::set<thread_t>{target, waker}));
}

TEST_P(ThreadJoinAnyTest, TakesThreadsThatHaveExitedBefore) {
  const thread_t id = Spawn([] {});
  EXPECT_TRUE(Quiesce());
  thread_t departed = 0;
  EXPECT_EQ(thr_join(0, &departed, nullptr), 0);
  EXPECT_EQ(departed, id);
}

TEST_P(ThreadJoinAnyTest, LeavesAThreadToWhoeverWaitsForItById) {
  for (int round = 0; round < 10; ++round) {
    const thread_t wanted = Spawn([] {}, THR_SUSPENDED);
    int result = -1;
    const thread_t joiner =
        Spawn([&] { result = thr_join(wanted, nullptr, nullptr); });
    EXPECT_TRUE(Quiesce());  // the joiner sleeps in its join
    ASSERT_EQ(thr_continue(wanted), 0);
    thread_t departed = 0;
    EXPECT_EQ(thr_join(0, &departed, nullptr), 0);
    EXPECT_EQ(departed, joiner);
    EXPECT_EQ(result, 0);
  }
}

TEST_P(ThreadJoinAnyTest, DaemonsAreNotWaitedFor) {
  Gate leave;
  std::atomic<int> left{0};
  for (int i = 0; i < 2; ++i) {
    Spawn(
        [&] {
          leave.Wait();
          ++left;
        },
        THR_DAEMON);
  }
  EXPECT_EQ(thr_join(0, nullptr, nullptr), EDEADLK);
  const thread_t id = Spawn([] {});
  thread_t departed = 0;
  EXPECT_EQ(thr_join(0, &departed, nullptr), 0);
  EXPECT_EQ(departed, id);
  EXPECT_EQ(thr_join(0, nullptr, nullptr), EDEADLK);
  leave.Open();
  EXPECT_TRUE(Eventually([&] { return left == 2; }));
}

// A detached thread may still make one that can be joined.
TEST_P(ThreadJoinAnyTest, DetachedThreadsAreWaitedFor) {
  std::atomic<thread_t> child{0};
  Spawn(
      [&] {
        EXPECT_TRUE(Quiesce());  // main sleeps in its join
        Spawn([&] { child = thr_self(); });
      },
      THR_DETACHED);
  thread_t departed = 0;
  EXPECT_EQ(thr_join(0, &departed, nullptr), 0);
  EXPECT_EQ(departed, child);
  EXPECT_EQ(thr_join(0, nullptr, nullptr), EDEADLK);
}

TEST_P(ThreadJoinAnyTest, TheLastDetachedThreadsExitEndsTheWait) {
  for (int round = 0; round < 5; ++round) {
    std::atomic<bool> waited{false};
    Spawn(
        [&] {
          EXPECT_TRUE(Quiesce());  // main sleeps in its join
          waited = true;
        },
        THR_DETACHED);
    EXPECT_EQ(thr_join(0, nullptr, nullptr), EDEADLK);
    EXPECT_TRUE(waited);
  }
}

TEST_P(ThreadJoinAnyTest, ItEndsWhenAllOthersJoinToo) {
  // Whoever closes the circle is refused; the other one is refused as well or
  // gets the thread that was.
  int theirs = 0;
  const thread_t id = Spawn([&] { theirs = thr_join(0, nullptr, nullptr); });
  int joined = 0;
  int error = 0;
  thread_t departed = 0;
  while ((error = thr_join(0, &departed, nullptr)) == 0) {
    EXPECT_EQ(departed, id);
    ++joined;
  }
  EXPECT_EQ(error, EDEADLK);
  if (joined == 0) Join(id);
  EXPECT_LE(joined, 1);
  EXPECT_EQ(theirs, EDEADLK);
}

TEST_P(ThreadJoinAnyTest, AJoinByIdCountsAsAJoinToo) {
  int theirs = 0;
  const thread_t id = Spawn([&] {
    EXPECT_TRUE(Quiesce());  // main sleeps in its join of this thread
    theirs = thr_join(0, nullptr, nullptr);
  });
  Join(id);
  EXPECT_EQ(theirs, EDEADLK);
}

TEST_P(ThreadJoinAnyTest, ADaemonMayWaitForAny) {
  std::atomic<thread_t> got{0};
  Spawn(
      [&] {
        thread_t departed = 0;
        EXPECT_EQ(thr_join(0, &departed, nullptr), 0);
        got = departed;
      },
      THR_DAEMON);
  EXPECT_TRUE(Quiesce());  // the daemon sleeps in its join
  // It is not counted among the joiners: nobody else is left for main.
  EXPECT_EQ(thr_join(0, nullptr, nullptr), EDEADLK);
  const thread_t id = Spawn([] {});
  EXPECT_TRUE(Eventually([&] { return got != 0U; }));
  EXPECT_EQ(got, id);
  EXPECT_EQ(thr_join(id, nullptr, nullptr), ESRCH);
}

// Between the end of a thread and the moment it no longer counts, those that
// joined it may be in their next join already.
TEST_P(ThreadJoinAnyTest, WhoJoinsAgainAtOnceIsCountedOnce) {
  for (int round = 0; round < 100; ++round) {
    const thread_t target = Spawn([] {}, THR_SUSPENDED);
    const thread_t spares[] = {Spawn([] {}, THR_SUSPENDED),
                               Spawn([] {}, THR_SUSPENDED),
                               Spawn([] {}, THR_SUSPENDED)};
    std::atomic<int> refused{0};
    for (size_t i = 0; i < std::size(spares); ++i) {
      Spawn([&] {
        const int error = thr_join(target, nullptr, nullptr);
        EXPECT_TRUE(error == 0 || error == ESRCH) << error;
        // Main runs: this is no deadlock.
        if (thr_join(0, nullptr, nullptr) != 0) ++refused;
      });
    }
    EXPECT_TRUE(Quiesce());  // they sleep in their first joins
    EXPECT_EQ(thr_continue(target), 0);
    EXPECT_TRUE(Quiesce());  // and in their second ones
    for (const thread_t id : spares) EXPECT_EQ(thr_continue(id), 0);
    while (thr_join(0, nullptr, nullptr) == 0) {
    }
    ASSERT_EQ(refused, 0) << "round " << round;
  }
}

TEST_P(ThreadJoinAnyTest, SeveralWaitersShareTheThreads) {
  constexpr int kWaiters = 4;
  constexpr int kTargets = 40;
  std::atomic<int> joined{0};
  std::vector<thread_t> waiters;
  std::vector<std::vector<thread_t>> got(kWaiters);
  std::set<thread_t> targets;
  for (int i = 0; i < kTargets; ++i) {
    targets.insert(Spawn([] { thr_yield(); }, THR_SUSPENDED));
  }
  for (auto& mine : got) {
    waiters.push_back(Spawn([&] {
      thread_t departed = 0;
      while (joined < kTargets && thr_join(0, &departed, nullptr) == 0) {
        mine.push_back(departed);
        ++joined;
      }
    }));
  }
  for (const thread_t id : targets) EXPECT_EQ(thr_continue(id), 0);
  // Main and the waiters get each other too, so that a waiter may be gone
  // already.
  std::vector<thread_t> mine;
  thread_t departed = 0;
  while (thr_join(0, &departed, nullptr) == 0) mine.push_back(departed);
  for (const thread_t id : waiters) {
    const int error = thr_join(id, nullptr, nullptr);
    EXPECT_TRUE(error == 0 || error == ESRCH) << error;
  }
  got.push_back(mine);
  std::set<thread_t> seen;
  for (const auto& list : got) {
    for (const thread_t id : list) EXPECT_TRUE(seen.insert(id).second) << id;
  }
  for (const thread_t id : targets) {
    EXPECT_TRUE(seen.contains(id)) << id;
    EXPECT_EQ(thr_join(id, nullptr, nullptr), ESRCH);
  }
}

TEST_P(ThreadJoinAnyTest, AdoptedThreadsAreNotWaitedFor) {
  std::atomic<thread_t> adopted{0};
  Gate leave;
  LibcThread thread([&] {
    adopted = thr_self();
    leave.Wait();
  });
  EXPECT_TRUE(Eventually([&] { return adopted != 0U; }));
  EXPECT_EQ(thr_join(0, nullptr, nullptr), EDEADLK);
  leave.Open();
}

}  // namespace
}  // namespace lt
