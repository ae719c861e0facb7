// SPDX-License-Identifier: MIT
//
// rwlock(3) with USYNC_PROCESS, between the threads of one process.

#include <errno.h>

#include <array>
#include <atomic>
#include <vector>

#include "support/fixture.h"
#include "support/shared_memory.h"
#include "support/signals.h"
#include "support/sync_objects.h"

namespace lt {
namespace {

class SharedRwlockTest : public SignalTest {
 protected:
  void SetUp() override {
    SignalTest::SetUp();
    ASSERT_EQ(rwlock_init(rw(), USYNC_PROCESS, nullptr), 0);
  }
  rwlock_t* rw() const { return rw_.get(); }

  int TryElsewhere(int (*lock)(rwlock_t*)) const {
    int result = -1;
    InThread([&] {
      result = lock(rw());
      if (result == 0) {
        EXPECT_EQ(rw_unlock(rw()), 0);
      }
    });
    return result;
  }

  // Waits until a writer is queued at the lock, which readers hold; in a thread
  // that does not hold it.
  ::testing::AssertionResult WriterQueued() const {
    return Eventually([this] {
      const int error = rw_tryrdlock(rw());
      if (error == 0) {
        EXPECT_EQ(rw_unlock(rw()), 0);
      }
      return error == EBUSY;
    });
  }

