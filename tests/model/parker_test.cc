// SPDX-License-Identifier: MIT

#include "lwp/parker.h"

#include "check.h"

namespace lt::model {
namespace {

using ModelParker = BasicParker<Machine>;

// One waits for what another leaves.
struct Parcel : rl::test_suite<Parcel, 2> {
  ModelParker parker;
  Plain<int> parcel{0};

  void thread(unsigned index) {
    if (index == 0) {
      Require(parker.Wait(Deadline::Never()), "a token, not the time");
      Require(parcel.Get() == 1, "the parcel is there");
    } else {
      parcel.Set(1);
      parker.Unpark();
    }
  }
  // The owner resets before it is published.
  void before() { parker.Reset(); }
};

// The wait has a deadline, and the token comes before, at or after that.
struct LateParcel : rl::test_suite<LateParcel, 2> {
  ModelParker parker;
  Plain<int> parcel{0};

  void thread(unsigned index) {
    if (index == 0) {
      if (!parker.Wait(Deadline::AtNs(1))) {
        Require(parker.Wait(Deadline::Never()), "the token is not lost");
      }
      Require(parcel.Get() == 1, "the parcel is there");
    } else {
      parcel.Set(1);
      parker.Unpark();
    }
  }
};

// Two post to one, whose second token may be one with the first.
struct TwoParcels : rl::test_suite<TwoParcels, 3> {
  ModelParker parker;
  Plain<int> parcels[2];
  Atomic<int> left{0};

  void thread(unsigned index) {
    if (index == 0) {
      while (left.load(std::memory_order_acquire) != 2) {
        Require(parker.Wait(Deadline::Never()), "a token, not the time");
      }
      Require(parcels[0].Get() + parcels[1].Get() == 2, "both are there");
    } else {
      parcels[index - 1].Set(1);
      left.fetch_add(1, std::memory_order_release);
      parker.Unpark();
    }
  }
};

// Two that wait for each other in turn: tokens of before do not disturb.
struct Turns : rl::test_suite<Turns, 2> {
  ModelParker parker[2];
  Plain<int> turns{0};

  void thread(unsigned index) {
    for (int round = 0; round < 2; ++round) {
      if (index == 1) parker[1].Wait(Deadline::Never());
      Require(turns.Get() == 2 * round + static_cast<int>(index), "its turn");
      turns.Set(turns.Get() + 1);
      parker[1 - index].Unpark();
      if (index == 0) parker[0].Wait(Deadline::Never());
    }
  }
};

TEST(Parker, ATokenHolds) {
  EXPECT_TRUE(Holds<Parcel>(kAll));
}
TEST(Parker, ATokenInTimeOrNotHolds) {
  EXPECT_TRUE(Holds<LateParcel>(kAll));
}
TEST(Parker, TwoTokensHold) {
  EXPECT_TRUE(Holds<TwoParcels>(kAll));
}
TEST(Parker, TurnsHold) {
  EXPECT_TRUE(Holds<Turns>(kAll));
}

TEST(Parker, FailsWithoutReleaseInUnpark) {
  EXPECT_TRUE(FailsAs<Parcel>(rl::test_result_data_race, "Unpark",
                              Part::kRelease, kAll));
}
TEST(Parker, FailsWithoutAcquireInWait) {
  EXPECT_TRUE(
      FailsAs<Parcel>(rl::test_result_data_race, "Wait", Part::kAcquire, kAll));
}
// The token may come between the owner's look and its sleep.
TEST(Parker, FailsWhenSleepDoesNotCompare) {
  EXPECT_TRUE(FailsAs<Parcel>(rl::test_result_deadlock, "futex compares",
                              Part::kStep, kAll));
}

}  // namespace
}  // namespace lt::model
