// SPDX-License-Identifier: MIT
//
// rwlock(3): who goes before whom, hand-over, consistency under load.

#include <errno.h>

#include <array>
#include <atomic>
#include <vector>

#include "support/fixture.h"
#include "support/sync_objects.h"

namespace lt {
namespace {

class RwlockOrderTest : public SyncTest {
 protected:
  // Waits until a writer is queued at `rw`, which readers hold: from then on a
  // new reader of the writer's priority is turned away.  Call it in a thread
  // that does not hold `rw`.
  static ::testing::AssertionResult WriterQueued(rwlock_t* rw) {
    return Eventually([rw] {
      const int error = rw_tryrdlock(rw);
      if (error == 0) {
        EXPECT_EQ(rw_unlock(rw), 0);
      }
      return error == EBUSY;
    });
  }
};

LT_OVER_KINDS(RwlockOrderTest);

// A reader that holds `rw` until it is told to go on.  It sleeps meanwhile: a
// thread that polls would disturb Quiesce().
class HeldForReading {
 public:
  HeldForReading(rwlock_t* rw, long flags)
      : id_(SpawnWithFlags(
            [this, rw] {
              EXPECT_EQ(rw_rdlock(rw), 0);
              holds_.Open();
              EXPECT_EQ(sema_wait(&release_), 0);
              if (again_.load()) {
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

TEST_P(RwlockOrderTest, QueuedWriterGoesBeforeNewReaders) {
  rwlock_t rw = DEFAULTRWLOCK;
  HeldForReading first(&rw, Flags());
  std::atomic<int> order{0};
  int writer_was = 0;
  std::atomic<int> reader_was{0};
  const thread_t writer = Spawn([&] {
    EXPECT_EQ(rw_wrlock(&rw), 0);
    writer_was = ++order;
    EXPECT_EQ(rw_unlock(&rw), 0);
  });
  EXPECT_TRUE(WriterQueued(&rw));
  const thread_t reader = Spawn([&] {
    EXPECT_EQ(rw_rdlock(&rw), 0);
    reader_was = ++order;
    EXPECT_EQ(rw_unlock(&rw), 0);
  });
  EXPECT_TRUE(Quiesce());
  EXPECT_EQ(order.load(), 0);
  first.Release();
  Join(writer);
  Join(reader);
  EXPECT_EQ(writer_was, 1);
  EXPECT_EQ(reader_was.load(), 2);
}

TEST_P(RwlockOrderTest, ReaderMayReadAgainWithAQueuedWriter) {
  rwlock_t rw = DEFAULTRWLOCK;
  HeldForReading first(&rw, Flags());
  const thread_t writer = Spawn([&] {
    EXPECT_EQ(rw_wrlock(&rw), 0);
    EXPECT_EQ(rw_unlock(&rw), 0);
  });
  EXPECT_TRUE(WriterQueued(&rw));
  first.Release(/*read_again=*/true);
  Join(writer);
}

TEST_P(RwlockOrderTest, TrywrlockWithAQueuedWriter) {
  rwlock_t rw = DEFAULTRWLOCK;
  HeldForReading first(&rw, Flags());
  const thread_t writer = Spawn([&] {
    EXPECT_EQ(rw_wrlock(&rw), 0);
    EXPECT_EQ(rw_unlock(&rw), 0);
  });
  EXPECT_TRUE(WriterQueued(&rw));
  EXPECT_EQ(rw_trywrlock(&rw), EBUSY);
  first.Release();
  Join(writer);
  EXPECT_EQ(rw_trywrlock(&rw), 0);
  EXPECT_EQ(rw_unlock(&rw), 0);
}

TEST_P(RwlockOrderTest, ReaderOfHigherPriorityPassesTheQueuedWriter) {
  rwlock_t rw = DEFAULTRWLOCK;
  HeldForReading first(&rw, Flags());
  std::atomic<bool> wrote{false};
  const thread_t writer = Spawn([&] {
    EXPECT_EQ(rw_wrlock(&rw), 0);
    wrote = true;
    EXPECT_EQ(rw_unlock(&rw), 0);
  });
  EXPECT_TRUE(WriterQueued(&rw));
  InThread([&] {
    EXPECT_EQ(thr_setprio(thr_self(), 50), 0);
    EXPECT_EQ(rw_tryrdlock(&rw), 0);
    EXPECT_EQ(rw_unlock(&rw), 0);
    EXPECT_EQ(rw_rdlock(&rw), 0);
    EXPECT_EQ(rw_unlock(&rw), 0);
    EXPECT_FALSE(wrote.load());
  });
  first.Release();
  Join(writer);
}

// The lock belongs to the first queued writer at once, before that one runs.
TEST_P(RwlockOrderTest, ReleaseHandsTheLockToTheQueuedWriter) {
  for (const bool by_reader : {true, false}) {
    SCOPED_TRACE(by_reader);
    rwlock_t rw = DEFAULTRWLOCK;
    EXPECT_EQ(by_reader ? rw_rdlock(&rw) : rw_wrlock(&rw), 0);
    Gate go;
    const thread_t writer = Spawn([&] {
      EXPECT_EQ(rw_wrlock(&rw), 0);
      EXPECT_TRUE(RW_WRITE_HELD(&rw));
      go.Wait();
      EXPECT_EQ(rw_unlock(&rw), 0);
    });
    EXPECT_TRUE(Quiesce());
    EXPECT_EQ(rw_unlock(&rw), 0);
    EXPECT_EQ(rw_trywrlock(&rw), EBUSY);
    EXPECT_EQ(rw_tryrdlock(&rw), EBUSY);
    EXPECT_FALSE(RW_WRITE_HELD(&rw));
    EXPECT_EQ(rw_unlock(&rw), EPERM);
    go.Open();
    Join(writer);
    EXPECT_EQ(rw_trywrlock(&rw), 0);
    EXPECT_EQ(rw_unlock(&rw), 0);
  }
}

// Of several queued writers one runs at a time; the one that comes first in
// priority is the first to get the lock.
TEST_P(RwlockOrderTest, QueuedWritersByPriority) {
  constexpr std::array<int, 4> kPriorities = {10, 40, 20, 30};
  rwlock_t rw = DEFAULTRWLOCK;
  ASSERT_EQ(rw_wrlock(&rw), 0);
  std::vector<int> order;
  std::vector<thread_t> ids;
  for (const int priority : kPriorities) {
    ids.push_back(Spawn([&, priority] {
      EXPECT_EQ(thr_setprio(thr_self(), priority), 0);
      EXPECT_EQ(rw_wrlock(&rw), 0);
      order.push_back(priority);
      EXPECT_EQ(rw_unlock(&rw), 0);
    }));
  }
  EXPECT_TRUE(Quiesce());
  EXPECT_TRUE(order.empty());
  EXPECT_EQ(rw_unlock(&rw), 0);
  for (const thread_t id : ids) Join(id);
  EXPECT_EQ(order, (std::vector<int>{40, 30, 20, 10}));
}

TEST_P(RwlockOrderTest, ReleaseLetsAllQueuedReadersIn) {
  constexpr int kReaders = 8;
  rwlock_t rw = DEFAULTRWLOCK;
  ASSERT_EQ(rw_wrlock(&rw), 0);
  std::atomic<int> inside{0};
  std::vector<thread_t> ids;
  for (int i = 0; i < kReaders; ++i) {
    ids.push_back(Spawn([&] {
      EXPECT_EQ(rw_rdlock(&rw), 0);
      ++inside;
      EXPECT_TRUE(Eventually([&] { return inside.load() == kReaders; }));
      EXPECT_EQ(rw_unlock(&rw), 0);
    }));
  }
  EXPECT_TRUE(Quiesce());
  EXPECT_EQ(inside.load(), 0);
  EXPECT_EQ(rw_unlock(&rw), 0);
  for (const thread_t id : ids) Join(id);
}

// Writers change all cells, readers compare them: a reader that meets a writer
// inside sees a difference.
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

// Reads in 3 of 4 rounds, writes in the fourth; every 16th round with try
// forms.
void ReadAndWrite(rwlock_t* rw, Cells* cells, int rounds) {
  for (int i = 0; i < rounds; ++i) {
    const bool write = i % 4 == 0;
    const bool try_first = i % 16 < 4;
    int error = EBUSY;
    if (try_first) error = write ? rw_trywrlock(rw) : rw_tryrdlock(rw);
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

TEST_P(RwlockOrderTest, DataStaysConsistent) {
  constexpr int kThreads = 8;
  constexpr int kRounds = 4000;
  rwlock_t rw = DEFAULTRWLOCK;
  Cells cells;
  RunThreads(kThreads, [&](int) { ReadAndWrite(&rw, &cells, kRounds); });
  EXPECT_EQ(cells.value(), long{kThreads} * kRounds / 4);
  EXPECT_EQ(rw_trywrlock(&rw), 0);
  EXPECT_EQ(rw_unlock(&rw), 0);
}

class RwlockMixedKindsTest : public ModelTest {};

TEST_F(RwlockMixedKindsTest, DataStaysConsistent) {
  constexpr int kThreads = 8;
  constexpr int kRounds = 4000;
  rwlock_t rw = DEFAULTRWLOCK;
  Cells cells;
  std::vector<thread_t> ids;
  for (int i = 0; i < kThreads; ++i) {
    ids.push_back(SpawnWithFlags([&] { ReadAndWrite(&rw, &cells, kRounds); },
                                 i % 2 == 0 ? 0 : THR_BOUND));
  }
  for (const thread_t id : ids) Join(id);
  EXPECT_EQ(cells.value(), long{kThreads} * kRounds / 4);
}

}  // namespace
}  // namespace lt
