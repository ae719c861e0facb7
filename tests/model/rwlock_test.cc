// SPDX-License-Identifier: MIT
//
// The word of private readers/writer locks: INV-RW1, INV-RW2.

#include "check.h"
#include "sleepers.h"
#include "sync/rwlock_word.h"

namespace lt::model {
namespace {

using Word = RwlockWord<SleepMachine>;
using Rwlock = SleepMachine::Rwlock;

void ReadLock(Rwlock& lock) {
  if (Word::AddReaderFast(lock)) return;
  Critical critical(Self());
  Word::Read(Self(), lock);
}

bool TryReadLock(Rwlock& lock) {
  if (Word::AddReaderFast(lock)) return true;
  Critical critical(Self());
  return Word::TryRead(Self(), lock);
}

void WriteLock(Rwlock& lock) {
  if (Word::AddWriterFast(Self(), lock)) return;
  Critical critical(Self());
  Word::Write(Self(), lock);
}

void Unlock(Rwlock& lock, uint32_t held) {
  if (Word::RemoveFast(lock, held)) return;
  Critical critical(Self());
  Word::Remove(lock, held);
}

// The first threads write, the others read; the last of these may just try.
template <int writers, int readers, bool last_tries = false>
struct Mixed
    : rl::test_suite<Mixed<writers, readers, last_tries>, writers + readers> {
  static constexpr unsigned kLast = writers + readers - 1;

  World world;
  Rwlock lock;
  Plain<int> pages[2];

  void thread(unsigned index) {
    if (index < writers) {
      WriteLock(lock);
      for (Plain<int>& page : pages) page.Set(page.Get() + 1);
      Unlock(lock, kRwWriter);
    } else if (!last_tries || index != kLast) {
      ReadLock(lock);
      Read();
    } else if (TryReadLock(lock)) {
      Read();
    }
  }
  void Read() {
    Require(pages[0].Get() == pages[1].Get(), "no writer is here");
    Unlock(lock, 1);
  }
  void after() {
    Require(pages[1].Get() == writers, "no write is lost");
    Require(lock.word.Newest() == 0, "it is free");
  }
};

// One of two readers comes after the lock was handed over to the other.
struct LateReader : rl::test_suite<LateReader, 3> {
  World world;
  Rwlock lock;
  Plain<int> page{0};

  void thread(unsigned index) {
    if (index == 0) {
      if (!Word::AddWriterFast(Self(), lock)) return;
      page.Set(1);
      Unlock(lock, kRwWriter);
    } else {
      ReadLock(lock);
      page.Get();  // and keeps the lock
    }
  }
};

using WriterAndReader = Mixed<1, 1>;
using TwoWriters = Mixed<2, 0>;
using TwoReaders = Mixed<1, 2>;
using ReaderBetween = Mixed<2, 1>;

TEST(Rwlock, AWriterAndAReaderHold) {
  EXPECT_TRUE(Holds<WriterAndReader>(kAll));
}
TEST(Rwlock, TwoWritersHold) {
  EXPECT_TRUE(Holds<TwoWriters>(kAll));
}
TEST(Rwlock, AWriterAndTwoReadersHold) {
  EXPECT_TRUE(Holds<TwoReaders>(5));
}
TEST(Rwlock, TwoWritersAndAReaderHold) {
  EXPECT_TRUE(Holds<ReaderBetween>(kAll));
}
TEST(Rwlock, AReaderThatTriesHolds) {
  EXPECT_TRUE((Holds<Mixed<2, 1, true>>(4)));
}

TEST(Rwlock, FailsWithoutAcquireInAddReaderFast) {
  EXPECT_TRUE(FailsAs<WriterAndReader>(rl::test_result_data_race,
                                       "AddReaderFast", Part::kAcquire, kAll));
}
TEST(Rwlock, FailsWithoutAcquireInAddWriterFast) {
  EXPECT_TRUE(FailsAs<WriterAndReader>(rl::test_result_data_race,
                                       "AddWriterFast", Part::kAcquire, kAll));
}
TEST(Rwlock, FailsWithoutReleaseInRemoveFast) {
  EXPECT_TRUE(FailsAs<WriterAndReader>(rl::test_result_data_race, "RemoveFast",
                                       Part::kRelease, kAll));
}
TEST(Rwlock, FailsWithoutAcquireInAddReader) {
  EXPECT_TRUE(FailsAs<WriterAndReader>(rl::test_result_data_race, "AddReader",
                                       Part::kAcquire, kAll));
}
TEST(Rwlock, FailsWithoutAcquireInAddWriter) {
  EXPECT_TRUE(FailsAs<TwoWriters>(rl::test_result_data_race, "AddWriter",
                                  Part::kAcquire, kAll));
}
// A reader that comes after the hand-over has been woken by nobody.  (To the
// checker, as to C++ before 2020, the hand-over's store says what the same
// thread's Remove() has released; so that goes as well.)
TEST(Rwlock, AHandOverHoldsByItself) {
  EXPECT_TRUE(model::Run<LateReader>(4, {"Remove", Part::kRelease},
                                     rl::test_result_success));
}
TEST(Rwlock, FailsWithoutReleaseInHandOver) {
  EXPECT_TRUE(FailsAs<LateReader>(rl::test_result_data_race, "Remove,HandOver",
                                  Part::kRelease, 4));
}
TEST(Rwlock, FailsWhenAddReaderFastIsNotOneStep) {
  EXPECT_TRUE(FailsAs<WriterAndReader>(rl::test_result_data_race,
                                       "AddReaderFast", Part::kOneStep, kAll));
}
TEST(Rwlock, FailsWhenRemoveFastIsNotOneStep) {
  EXPECT_TRUE(FailsAs<WriterAndReader>(rl::test_result_deadlock, "RemoveFast",
                                       Part::kOneStep, kAll));
}
// INV-RW1: a bit set after the lock was given free wakes nobody.
TEST(Rwlock, FailsWhenAddWriterIsNotOneStep) {
  EXPECT_TRUE(FailsAs<TwoWriters>(rl::test_result_deadlock, "AddWriter",
                                  Part::kOneStep, kAll));
}
// INV-RW2: the lock is handed over, and not just free.
TEST(Rwlock, FailsWhenHandOverSeesNoSleepers) {
  EXPECT_TRUE(FailsAs<WriterAndReader>(rl::test_result_deadlock,
                                       "sleepers are seen", Part::kStep, kAll));
}
TEST(Rwlock, FailsWhenSleepersEnterTheQueueLate) {
  EXPECT_TRUE(FailsAs<WriterAndReader>(rl::test_result_deadlock,
                                       "sleepers enter the queue first",
                                       Part::kStep, kAll));
}

}  // namespace
}  // namespace lt::model
