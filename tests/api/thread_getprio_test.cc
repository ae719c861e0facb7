// SPDX-License-Identifier: MIT
//
// thr_getprio(3) and thr_setprio(3).

#include <errno.h>

#include <climits>
#include <vector>

#include "support/fixture.h"

// Exported for other libraries, in no header.
extern "C" int _thr_getprio(  // NOLINT(bugprone-reserved-identifier)
    thread_t, int*);

namespace lt {
namespace {

using ThreadGetprioTest = ApiTest;
LT_OVER_KINDS(ThreadGetprioTest);

constexpr thread_t kNobody = 2'000'000'000;
constexpr int kHighest = 127;

int PriorityOf(thread_t id) {
  int priority = -1;
  EXPECT_EQ(thr_getprio(id, &priority), 0);
  return priority;
}

// Gives thread 1 its priority back at the end.
class MainPriority {
 public:
  explicit MainPriority(int priority) : before_(PriorityOf(1)) {
    EXPECT_EQ(thr_setprio(1, priority), 0);
  }
  MainPriority(const MainPriority&) = delete;
  MainPriority& operator=(const MainPriority&) = delete;
  ~MainPriority() { EXPECT_EQ(thr_setprio(1, before_), 0); }

 private:
  int before_;
};

TEST_P(ThreadGetprioTest, MainStartsAtZero) {
  EXPECT_EQ(PriorityOf(1), 0);
}

TEST_P(ThreadGetprioTest, EveryValueOfTheRangeIsKept) {
  const thread_t id = Spawn([] {}, THR_SUSPENDED);
  for (int priority = 0; priority <= kHighest; ++priority) {
    EXPECT_EQ(thr_setprio(id, priority), 0);
    EXPECT_EQ(PriorityOf(id), priority);
  }
  EXPECT_EQ(thr_continue(id), 0);
  Join(id);
}

TEST_P(ThreadGetprioTest, TheSameValueAgainIsFine) {
  EXPECT_EQ(thr_setprio(thr_self(), PriorityOf(thr_self())), 0);
}

TEST_P(ThreadGetprioTest, OtherValuesAreInvalidAndChangeNothing) {
  const thread_t id = Spawn([] {}, THR_SUSPENDED);
  ASSERT_EQ(thr_setprio(id, 9), 0);
  for (const int priority : {-1, 128, 200, 300, 1000, INT_MIN, INT_MAX}) {
    EXPECT_EQ(thr_setprio(id, priority), EINVAL) << priority;
    EXPECT_EQ(thr_setprio(thr_self(), priority), EINVAL) << priority;
  }
  EXPECT_EQ(PriorityOf(id), 9);
  EXPECT_EQ(thr_continue(id), 0);
  Join(id);
}

TEST_P(ThreadGetprioTest, UnknownThreadsAreNotFound) {
  int priority = 33;
  EXPECT_EQ(thr_getprio(kNobody, &priority), ESRCH);
  EXPECT_EQ(thr_setprio(kNobody, 5), ESRCH);
  const thread_t id = Spawn([] {});
  Join(id);
  EXPECT_EQ(thr_getprio(id, &priority), ESRCH);
  EXPECT_EQ(thr_setprio(id, 5), ESRCH);
  EXPECT_EQ(priority, 33);
}

TEST_P(ThreadGetprioTest, AThreadInheritsWhatItsCreatorHasNow) {
  std::vector<int> seen(3, -1);
  const MainPriority main_priority(40);
  Join(Spawn([&] {
    seen[0] = PriorityOf(thr_self());
    EXPECT_EQ(thr_setprio(thr_self(), 41), 0);
    Join(Spawn([&] { seen[1] = PriorityOf(thr_self()); }));
    seen[2] = PriorityOf(1);
  }));
  EXPECT_EQ(seen, (std::vector<int>{40, 41, 40}));
}

TEST_P(ThreadGetprioTest, AnyThreadMaySetThatOfAnyOther) {
  const thread_t id = Spawn([] {}, THR_SUSPENDED);
  Join(Spawn([&] { EXPECT_EQ(thr_setprio(id, 77), 0); }));
  EXPECT_EQ(PriorityOf(id), 77);
  EXPECT_EQ(thr_continue(id), 0);
  Join(id);
}

TEST_P(ThreadGetprioTest, ThePriorityChangesUnderARunningThread) {
  std::atomic<bool> stop{false};
  const thread_t id =
      Spawn([&] { EXPECT_TRUE(Eventually([&] { return stop.load(); })); });
  {
    // Below a thread that only yields main would not run again.
    const MainPriority main_priority(kHighest);
    for (int i = 0; i < 500; ++i) {
      EXPECT_EQ(thr_setprio(id, i % (kHighest + 1)), 0);
      if (i % 16 == 0) thr_yield();
    }
    EXPECT_EQ(thr_setprio(id, 0), 0);
  }
  stop = true;
  Join(id);
}

TEST_P(ThreadGetprioTest, AForeignThreadHasOneToo) {
  int before = -1;
  int after = -1;
  ForeignThread([&] {
    EXPECT_EQ(thr_getprio(thr_self(), &before), 0);
    EXPECT_EQ(thr_setprio(thr_self(), 20), 0);
    EXPECT_EQ(thr_getprio(thr_self(), &after), 0);
  }).Join();
  EXPECT_GE(before, 0);
  EXPECT_LE(before, kHighest);
  EXPECT_EQ(after, 20);
}

TEST_P(ThreadGetprioTest, ThePrivateAliasIsTheSameCall) {
  int priority = -1;
  EXPECT_EQ(_thr_getprio(thr_self(), &priority), 0);
  EXPECT_EQ(priority, PriorityOf(thr_self()));
}

// The order in which unbound threads get the one LWP of many-to-one.
class ThreadPriorityOrderTest : public ModelTest {
 protected:
  // Makes a thread for each priority, lets main sleep and says in which order
  // they ran.
  std::vector<int> OrderOf(const std::vector<int>& priorities) {
    std::vector<int> order;
    mutex_t mutex = DEFAULTMUTEX;
    std::vector<thread_t> ids;
    {
      // Nobody takes the LWP before all are ready.
      const MainPriority main_priority(kHighest);
      for (const int priority : priorities) {
        ids.push_back(SpawnWithFlags(
            [&, priority] {
              EXPECT_EQ(mutex_lock(&mutex), 0);
              order.push_back(priority);
              EXPECT_EQ(mutex_unlock(&mutex), 0);
            },
            THR_SUSPENDED));
        EXPECT_EQ(thr_setprio(ids.back(), priority), 0);
      }
      for (const thread_t id : ids) EXPECT_EQ(thr_continue(id), 0);
      for (const thread_t id : ids) Join(id);
    }
    return order;
  }
};

TEST_F(ThreadPriorityOrderTest, TheHighestRunsFirst) {
  const std::vector<int> order = OrderOf({3, 100, 0, 50, 127, 1, 64});
  EXPECT_EQ(order.size(), 7U);
  if (ModelName() == "many-to-one") {
    EXPECT_EQ(order, (std::vector<int>{127, 100, 64, 50, 3, 1, 0}));
  }
}

TEST_F(ThreadPriorityOrderTest, AYieldGoesToEqualsAndHigherOnly) {
  std::atomic<bool> low_ran{false};
  std::atomic<bool> equal_ran{false};
  const MainPriority main_priority(60);
  const thread_t low = SpawnWithFlags([&] { low_ran = true; }, THR_SUSPENDED);
  const thread_t equal =
      SpawnWithFlags([&] { equal_ran = true; }, THR_SUSPENDED);
  ASSERT_EQ(thr_setprio(low, 59), 0);
  ASSERT_EQ(thr_continue(low), 0);
  for (int i = 0; i < 100; ++i) thr_yield();
  if (ModelName() == "many-to-one") {
    EXPECT_FALSE(low_ran);
  }
  ASSERT_EQ(thr_continue(equal), 0);
  for (int i = 0; i < 100; ++i) thr_yield();
  if (ModelName() == "many-to-one") {
    EXPECT_TRUE(equal_ran);
    EXPECT_FALSE(low_ran);
  }
  Join(low);
  Join(equal);
  EXPECT_TRUE(low_ran);
  EXPECT_TRUE(equal_ran);
}

TEST_F(ThreadPriorityOrderTest, APriorityRaisedWhileItWaitsCounts) {
  std::vector<int> order;
  mutex_t mutex = DEFAULTMUTEX;
  const auto note = [&](int who) {
    return [&, who] {
      EXPECT_EQ(mutex_lock(&mutex), 0);
      order.push_back(who);
      EXPECT_EQ(mutex_unlock(&mutex), 0);
    };
  };
  {
    const MainPriority main_priority(kHighest);
    const thread_t first = SpawnWithFlags(note(1), THR_SUSPENDED);
    const thread_t second = SpawnWithFlags(note(2), THR_SUSPENDED);
    ASSERT_EQ(thr_setprio(first, 10), 0);
    ASSERT_EQ(thr_setprio(second, 10), 0);
    // Where the two run at once, neither ends before its priority is set.
    ASSERT_EQ(mutex_lock(&mutex), 0);
    ASSERT_EQ(thr_continue(first), 0);
    ASSERT_EQ(thr_continue(second), 0);
    ASSERT_EQ(thr_setprio(second, 20), 0);  // it is in the run queue by now
    ASSERT_EQ(mutex_unlock(&mutex), 0);
    Join(first);
    Join(second);
  }
  ASSERT_EQ(order.size(), 2U);
  if (ModelName() == "many-to-one") {
    EXPECT_EQ(order, (std::vector<int>{2, 1}));
  }
}

}  // namespace
}  // namespace lt
