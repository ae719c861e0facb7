// SPDX-License-Identifier: MIT
//
// thr_join(3) of a thread named by its id.  Joins of any thread (id 0) are in
// thread_join_any_test.cc; main is joined in tests/programs.

#include <errno.h>

#include <algorithm>
#include <cstdint>
#include <vector>

#include "support/fixture.h"

// Exported for other libraries, in no header.
extern "C" int _thr_join(  // NOLINT(bugprone-reserved-identifier)
    thread_t, thread_t*, void**);

namespace lt {
namespace {

using ThreadJoinTest = ApiTest;
LT_OVER_KINDS(ThreadJoinTest);

constexpr thread_t kNobody = 2'000'000'000;

void* AsStatus(intptr_t value) {
  return reinterpret_cast<void*>(value);
}

TEST_P(ThreadJoinTest, WaitsForALiveThread) {
  Gate leave;
  const thread_t id = Spawn([&] {
    leave.Wait();
    thr_exit(AsStatus(5));
  });
  std::atomic<bool> joined{false};
  thread_t departed = 0;
  void* status = nullptr;
  const thread_t joiner = Spawn([&] {
    EXPECT_EQ(thr_join(id, &departed, &status), 0);
    joined = true;
  });
  // The thread polls its gate, so that the process is never quiet here.
  for (int i = 0; i < 100; ++i) thr_yield();
  EXPECT_FALSE(joined);
  leave.Open();
  Join(joiner);
  EXPECT_TRUE(joined);
  EXPECT_EQ(departed, id);
  EXPECT_EQ(status, AsStatus(5));
}

TEST_P(ThreadJoinTest, AThreadThatHasExitedIsJoinedAtOnce) {
  const int before = LiveThreads();
  std::atomic<bool> last_words{false};
  const thread_t id = Spawn([&] {
    last_words = true;
    thr_exit(AsStatus(6));
  });
  EXPECT_TRUE(Eventually([&] { return last_words.load(); }));
  EXPECT_TRUE(Quiesce());
  thread_t departed = 0;
  void* status = nullptr;
  EXPECT_EQ(thr_join(id, &departed, &status), 0);
  EXPECT_EQ(departed, id);
  EXPECT_EQ(status, AsStatus(6));
  EXPECT_EQ(LiveThreads(), before);
}

TEST_P(ThreadJoinTest, BothResultsAreOptional) {
  EXPECT_EQ(thr_join(Spawn([] {}), nullptr, nullptr), 0);
  void* status = nullptr;
  EXPECT_EQ(thr_join(Spawn([] { thr_exit(AsStatus(4)); }), nullptr, &status),
            0);
  EXPECT_EQ(status, AsStatus(4));
  thread_t departed = 0;
  const thread_t id = Spawn([] {});
  EXPECT_EQ(thr_join(id, &departed, nullptr), 0);
  EXPECT_EQ(departed, id);
}

TEST_P(ThreadJoinTest, OneOfSeveralJoinersSucceeds) {
  for (int round = 0; round < 20; ++round) {
    const thread_t target = Spawn([] {}, THR_SUSPENDED);
    constexpr int kJoiners = 5;
    std::vector<int> results(kJoiners, -1);
    std::vector<thread_t> joiners;
    std::atomic<int> arrived{0};
    for (int& result : results) {
      joiners.push_back(Spawn([&] {
        ++arrived;
        result = thr_join(target, nullptr, nullptr);
      }));
    }
    EXPECT_TRUE(Eventually([&] { return arrived == kJoiners; }));
    ASSERT_EQ(thr_continue(target), 0);
    for (const thread_t id : joiners) Join(id);
    EXPECT_EQ(std::count(results.begin(), results.end(), 0), 1);
    EXPECT_EQ(std::count(results.begin(), results.end(), ESRCH), kJoiners - 1);
  }
}

TEST_P(ThreadJoinTest, SeveralJoinersThatSleepAreAllWoken) {
  const thread_t target = Spawn([] {}, THR_SUSPENDED);
  std::atomic<int> succeeded{0};
  std::atomic<int> failed{0};
  std::vector<thread_t> joiners;
  for (int i = 0; i < 4; ++i) {
    joiners.push_back(Spawn([&] {
      const int error = thr_join(target, nullptr, nullptr);
      if (error == 0) ++succeeded;
      if (error == ESRCH) ++failed;
    }));
  }
  EXPECT_TRUE(Quiesce());
  ASSERT_EQ(thr_continue(target), 0);
  for (const thread_t id : joiners) Join(id);
  EXPECT_EQ(succeeded, 1);
  EXPECT_EQ(failed, 3);
}

TEST_P(ThreadJoinTest, AnUnknownIdIsNotFound) {
  EXPECT_EQ(thr_join(kNobody, nullptr, nullptr), ESRCH);
  EXPECT_EQ(thr_join(static_cast<thread_t>(-1), nullptr, nullptr), ESRCH);
  EXPECT_EQ(thr_join(thr_self() + 1000, nullptr, nullptr), ESRCH);
}

TEST_P(ThreadJoinTest, AJoinedThreadIsNotFoundAgain) {
  const thread_t id = Spawn([] {});
  Join(id);
  EXPECT_EQ(thr_join(id, nullptr, nullptr), ESRCH);
}

TEST_P(ThreadJoinTest, ADetachedThreadIsNotFound) {
  const thread_t id = Spawn([] {}, THR_DETACHED | THR_SUSPENDED);
  EXPECT_EQ(thr_join(id, nullptr, nullptr), ESRCH);
  EXPECT_EQ(thr_continue(id), 0);
}

TEST_P(ThreadJoinTest, ADaemonIsNotFound) {
  const thread_t id = Spawn([] {}, THR_DAEMON | THR_SUSPENDED);
  EXPECT_EQ(thr_join(id, nullptr, nullptr), ESRCH);
  EXPECT_EQ(thr_continue(id), 0);
}

TEST_P(ThreadJoinTest, JoiningOneselfIsADeadlock) {
  EXPECT_EQ(thr_join(thr_self(), nullptr, nullptr), EDEADLK);
  int error = 0;
  Join(Spawn([&] { error = thr_join(thr_self(), nullptr, nullptr); }));
  EXPECT_EQ(error, EDEADLK);
}

// Thread i of a ring joins thread i + 1, and the last one would join the first:
// it is refused, and the others get their joins one after the other.
class ThreadJoinRingTest : public ApiTest {
 protected:
  std::vector<int> ResultsOfRing(size_t length) {
    std::vector<thread_t> ids(length);
    std::vector<int> results(length, -1);
    for (size_t i = 0; i < length; ++i) {
      ids[i] = Spawn(
          [&ids, &results, i] {
            results[i] = thr_join(ids[(i + 1) % ids.size()], nullptr, nullptr);
          },
          THR_SUSPENDED);
    }
    for (const thread_t id : ids) {
      EXPECT_EQ(thr_continue(id), 0);
      // All but the last sleep in their joins now.
      if (id != ids.back()) {
        EXPECT_TRUE(Quiesce());
      }
    }
    Join(ids.front());
    return results;
  }
};
LT_OVER_KINDS(ThreadJoinRingTest);

TEST_P(ThreadJoinRingTest, ARingOfTwoIsADeadlock) {
  EXPECT_EQ(ResultsOfRing(2), (std::vector<int>{0, EDEADLK}));
}

TEST_P(ThreadJoinRingTest, ARingOfThreeIsADeadlock) {
  EXPECT_EQ(ResultsOfRing(3), (std::vector<int>{0, 0, EDEADLK}));
}

TEST_P(ThreadJoinRingTest, ARingOfTwentyIsADeadlock) {
  std::vector<int> expected(20, 0);
  expected.back() = EDEADLK;
  EXPECT_EQ(ResultsOfRing(20), expected);
}

TEST_P(ThreadJoinTest, MainMayBePartOfARing) {
  int error = 0;
  const thread_t id = Spawn([&] {
    EXPECT_TRUE(Quiesce());  // main sleeps in its join
    error = thr_join(1, nullptr, nullptr);
  });
  Join(id);
  EXPECT_EQ(error, EDEADLK);
}

TEST_P(ThreadJoinTest, AChainIsNoRing) {
  constexpr int kLength = 20;
  std::vector<thread_t> ids(kLength);
  std::vector<int> results(kLength, -1);
  for (size_t i = 0; i < kLength; ++i) {
    ids[i] = Spawn(
        [&ids, &results, i] {
          results[i] = i == 0 ? 0 : thr_join(ids[i - 1], nullptr, nullptr);
        },
        THR_SUSPENDED);
  }
  for (size_t i = kLength; i-- > 0;) EXPECT_EQ(thr_continue(ids[i]), 0);
  Join(ids.back());
  EXPECT_EQ(results, std::vector<int>(kLength, 0));
}

TEST_P(ThreadJoinTest, AJoinThatFailedLeavesTheThreadJoinable) {
  thread_t second = 0;
  const thread_t first =
      Spawn([&second] { EXPECT_EQ(thr_join(second, nullptr, nullptr), 0); },
            THR_SUSPENDED);
  int refused = 0;
  second = Spawn([&] { refused = thr_join(first, nullptr, nullptr); },
                 THR_SUSPENDED);
  ASSERT_EQ(thr_continue(first), 0);
  EXPECT_TRUE(Quiesce());
  ASSERT_EQ(thr_continue(second), 0);
  Join(first);
  EXPECT_EQ(refused, EDEADLK);
}

TEST_P(ThreadJoinTest, JoinsAcrossKinds) {
  const auto one = [](long flags) {
    return SpawnWithFlags([] { thr_yield(); }, flags);
  };
  Join(Spawn([&] {
    for (int i = 0; i < 50; ++i) {
      Join(one(0));
      Join(one(THR_BOUND));
    }
  }));
}

TEST_P(ThreadJoinTest, AForeignThreadMayJoin) {
  const thread_t ours = Spawn([] { thr_exit(AsStatus(9)); });
  void* status = nullptr;
  ForeignThread([&] { EXPECT_EQ(thr_join(ours, nullptr, &status), 0); }).Join();
  EXPECT_EQ(status, AsStatus(9));
}

TEST_P(ThreadJoinTest, AnAdoptedThreadIsNotJoined) {
  std::atomic<thread_t> adopted{0};
  Gate leave;
  LibcThread thread([&] {
    adopted = thr_self();
    leave.Wait();
  });
  EXPECT_TRUE(Eventually([&] { return adopted != 0U; }));
  EXPECT_EQ(thr_join(adopted, nullptr, nullptr), ESRCH);
  leave.Open();
}

TEST_P(ThreadJoinTest, ManyJoinersEachOfOneThread) {
  constexpr int kPairs = 100;
  std::vector<thread_t> joiners;
  std::atomic<int> joined{0};
  for (int i = 0; i < kPairs; ++i) {
    const thread_t target = Spawn([i] { thr_exit(AsStatus(i)); });
    joiners.push_back(Spawn([&joined, target, i] {
      void* status = nullptr;
      EXPECT_EQ(thr_join(target, nullptr, &status), 0);
      EXPECT_EQ(status, AsStatus(i));
      ++joined;
    }));
  }
  for (const thread_t id : joiners) Join(id);
  EXPECT_EQ(joined, kPairs);
}

TEST_P(ThreadJoinTest, ThePrivateAliasIsTheSameCall) {
  thread_t departed = 0;
  const thread_t id = Spawn([] {});
  EXPECT_EQ(_thr_join(id, &departed, nullptr), 0);
  EXPECT_EQ(departed, id);
}

}  // namespace
}  // namespace lt
