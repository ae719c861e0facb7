// SPDX-License-Identifier: MIT
//
// The word of private semaphores: INV-SE1, INV-SE2.

#include "check.h"
#include "sleepers.h"
#include "sync/sema_word.h"

namespace lt::model {
namespace {

using Word = SemaWord<SleepMachine>;
using Sema = SleepMachine::Sema;

int Wait(Sema& sema, Deadline deadline = Deadline::Never()) {
  if (Word::TakePlain(sema) || Word::Take(sema)) return 0;
  Critical critical(Self());
  return Word::Wait(Self(), sema, deadline);
}

void Post(Sema& sema) {
  if (Word::PostPlain(sema)) return;
  Require(Word::PostSlow(Self(), sema) == 0, "the count has room");
}

uint32_t Count(const Sema& sema) {
  return SemaCount(sema.word.Newest());
}

// One waits for each of what another leaves.
template <int parcels>
struct Deliver : rl::test_suite<Deliver<parcels>, 2> {
  World world;
  Sema sema;
  Plain<int> parcel[parcels];

  void thread(unsigned index) {
    for (Plain<int>& each : parcel) {
      if (index == 0) {
        Require(Wait(sema) == 0, "a unit");
        Require(each.Get() == 1, "the parcel is there");
      } else {
        each.Set(1);
        Post(sema);
      }
    }
  }
  void after() { Require(Count(sema) == 0, "each unit was taken"); }
};

// Two wait, of whom each gets a unit.
struct TwoWait : rl::test_suite<TwoWait, 3> {
  World world;
  Sema sema;

  void thread(unsigned index) {
    if (index == 2) {
      Post(sema);
      Post(sema);
    } else {
      Require(Wait(sema) == 0, "a unit");
    }
  }
  void after() { Require(Count(sema) == 0, "each unit was taken"); }
};

// With one unit it is a lock.
template <int threads>
struct AsLock : rl::test_suite<AsLock<threads>, threads> {
  World world;
  Sema sema;
  Plain<int> count{0};

  void before() { Post(sema); }
  void thread(unsigned) {
    Wait(sema);
    count.Set(count.Get() + 1);
    Post(sema);
  }
  void after() {
    Require(count.Get() == threads, "none is lost");
    Require(Count(sema) == 1, "the unit is back");
  }
};

// One gives up after a time, another does not; between them they do not lose
// the unit that a third one posts.
struct GiveUp : rl::test_suite<GiveUp, 3> {
  World world;
  Sema sema;
  Plain<int> parcel{0};

  void thread(unsigned index) {
    if (index == 0) {
      const int error = Wait(sema, Deadline::AtNs(1));
      Require(error == 0 || error == ETIME, "a unit, or the time is up");
      if (error == 0) Take();
    } else if (index == 1) {
      Wait(sema);
      Take();
    } else {
      parcel.Set(1);
      Post(sema);
    }
  }
  void Take() {
    Require(parcel.Get() == 1, "the parcel is there");
    Post(sema);
  }
  void after() { Require(Count(sema) == 1, "the unit is back"); }
};

// A wait that ended leaves the mark; the next unit takes it away.
struct Marked : rl::test_suite<Marked, 2> {
  World world;
  Sema sema;
  Plain<int> parcel{0};

  void thread(unsigned index) {
    if (index == 0) {
      if (Wait(sema, Deadline::AtNs(1)) != 0 && !Word::Take(sema)) return;
      Require(parcel.Get() == 1, "the parcel is there");
      Post(sema);
    } else {
      parcel.Set(1);
      Post(sema);
    }
  }
  void after() { Require(Count(sema) == 1, "the unit is there"); }
};

// Two post, the second perhaps where the first has just taken the mark away.
struct TwoPost : rl::test_suite<TwoPost, 3> {
  World world;
  Sema sema;
  Plain<int> parcel[2];

  void thread(unsigned index) {
    if (index == 0) {
      int units = Wait(sema, Deadline::AtNs(1)) == 0 ? 1 : 0;
      while (Word::Take(sema)) ++units;
      if (units == 2) {
        Require(parcel[0].Get() + parcel[1].Get() == 2, "both are there");
      }
    } else {
      parcel[index - 1].Set(1);
      Post(sema);
    }
  }
};

using One = Deliver<1>;
using Two = Deliver<2>;

TEST(Sema, OneUnitHolds) {
  EXPECT_TRUE(Holds<One>(kAll));
}
TEST(Sema, TwoUnitsHold) {
  EXPECT_TRUE(Holds<Two>(kAll));
}
TEST(Sema, TwoWaitersHold) {
  EXPECT_TRUE(Holds<TwoWait>(3));
}
TEST(Sema, ALockOfTwoHolds) {
  EXPECT_TRUE(Holds<AsLock<2>>(kAll));
}
TEST(Sema, ALockOfThreeHolds) {
  EXPECT_TRUE(Holds<AsLock<3>>(3));
}
TEST(Sema, GivingUpHolds) {
  EXPECT_TRUE(Holds<GiveUp>(3));
}
TEST(Sema, AMarkHolds) {
  EXPECT_TRUE(Holds<Marked>(kAll));
}

TEST(Sema, TwoPostersHold) {
  EXPECT_TRUE(Holds<TwoPost>(3));
}

TEST(Sema, FailsWithoutReleaseInPostPlain) {
  EXPECT_TRUE(FailsAs<One>(rl::test_result_data_race, "PostPlain",
                           Part::kRelease, kAll));
}
TEST(Sema, FailsWithoutAcquireInTakePlain) {
  EXPECT_TRUE(FailsAs<One>(rl::test_result_data_race, "TakePlain",
                           Part::kAcquire, kAll));
}
TEST(Sema, FailsWithoutAcquireInTake) {
  EXPECT_TRUE(
      FailsAs<Marked>(rl::test_result_data_race, "Take", Part::kAcquire, kAll));
}
TEST(Sema, FailsWithoutAcquireInTakeOrMark) {
  EXPECT_TRUE(FailsAs<One>(rl::test_result_data_race, "TakeOrMark",
                           Part::kAcquire, kAll));
}
TEST(Sema, FailsWithoutReleaseInPostSlow) {
  EXPECT_TRUE(FailsAs<TwoPost>(rl::test_result_data_race, "PostSlow",
                               Part::kRelease, 3));
}
TEST(Sema, FailsWithoutReleaseInTakeSleeper) {
  EXPECT_TRUE(FailsAs<Marked>(rl::test_result_data_race, "TakeSleeper",
                              Part::kRelease, kAll));
}
// INV-SE2: a unit that comes between the look and the mark is lost.
TEST(Sema, FailsWhenTakeOrMarkIsNotOneStep) {
  EXPECT_TRUE(FailsAs<One>(rl::test_result_deadlock, "TakeOrMark",
                           Part::kOneStep, kAll));
}
TEST(Sema, FailsWhenPostPlainIsNotOneStep) {
  EXPECT_TRUE(FailsAs<One>(rl::test_result_deadlock, "PostPlain",
                           Part::kOneStep, kAll));
}
// INV-SE1.
TEST(Sema, FailsWhenSleepersEnterTheQueueLate) {
  EXPECT_TRUE(FailsAs<One>(rl::test_result_deadlock,
                           "sleepers enter the queue first", Part::kStep,
                           kAll));
}

}  // namespace
}  // namespace lt::model
