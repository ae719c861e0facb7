// SPDX-License-Identifier: MIT
//
// The word of private mutexes: INV-MU1.

#include "check.h"
#include "sleepers.h"
#include "sync/mutex_word.h"

namespace lt::model {
namespace {

using Word = MutexWord<SleepMachine>;

void Acquire(Thread& self, SleepMachine::Mutex& mutex) {
  if (Word::TryAcquire(self, mutex)) return;
  Critical critical(self);
  Word::LockWoken(self, mutex);
}

// Each thread counts under the mutex, so often.
template <int threads, int rounds>
struct Count : rl::test_suite<Count<threads, rounds>, threads> {
  World world;
  SleepMachine::Mutex mutex;
  Plain<int> count{0};

  void thread(unsigned) {
    for (int i = 0; i < rounds; ++i) {
      Acquire(Self(), mutex);
      count.Set(count.Get() + 1);
      Word::Release(Self(), mutex);
    }
  }
  void after() {
    Require(count.Get() == threads * rounds, "none is lost");
    Require((mutex.word.Newest() & kLocked) == 0, "it is free");
  }
};

using Two = Count<2, 1>;
using TwoTwice = Count<2, 2>;
using Three = Count<3, 1>;

TEST(Mutex, TwoThreadsHold) {
  EXPECT_TRUE(Holds<Two>(kAll));
}
TEST(Mutex, TwoThreadsTwiceHold) {
  EXPECT_TRUE(Holds<TwoTwice>(kAll));
}
TEST(Mutex, ThreeThreadsHold) {
  EXPECT_TRUE(Holds<Three>(kAll));
}

TEST(Mutex, FailsWithoutAcquireInTryAcquire) {
  EXPECT_TRUE(FailsAs<Two>(rl::test_result_data_race, "TryAcquire",
                           Part::kAcquire, kAll));
}
TEST(Mutex, FailsWithoutAcquireInLockWoken) {
  EXPECT_TRUE(FailsAs<Two>(rl::test_result_data_race, "LockWoken",
                           Part::kAcquire, kAll));
}
TEST(Mutex, FailsWithoutReleaseInRelease) {
  EXPECT_TRUE(
      FailsAs<Two>(rl::test_result_data_race, "Release", Part::kRelease, kAll));
}
TEST(Mutex, FailsWhenTryAcquireIsNotOneStep) {
  EXPECT_TRUE(FailsAs<Two>(rl::test_result_data_race, "TryAcquire",
                           Part::kOneStep, kAll));
}
// A bit set between the look and the store is lost, and with it a sleeper.
TEST(Mutex, FailsWhenReleaseIsNotOneStep) {
  EXPECT_TRUE(
      FailsAs<Two>(rl::test_result_deadlock, "Release", Part::kOneStep, kAll));
}
// INV-MU1: who leaves a sleeper behind takes the mutex with kWaiters.
TEST(Mutex, FailsWhenOtherSleepersAreNotSeen) {
  EXPECT_TRUE(FailsAs<Three>(rl::test_result_deadlock, "sleepers are seen",
                             Part::kStep, 3));
}
TEST(Mutex, FailsWhenSleepersEnterTheQueueLate) {
  EXPECT_TRUE(FailsAs<Two>(rl::test_result_deadlock,
                           "sleepers enter the queue first", Part::kStep,
                           kAll));
}

}  // namespace
}  // namespace lt::model
