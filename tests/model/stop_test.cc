// SPDX-License-Identifier: MIT
//
// Stopping threads that do not run: INV-ST1, INV-ST2.

#include <ostream>

#include "check.h"
#include "sched/stop_core.h"
#include "sleepers.h"

namespace lt {

// For the checker's report.
inline std::ostream& operator<<(std::ostream& stream, State state) {
  return stream << static_cast<int>(state);
}

}  // namespace lt

namespace lt::model {
namespace {

constexpr uint32_t kReason = 1;

struct Stoppable : Machine {
  struct Thread {
    Atomic<State> state{State::kRunnable};
    Atomic<uint32_t> requests{0};
    Atomic<uint32_t> stops{0};
    uint32_t stop_reasons = 0;
  };
  using LockHolder = SpinLockHolder;

  static SpinLock& StopLock() { return *lock; }
  static bool Withhold(Thread& thread) {
    return StopCore<Stoppable>::Withhold(thread);
  }
  static inline SpinLock* lock;
};
using Core = StopCore<Stoppable>;

// A dispatcher picks a thread from its run queue and runs it, at once or, when
// it was withheld, after it was made ready again.  Others stop the thread, look
// at the registers that it saved if it does not run, and let it go on.
template <int suspenders>
struct Suspend : rl::test_suite<Suspend<suspenders>, 1 + suspenders> {
  SpinLock lock;
  Stoppable::Thread target;
  Token ready;
  Plain<int> registers{0};
  bool ran = false;

  Suspend() {
    Stoppable::lock = &lock;
    Machine::no_membarrier = false;
  }

  void thread(unsigned index) {
    if (index == 0) {
      while (!Core::Claim(target)) ready.Wait(false);
      registers.Set(1);
      ran = true;
    } else {
      Core::AddReason(target, kReason << index);
      Machine::MembarrierAll();
      if (Core::HasStopped(target)) registers.Get();
      bool release = false;
      Core::DropReason(target, kReason << index, release);
      if (release) ready.Post();
    }
  }
  void after() {
    Require(ran, "it was run");
    Require(target.stop_reasons == 0, "no reason is left");
  }
};

using One = Suspend<1>;
using Two = Suspend<2>;

TEST(Suspend, OneSuspenderHolds) {
  EXPECT_TRUE(Holds<One>(kAll));
}
TEST(Suspend, TwoSuspendersHold) {
  EXPECT_TRUE(Holds<Two>(4));
}

TEST(Suspend, FailsWithoutTheBarrier) {
  EXPECT_TRUE(
      FailsAs<One>(rl::test_result_data_race, "membarrier", Part::kStep, kAll));
}
// Who looked at the registers is done before the thread runs.
TEST(Suspend, FailsWithoutReleaseInDropReason) {
  EXPECT_TRUE(FailsAs<One>(rl::test_result_data_race, "DropReason",
                           Part::kRelease, kAll));
}
TEST(Suspend, FailsWithoutAcquireInClaim) {
  EXPECT_TRUE(
      FailsAs<One>(rl::test_result_data_race, "Claim", Part::kAcquire, kAll));
}
TEST(Suspend, FailsWhenTheRequestIsNotSet) {
  EXPECT_TRUE(FailsAs<One>(rl::test_result_data_race, "AddReason",
                           Part::kEffect, kAll));
}

}  // namespace
}  // namespace lt::model