 private:
  Shared<rwlock_t> rw_;
};

LT_OVER_KINDS(SharedRwlockTest);

TEST_P(SharedRwlockTest, ReadersShareAndWriterExcludes) {
  EXPECT_EQ(rw_rdlock(rw()), 0);
  EXPECT_EQ(TryElsewhere(rw_tryrdlock), 0);
  EXPECT_EQ(TryElsewhere(rw_rdlock), 0);
  EXPECT_EQ(TryElsewhere(rw_trywrlock), EBUSY);
  EXPECT_EQ(rw_unlock(rw()), 0);
  EXPECT_EQ(rw_wrlock(rw()), 0);
  EXPECT_EQ(TryElsewhere(rw_tryrdlock), EBUSY);
  EXPECT_EQ(TryElsewhere(rw_trywrlock), EBUSY);
  EXPECT_EQ(rw_unlock(rw()), 0);
  EXPECT_EQ(TryElsewhere(rw_trywrlock), 0);
}

TEST_P(SharedRwlockTest, LockWhileHoldingIt) {
  InThread([this] {
    EXPECT_EQ(rw_wrlock(rw()), 0);
    EXPECT_EQ(rw_rdlock(rw()), EDEADLK);
    EXPECT_EQ(rw_wrlock(rw()), EDEADLK);
    EXPECT_EQ(rw_tryrdlock(rw()), EBUSY);
    EXPECT_EQ(rw_trywrlock(rw()), EBUSY);
    EXPECT_EQ(rw_unlock(rw()), 0);
    EXPECT_EQ(rw_rdlock(rw()), 0);
    EXPECT_EQ(rw_wrlock(rw()), EDEADLK);
    EXPECT_EQ(rw_trywrlock(rw()), EBUSY);
    EXPECT_EQ(rw_rdlock(rw()), 0);
    EXPECT_EQ(rw_tryrdlock(rw()), 0);
    for (int i = 0; i < 3; ++i) EXPECT_EQ(rw_unlock(rw()), 0);
    EXPECT_EQ(rw_unlock(rw()), EPERM);
  });
  EXPECT_EQ(TryElsewhere(rw_trywrlock), 0);
}

TEST_P(SharedRwlockTest, UnlockByAThreadThatDoesNotHoldItIsEperm) {
  EXPECT_EQ(rw_unlock(rw()), EPERM);
  for (const bool write : {false, true}) {
    EXPECT_EQ(write ? rw_wrlock(rw()) : rw_rdlock(rw()), 0);
    InThread([this] { EXPECT_EQ(rw_unlock(rw()), EPERM); });
    EXPECT_EQ(TryElsewhere(rw_trywrlock), EBUSY);
    EXPECT_EQ(rw_unlock(rw()), 0);
  }
}

TEST_P(SharedRwlockTest, ReadHoldsEndAt100000) {
  InThread([this] {
    for (int i = 0; i < READ_LOCK_MAX; ++i) ASSERT_EQ(rw_rdlock(rw()), 0);
    EXPECT_EQ(rw_rdlock(rw()), EAGAIN);
    EXPECT_EQ(rw_tryrdlock(rw()), EAGAIN);
    for (int i = 0; i < READ_LOCK_MAX; ++i) ASSERT_EQ(rw_unlock(rw()), 0);
    EXPECT_EQ(rw_unlock(rw()), EPERM);
  });
  EXPECT_EQ(TryElsewhere(rw_trywrlock), 0);
}

TEST_P(SharedRwlockTest, HeldPredicatesAreAboutTheCaller) {
  EXPECT_FALSE(RW_LOCK_HELD(rw()));
  EXPECT_EQ(rw_rdlock(rw()), 0);
  EXPECT_TRUE(RW_READ_HELD(rw()));
  EXPECT_FALSE(RW_WRITE_HELD(rw()));
  InThread([this] { EXPECT_FALSE(RW_LOCK_HELD(rw())); });
  EXPECT_EQ(rw_unlock(rw()), 0);
  EXPECT_EQ(rw_wrlock(rw()), 0);
  EXPECT_FALSE(RW_READ_HELD(rw()));
  EXPECT_TRUE(RW_WRITE_HELD(rw()));
  InThread([this] { EXPECT_FALSE(RW_LOCK_HELD(rw())); });
  EXPECT_EQ(rw_unlock(rw()), 0);
  EXPECT_FALSE(RW_LOCK_HELD(rw()));
}

TEST_P(SharedRwlockTest, InitialiserDestroyAndReinitialisation) {
  const rwlock_t initialiser = SHAREDRWLOCK;
  *rw() = initialiser;
  EXPECT_EQ(rw_wrlock(rw()), 0);
  EXPECT_EQ(TryElsewhere(rw_tryrdlock), EBUSY);
  EXPECT_EQ(rwlock_init(rw(), USYNC_PROCESS, nullptr), 0);
  EXPECT_EQ(TryElsewhere(rw_trywrlock), 0);
  EXPECT_EQ(rwlock_destroy(rw()), 0);
}

TEST_P(SharedRwlockTest, HeldAtThreadExitStaysHeld) {
  InThread([this] { EXPECT_EQ(rw_wrlock(rw()), 0); });
  EXPECT_EQ(rw_tryrdlock(rw()), EBUSY);
  EXPECT_EQ(rw_unlock(rw()), EPERM);
  InThread([this] {
    EXPECT_FALSE(RW_LOCK_HELD(rw()));
    EXPECT_EQ(rw_trywrlock(rw()), EBUSY);
  });
  EXPECT_EQ(rwlock_init(rw(), USYNC_PROCESS, nullptr), 0);
  InThread([this] { EXPECT_EQ(rw_rdlock(rw()), 0); });
  EXPECT_EQ(rw_trywrlock(rw()), EBUSY);
  EXPECT_EQ(rw_tryrdlock(rw()), 0);
  EXPECT_EQ(rw_unlock(rw()), 0);
}

TEST_P(SharedRwlockTest, CallsLeaveErrnoAlone) {
  InThread([this] {
    errno = 4711;
    EXPECT_EQ(rw_wrlock(rw()), 0);
    EXPECT_EQ(rw_rdlock(rw()), EDEADLK);
    EXPECT_EQ(rw_unlock(rw()), 0);
    EXPECT_EQ(rw_unlock(rw()), EPERM);
    EXPECT_EQ(errno, 4711);
  });
}

// ---- Who goes before whom ----

// A reader that holds the lock, asleep, until it is told to go on.
class HeldForReading {
 public:
  HeldForReading(rwlock_t* rw, long flags)
      : id_(SpawnWithFlags(
            [this, rw] {
              EXPECT_EQ(rw_rdlock(rw), 0);
              holds_.Open();
              EXPECT_EQ(sema_wait(&release_), 0);
              if (again_) {
                EXPECT_EQ(rw_rdlock(rw), 0);
                EXPECT_EQ(rw_tryrdlock(rw), 0);
                EXPECT_EQ(rw_unlock(rw), 0);
                EXPECT_EQ(rw_unlock(rw), 0);
              }
              EXPECT_EQ(rw_unlock(rw), 0);
            },
            flags)) {
    holds_.Wait();
  }
  // `read_again`: it takes two further read locks before it gives all back.
  void Release(bool read_again = false) {
    again_ = read_again;
    EXPECT_EQ(sema_post(&release_), 0);
    Join(id_);
  }

