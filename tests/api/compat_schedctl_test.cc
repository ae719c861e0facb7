// SPDX-License-Identifier: MIT
//
// schedctl_init(3).
//
// Whether a thread keeps its LWP can be seen where there is one LWP for all
// unbound threads: in many-to-one.  There a thread of higher priority is made
// runnable by a bound thread while an unbound one computes.

#include <schedctl.h>
#include <sys/time.h>

#include "support/fixture.h"

namespace lt {
namespace {

constexpr hrtime_t kMillisecond = 1'000'000;
constexpr hrtime_t kReprieve = 10 * kMillisecond;
constexpr hrtime_t kLong = 30'000 * kMillisecond;

class SchedctlTest : public ApiTest {
 protected:
  // Whether others are kept from running by what the calling thread does.
  bool CanTell() const {
    return GetParam() == Kind::kUnbound && ModelName() == "many-to-one";
  }
};
LT_OVER_KINDS(SchedctlTest);

// A thread of higher priority, and a bound one that makes it runnable when it
// is told to.
class Rival {
 public:
  Rival() {
    rival_ = SpawnWithFlags([this] { ran_ = true; }, THR_SUSPENDED);
    EXPECT_EQ(thr_setprio(rival_, 10), 0);
    helper_ = SpawnWithFlags(
        [this] {
          while (!wanted_) LetOthersRun();
          EXPECT_EQ(thr_continue(rival_), 0);
          runnable_ = true;
        },
        THR_BOUND);
  }
  Rival(const Rival&) = delete;
  Rival& operator=(const Rival&) = delete;
  ~Rival() {
    Come();
    Join(helper_);
    Join(rival_);
  }
  void Come() { wanted_ = true; }
  bool runnable() const { return runnable_; }
  bool ran() const { return ran_; }

 private:
  std::atomic<bool> wanted_{false};
  std::atomic<bool> runnable_{false};
  std::atomic<bool> ran_{false};
  thread_t rival_ = 0;
  thread_t helper_ = 0;
};

// Computes until `condition` holds; false when it does not for 30 s.
template <typename Condition>
bool ComputeUntil(Condition condition) {
  const hrtime_t end = gethrtime() + kLong;
  while (!condition()) {
    if (gethrtime() > end) return false;
  }
  return true;
}

TEST_P(SchedctlTest, AHandleIsTheThreadsOwnUntilItIsGivenUp) {
  RunThreads(3, [](int) {
    EXPECT_EQ(schedctl_lookup(), nullptr);
    schedctl_t* const handle = schedctl_init();
    ASSERT_NE(handle, nullptr);
    EXPECT_EQ(schedctl_lookup(), handle);
    EXPECT_EQ(schedctl_init(), handle);
    thr_yield();
    EXPECT_EQ(schedctl_lookup(), handle);
    schedctl_exit();
    EXPECT_EQ(schedctl_lookup(), nullptr);
    schedctl_exit();
    // Neither has an effect any more, nor does harm.
    schedctl_start(handle);
    schedctl_stop(handle);
    schedctl_start(nullptr);
    schedctl_stop(nullptr);
  });
}

// The objects of dead threads serve new ones: those begin without a handle.
TEST_P(SchedctlTest, ANewThreadHasNoHandle) {
  for (int i = 0; i < 100; ++i) {
    Join(Spawn([] {
      EXPECT_EQ(schedctl_lookup(), nullptr);
      schedctl_start(schedctl_init());
    }));
  }
}

TEST_P(SchedctlTest, AForeignThreadHasOneToo) {
  ForeignThread foreign([] {
    schedctl_t* const handle = schedctl_init();
    ASSERT_NE(handle, nullptr);
    schedctl_start(handle);
    schedctl_stop(handle);
    EXPECT_EQ(schedctl_lookup(), handle);
    schedctl_exit();
  });
  foreign.Join();
}

// Without a window, a better thread takes the LWP: what the next test rules
// out.
TEST_P(SchedctlTest, OutsideOfAWindowABetterThreadComesInBetween) {
  Join(Spawn([&] {
    Rival rival;
    rival.Come();
    EXPECT_TRUE(ComputeUntil([&] { return rival.ran(); }));
  }));
}

// Within 10 ms nobody takes the LWP, and stop makes up for it.
TEST_P(SchedctlTest, InAWindowTheThreadKeepsItsLwp) {
  Join(Spawn([&] {
    schedctl_t* const handle = schedctl_init();
    int made_up_for = 0;
    int seen = 0;
    const int rounds = CanTell() ? 1000 : 5;
    for (int n = 0; n < rounds && (seen < 5 || made_up_for == 0); ++n) {
      Rival rival;
      const hrtime_t start = gethrtime();
      schedctl_start(handle);
      rival.Come();
      ComputeUntil(
          [&] { return rival.ran() || gethrtime() - start > kReprieve / 2; });
      const bool ran = rival.ran();
      const bool runnable = rival.runnable();
      // A loaded machine may have taken the processor for longer than that.
      const bool in_time = gethrtime() - start < kReprieve;
      schedctl_stop(handle);
      if (!runnable || !in_time || !CanTell()) continue;
      ++seen;
      EXPECT_FALSE(ran);
      if (rival.ran()) ++made_up_for;
    }
    if (CanTell()) {
      EXPECT_GE(seen, 5);
      EXPECT_GT(made_up_for, 0);
    }
  }));
}

// A window that never ends keeps the others waiting for a while only.
TEST_P(SchedctlTest, AWindowIsNotForEver) {
  Join(Spawn([&] {
    Rival rival;
    schedctl_start(schedctl_init());
    rival.Come();
    EXPECT_TRUE(ComputeUntil([&] { return rival.ran(); }));
  }));
}

// Time slices are put off the same: the other one of equal rank comes later.
TEST_P(SchedctlTest, ATimeSliceDoesNotEndForEverEither) {
  std::atomic<bool> ran{false};
  Join(Spawn([&] {
    const thread_t other = Spawn([&] { ran = true; });
    schedctl_start(schedctl_init());
    EXPECT_TRUE(ComputeUntil([&] { return ran.load(); }));
    schedctl_exit();
    Join(other);
  }));
}

// Another thread's handle has no effect on the owner or the caller.
TEST_P(SchedctlTest, AHandleOfAnotherThreadDoesNothing) {
  Join(Spawn([&] {
    schedctl_t* const handle = schedctl_init();
    Join(Spawn([&] {
      schedctl_init();
      schedctl_start(handle);
      Rival rival;
      const hrtime_t start = gethrtime();
      rival.Come();
      EXPECT_TRUE(ComputeUntil([&] { return rival.ran(); }));
      EXPECT_LT(gethrtime() - start, kLong);
      schedctl_stop(handle);
    }));
  }));
}

// Threads that yield, wait and are preempted in windows all get on.
TEST_P(SchedctlTest, WindowsAroundWaitsAndYieldsDoNoHarm) {
  mutex_t lock = DEFAULTMUTEX;
  int total = 0;
  RunThreads(4, [&](int) {
    schedctl_t* const handle = schedctl_init();
    for (int n = 0; n < 500; ++n) {
      schedctl_start(handle);
      EXPECT_EQ(mutex_lock(&lock), 0);
      ++total;
      if (n % 7 == 0) thr_yield();
      EXPECT_EQ(mutex_unlock(&lock), 0);
      schedctl_stop(handle);
    }
  });
  EXPECT_EQ(total, 2000);
}

}  // namespace
}  // namespace lt
