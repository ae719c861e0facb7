// SPDX-License-Identifier: MIT
//
// Private condition variables: INV-CO1, waits that end by time, and waiters
// that are moved to their mutex.

#include "check.h"
#include "sleepers.h"
#include "sync/cond_queue.h"

namespace lt::model {

using Cond = SleepMachine::Cond;
using Mutex = SleepMachine::Mutex;

// What the algorithm asks of mutexes.
inline bool IsPrivate(const Mutex&) {
  return true;
}
inline bool MutexHeldBy(const Thread& self, const Mutex& mutex) {
  return mutex.owner.load(std::memory_order_relaxed) == self.tag;
}

namespace {

using Queue = CondQueue<SleepMachine>;
using Word = MutexWord<SleepMachine>;

void Lock(Mutex& mutex) {
  if (Word::TryAcquire(Self(), mutex)) return;
  Critical critical(Self());
  Word::LockWoken(Self(), mutex);
}

void Unlock(Mutex& mutex) {
  Word::Release(Self(), mutex);
}

void Release(void* mutex) {
  Unlock(*static_cast<Mutex*>(mutex));
}

// As CondWait().
int Wait(Cond& cond, Mutex& mutex, Deadline deadline = Deadline::Never()) {
  Thread& self = Self();
  Critical critical(self);
  bool moved = false;
  const int error =
      Queue::Sleep(self, cond, mutex, WaitKey(self), deadline, Release, moved);
  if (moved || !Word::TryAcquire(self, mutex)) Word::LockWoken(self, mutex);
  return error;
}

void Signal(Cond& cond) {
  if (!Queue::NothingToSignal(cond)) Queue::Wake(Self(), cond, false);
}

void Broadcast(Cond& cond) {
  if (!Queue::NothingToSignal(cond)) Queue::Wake(Self(), cond, true);
}

struct Scene {
  void CheckEnd() {
    Require((mutex.word.Newest() & kLocked) == 0, "the mutex is free");
    Require(cond.waiters.Newest() == 0, "nobody is counted");
  }
  World world;
  Mutex mutex;
  Cond cond;
  Plain<int> ready{0};
};

// One waits until another has something for it; the signal comes with the mutex
// held or after.
template <bool held>
struct Hand : rl::test_suite<Hand<held>, 2>, Scene {
  void thread(unsigned index) {
    Lock(mutex);
    if (index == 0) {
      while (ready.Get() == 0) Require(Wait(cond, mutex) == 0, "a signal");
    } else {
      ready.Set(1);
      if (held) Signal(cond);
    }
    Unlock(mutex);
    if (index == 1 && !held) Signal(cond);
  }
  void after() { CheckEnd(); }
};

// All that wait go on.
template <bool held>
struct All : rl::test_suite<All<held>, 3>, Scene {
  void thread(unsigned index) {
    Lock(mutex);
    if (index < 2) {
      while (ready.Get() == 0) Require(Wait(cond, mutex) == 0, "a signal");
    } else {
      ready.Set(1);
      if (held) Broadcast(cond);
    }
    Unlock(mutex);
    if (index == 2 && !held) Broadcast(cond);
  }
  void after() { CheckEnd(); }
};

// One waits for a time.
struct Patient : rl::test_suite<Patient, 2>, Scene {
  void thread(unsigned index) {
    Lock(mutex);
    if (index == 0) {
      int error = 0;
      while (ready.Get() == 0 && error == 0) {
        error = Wait(cond, mutex, Deadline::AtNs(1));
      }
      Require(error == 0 || error == ETIME, "a signal, or the time is up");
    } else {
      ready.Set(1);
      Signal(cond);
    }
    Unlock(mutex);
  }
  void after() { CheckEnd(); }
};

// One waits for a time and passes on a signal that it got; it does not take one
// with it when it says that the time was up.
struct Lost : rl::test_suite<Lost, 3>, Scene {
  void thread(unsigned index) {
    Lock(mutex);
    if (index == 0) {
      if (ready.Get() == 0 && Wait(cond, mutex, Deadline::AtNs(1)) == 0) {
        Signal(cond);
      }
    } else if (index == 1) {
      while (ready.Get() == 0) Wait(cond, mutex);
    } else {
      ready.Set(1);
      Signal(cond);
    }
    Unlock(mutex);
  }
  void after() { CheckEnd(); }
};

TEST(Cond, ASignalWithTheMutexHolds) {
  EXPECT_TRUE(Holds<Hand<true>>(kAll));
}
TEST(Cond, ASignalWithoutTheMutexHolds) {
  EXPECT_TRUE(Holds<Hand<false>>(kAll));
}
TEST(Cond, ATimedWaitHolds) {
  EXPECT_TRUE(Holds<Patient>(5));
}
TEST(Cond, ABroadcastWithTheMutexHolds) {
  EXPECT_TRUE(Holds<All<true>>(3));
}
TEST(Cond, ABroadcastWithoutTheMutexHolds) {
  EXPECT_TRUE(Holds<All<false>>(3));
}
TEST(Cond, ASignalAgainstTheTimeHolds) {
  EXPECT_TRUE(Holds<Lost>(2));
}

// The mutex is released once the waiter is in the queue.
TEST(Cond, FailsWhenSleepersEnterTheQueueLate) {
  EXPECT_TRUE(FailsAs<Hand<true>>(rl::test_result_deadlock,
                                  "sleepers enter the queue first", Part::kStep,
                                  kAll));
}
// INV-CO1.
TEST(Cond, FailsWhenWaitersAreCountedLate) {
  EXPECT_TRUE(FailsAs<Hand<true>>(rl::test_result_deadlock,
                                  "counters are raised first", Part::kStep,
                                  kAll));
}
// INV-MU1, for waiters that are moved to the mutex.
TEST(Cond, FailsWhenAMoveDoesNotMark) {
  EXPECT_TRUE(FailsAs<Hand<true>>(rl::test_result_deadlock, "MoveToMutex",
                                  Part::kEffect, kAll));
}
TEST(Cond, FailsWhenOtherSleepersAreNotSeen) {
  EXPECT_TRUE(FailsAs<All<true>>(rl::test_result_deadlock, "sleepers are seen",
                                 Part::kStep, 3));
}
TEST(Cond, FailsWhenASignalledWaiterSaysItIsLate) {
  EXPECT_TRUE(FailsAs<Lost>(rl::test_result_deadlock,
                            "who was woken is not late", Part::kStep, 2));
}
TEST(Cond, FailsWithoutReleaseOfTheMutex) {
  EXPECT_TRUE(FailsAs<Hand<true>>(rl::test_result_data_race, "Release",
                                  Part::kRelease, kAll));
}

}  // namespace
}  // namespace lt::model