 private:
  Gate holds_;
  sema_t release_ = DEFAULTSEMA;
  std::atomic<bool> again_{false};
  thread_t id_;
};

TEST_P(SharedRwlockTest, QueuedWriterGoesBeforeNewReaders) {
  HeldForReading first(rw(), Flags());
  std::atomic<int> order{0};
  std::atomic<int> writer_was{0};
  std::atomic<int> reader_was{0};
  const thread_t writer = Spawn([&] {
    EXPECT_EQ(rw_wrlock(rw()), 0);
    writer_was = ++order;
    EXPECT_EQ(rw_unlock(rw()), 0);
  });
  EXPECT_TRUE(WriterQueued());
  const thread_t reader = Spawn([&] {
    EXPECT_EQ(rw_rdlock(rw()), 0);
    reader_was = ++order;
    EXPECT_EQ(rw_unlock(rw()), 0);
  });
  EXPECT_TRUE(Quiesce());
  EXPECT_EQ(order, 0);
  EXPECT_EQ(rw_trywrlock(rw()), EBUSY);
  first.Release();
  Join(writer);
  Join(reader);
  EXPECT_EQ(writer_was, 1);
  EXPECT_EQ(reader_was, 2);
}

TEST_P(SharedRwlockTest, ReaderMayReadAgainWithAQueuedWriter) {
  HeldForReading first(rw(), Flags());
  const thread_t writer = Spawn([&] {
    EXPECT_EQ(rw_wrlock(rw()), 0);
    EXPECT_EQ(rw_unlock(rw()), 0);
  });
  EXPECT_TRUE(WriterQueued());
  first.Release(/*read_again=*/true);
  Join(writer);
}

TEST_P(SharedRwlockTest, ReleaseLetsAllQueuedReadersIn) {
  constexpr int kReaders = 8;
  EXPECT_EQ(rw_wrlock(rw()), 0);
  std::atomic<int> inside{0};
  std::vector<thread_t> ids;
  for (int i = 0; i < kReaders; ++i) {
    ids.push_back(Spawn([&] {
      EXPECT_EQ(rw_rdlock(rw()), 0);
      ++inside;
      EXPECT_TRUE(Eventually([&] { return inside == kReaders; }));
      EXPECT_EQ(rw_unlock(rw()), 0);
    }));
  }
  EXPECT_TRUE(Quiesce());
  EXPECT_EQ(inside, 0);
  EXPECT_EQ(rw_unlock(rw()), 0);
  for (const thread_t id : ids) Join(id);
}

TEST_P(SharedRwlockTest, HandlersDoNotEndTheWaits) {
  const ScopedAction action(SIGUSR1);
  for (const bool write : {false, true}) {
    SCOPED_TRACE(write);
    seen.runs = 0;
    EXPECT_EQ(rw_wrlock(rw()), 0);
    std::atomic<bool> through{false};
    const thread_t id = Spawn([&] {
      EXPECT_EQ(write ? rw_wrlock(rw()) : rw_rdlock(rw()), 0);
      through = true;
      EXPECT_EQ(rw_unlock(rw()), 0);
    });
    EXPECT_TRUE(Quiesce());
    EXPECT_EQ(thr_kill(id, SIGUSR1), 0);
    EXPECT_TRUE(Eventually([] { return seen.runs == 1; }));
    EXPECT_TRUE(Quiesce());
    EXPECT_FALSE(through);
    EXPECT_EQ(thr_suspend(id), 0);
    EXPECT_EQ(rw_unlock(rw()), 0);
    EXPECT_TRUE(Quiesce());
    EXPECT_FALSE(through);
    EXPECT_EQ(thr_continue(id), 0);
    Join(id);
  }
}

// ---- Consistency ----

// Writers change all cells, readers compare them.
class Cells {
 public:
  void Write() {
    const long next = cells_[0] + 1;
    for (size_t i = 0; i < cells_.size(); ++i) {
      cells_[i] = next;
      if (i == 2 && next % 8 == 0) thr_yield();
    }
  }
  bool Agree() const {
    const long first = cells_[0];
    if (first % 4 == 0) thr_yield();
    for (const long cell : cells_) {
      if (cell != first) return false;
    }
    return true;
  }
  long value() const { return cells_[0]; }

 private:
  std::array<long, 5> cells_{};
};

// Writes in every fourth round; every 16th round begins with a try form.
void ReadAndWrite(rwlock_t* rw, Cells* cells, int rounds) {
  for (int i = 0; i < rounds; ++i) {
    const bool write = i % 4 == 0;
    int error = EBUSY;
    if (i % 16 < 4) error = write ? rw_trywrlock(rw) : rw_tryrdlock(rw);
    if (error == EBUSY) error = write ? rw_wrlock(rw) : rw_rdlock(rw);
    EXPECT_EQ(error, 0);
    if (write) {
      cells->Write();
    } else {
      EXPECT_TRUE(cells->Agree());
    }
    EXPECT_EQ(rw_unlock(rw), 0);
  }
}

TEST_P(SharedRwlockTest, DataStaysConsistent) {
  constexpr int kThreads = 8;
  constexpr int kRounds = 2000;
  Cells cells;
  RunThreads(kThreads, [&](int) { ReadAndWrite(rw(), &cells, kRounds); });
  EXPECT_EQ(cells.value(), long{kThreads} * kRounds / 4);
  EXPECT_EQ(TryElsewhere(rw_trywrlock), 0);
}

TEST_P(SharedRwlockTest, DataStaysConsistentBetweenKinds) {
  constexpr int kThreads = 8;
  constexpr int kRounds = 1000;
  Cells cells;
  std::vector<thread_t> ids;
  for (int i = 0; i < kThreads; ++i) {
    ids.push_back(SpawnWithFlags([&] { ReadAndWrite(rw(), &cells, kRounds); },
                                 i % 2 == 0 ? 0 : THR_BOUND));
  }
  ForeignThread([&] { ReadAndWrite(rw(), &cells, kRounds); }).Join();
  for (const thread_t id : ids) Join(id);
  EXPECT_EQ(cells.value(), long{kThreads + 1} * kRounds / 4);
}

// More waiters than LWPs; the holder has to run to let them in.
TEST_P(SharedRwlockTest, ManyWaitersOfOneProcess) {
  constexpr int kWaiters = 60;
  EXPECT_EQ(rw_wrlock(rw()), 0);
  std::atomic<int> begun{0};
  std::atomic<int> through{0};
  std::vector<thread_t> ids;
  for (int i = 0; i < kWaiters; ++i) {
    ids.push_back(Spawn([&, i] {
      ++begun;
      EXPECT_EQ(i % 3 == 0 ? rw_wrlock(rw()) : rw_rdlock(rw()), 0);
      ++through;
      EXPECT_EQ(rw_unlock(rw()), 0);
    }));
  }
  EXPECT_TRUE(Eventually([&] { return begun == kWaiters; }));
  EXPECT_EQ(through, 0);
  EXPECT_EQ(rw_unlock(rw()), 0);
  for (const thread_t id : ids) Join(id);
  EXPECT_EQ(through, kWaiters);
}

}  // namespace
}  // namespace lt
