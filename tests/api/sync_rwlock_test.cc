// SPDX-License-Identifier: MIT
//
// rwlock(3): objects, who may hold what, error numbers.

#include <errno.h>

#include <array>
#include <atomic>
#include <cstdlib>
#include <cstring>
#include <random>
#include <vector>

#include "support/fixture.h"
#include "support/sync_objects.h"

namespace lt {
namespace {

// The most read holds of one lock that one thread may have.
constexpr int kMaxReadHolds = 100'000;

rwlock_t bss_rwlock;

class RwlockTest : public SyncTest {
 protected:
  // What the try forms say to a thread that holds nothing; a lock they got is
  // given back.
  int TryReadElsewhere(rwlock_t* rw) const {
    return TryElsewhere(rw, rw_tryrdlock);
  }
  int TryWriteElsewhere(rwlock_t* rw) const {
    return TryElsewhere(rw, rw_trywrlock);
  }

  // Whether `rw` works as a lock that nobody holds.
  void ExpectFree(rwlock_t* rw) const {
    EXPECT_EQ(TryWriteElsewhere(rw), 0);
    EXPECT_EQ(TryReadElsewhere(rw), 0);
    InThread([&] {
      EXPECT_EQ(rw_rdlock(rw), 0);
      EXPECT_EQ(TryReadElsewhere(rw), 0);
      EXPECT_EQ(TryWriteElsewhere(rw), EBUSY);
      EXPECT_EQ(rw_unlock(rw), 0);
      EXPECT_EQ(rw_wrlock(rw), 0);
      EXPECT_EQ(TryReadElsewhere(rw), EBUSY);
      EXPECT_EQ(TryWriteElsewhere(rw), EBUSY);
      EXPECT_EQ(rw_unlock(rw), 0);
    });
  }

 private:
  int TryElsewhere(rwlock_t* rw, int (*attempt)(rwlock_t*)) const {
    int result = -1;
    InThread([&] {
      result = attempt(rw);
      if (result == 0) {
        EXPECT_EQ(rw_unlock(rw), 0);
      }
    });
    return result;
  }
};

LT_OVER_KINDS(RwlockTest);

TEST_P(RwlockTest, ReadersShareAndWriterExcludes) {
  rwlock_t rw = DEFAULTRWLOCK;
  ExpectFree(&rw);
}

TEST_P(RwlockTest, ManyReadersAreInsideTogether) {
  rwlock_t rw = DEFAULTRWLOCK;
  constexpr int kReaders = 10;
  std::atomic<int> inside{0};
  RunThreads(kReaders, [&](int) {
    EXPECT_EQ(rw_rdlock(&rw), 0);
    ++inside;
    EXPECT_TRUE(Eventually([&] { return inside.load() == kReaders; }));
    EXPECT_EQ(rw_unlock(&rw), 0);
  });
  EXPECT_EQ(TryWriteElsewhere(&rw), 0);
}

TEST_P(RwlockTest, ReaderWaitsForTheWriter) {
  rwlock_t rw = DEFAULTRWLOCK;
  ASSERT_EQ(rw_wrlock(&rw), 0);
  Gate inside;
  const thread_t reader = Spawn([&] {
    EXPECT_EQ(rw_rdlock(&rw), 0);
    inside.Open();
    EXPECT_EQ(rw_unlock(&rw), 0);
  });
  EXPECT_TRUE(Quiesce());
  EXPECT_FALSE(inside.IsOpen());
  EXPECT_EQ(rw_unlock(&rw), 0);
  Join(reader);
}

TEST_P(RwlockTest, WriterWaitsForTheLastReader) {
  rwlock_t rw = DEFAULTRWLOCK;
  ASSERT_EQ(rw_rdlock(&rw), 0);
  ASSERT_EQ(rw_rdlock(&rw), 0);
  Gate inside;
  const thread_t writer = Spawn([&] {
    EXPECT_EQ(rw_wrlock(&rw), 0);
    inside.Open();
    EXPECT_EQ(rw_unlock(&rw), 0);
  });
  EXPECT_TRUE(Quiesce());
  EXPECT_FALSE(inside.IsOpen());
  EXPECT_EQ(rw_unlock(&rw), 0);
  EXPECT_TRUE(Quiesce());
  EXPECT_FALSE(inside.IsOpen());
  EXPECT_EQ(rw_unlock(&rw), 0);
  Join(writer);
}

TEST_P(RwlockTest, LockWhileHoldingTheWriteLock) {
  rwlock_t rw = DEFAULTRWLOCK;
  InThread([&] {
    EXPECT_EQ(rw_wrlock(&rw), 0);
    EXPECT_EQ(rw_rdlock(&rw), EDEADLK);
    EXPECT_EQ(rw_tryrdlock(&rw), EBUSY);
    EXPECT_EQ(rw_wrlock(&rw), EDEADLK);
    EXPECT_EQ(rw_trywrlock(&rw), EBUSY);
    EXPECT_EQ(rw_unlock(&rw), 0);
    EXPECT_EQ(rw_unlock(&rw), EPERM);
  });
  ExpectFree(&rw);
}

TEST_P(RwlockTest, LockWhileHoldingAReadLock) {
  rwlock_t rw = DEFAULTRWLOCK;
  InThread([&] {
    EXPECT_EQ(rw_rdlock(&rw), 0);
    EXPECT_EQ(rw_wrlock(&rw), EDEADLK);
    EXPECT_EQ(rw_trywrlock(&rw), EBUSY);
    EXPECT_EQ(rw_rdlock(&rw), 0);
    EXPECT_EQ(rw_tryrdlock(&rw), 0);
    for (int i = 0; i < 3; ++i) EXPECT_EQ(rw_unlock(&rw), 0);
    EXPECT_EQ(rw_unlock(&rw), EPERM);
  });
  ExpectFree(&rw);
}

TEST_P(RwlockTest, UnlockByAThreadThatDoesNotHoldItIsEperm) {
  rwlock_t rw = DEFAULTRWLOCK;
  const auto unlock = [&] { EXPECT_EQ(rw_unlock(&rw), EPERM); };
  InThread(unlock);
  EXPECT_EQ(rw_rdlock(&rw), 0);
  InThread(unlock);
  EXPECT_EQ(TryWriteElsewhere(&rw), EBUSY);
  EXPECT_EQ(rw_unlock(&rw), 0);
  EXPECT_EQ(rw_wrlock(&rw), 0);
  InThread(unlock);
  EXPECT_EQ(TryReadElsewhere(&rw), EBUSY);
  EXPECT_EQ(rw_unlock(&rw), 0);
  ExpectFree(&rw);
}

TEST_P(RwlockTest, ReadHoldsEndAt100000) {
  rwlock_t rw = DEFAULTRWLOCK;
  InThread([&] {
    int got = 0;
    for (int i = 0; i < kMaxReadHolds; ++i) {
      if ((i % 2 == 0 ? rw_rdlock(&rw) : rw_tryrdlock(&rw)) == 0) ++got;
    }
    EXPECT_EQ(got, kMaxReadHolds);
    EXPECT_EQ(rw_rdlock(&rw), EAGAIN);
    EXPECT_EQ(rw_tryrdlock(&rw), EAGAIN);
    int given = 0;
    for (int i = 0; i < kMaxReadHolds; ++i) {
      if (rw_unlock(&rw) == 0) ++given;
    }
    EXPECT_EQ(given, kMaxReadHolds);
    EXPECT_EQ(rw_unlock(&rw), EPERM);
  });
  EXPECT_EQ(TryWriteElsewhere(&rw), 0);
}

// A thread may read-hold many locks, several times each, and give them back in
// any order.
TEST_P(RwlockTest, OneThreadReadHoldsManyLocks) {
  constexpr size_t kLocks = 200;
  std::vector<rwlock_t> locks(kLocks);
  for (rwlock_t& rw : locks) {
    ASSERT_EQ(rwlock_init(&rw, USYNC_THREAD, nullptr), 0);
  }
  InThread([&] {
    for (size_t i = 0; i < kLocks; ++i) {
      for (size_t n = 0; n <= i % 3; ++n) EXPECT_EQ(rw_rdlock(&locks[i]), 0);
    }
    for (size_t i = 0; i < kLocks; ++i) {
      const size_t k = i * 73 % kLocks;  // 73 and 200 have no common factor
      EXPECT_TRUE(RW_READ_HELD(&locks[k]));
      for (size_t n = 0; n <= k % 3; ++n) EXPECT_EQ(rw_unlock(&locks[k]), 0);
      EXPECT_FALSE(RW_READ_HELD(&locks[k]));
      EXPECT_EQ(rw_unlock(&locks[k]), EPERM);
    }
  });
  int free_locks = 0;
  for (rwlock_t& rw : locks) {
    if (rw_trywrlock(&rw) == 0 && rw_unlock(&rw) == 0) ++free_locks;
  }
  EXPECT_EQ(free_locks, static_cast<int>(kLocks));
}

// Few locks, so that the holds come and go where they are noted in short.
TEST_P(RwlockTest, HoldsInAnyOrder) {
  constexpr size_t kLocks = 6;
  constexpr int kSteps = 20'000;
  std::array<rwlock_t, kLocks> locks{};
  InThread([&] {
    std::array<int, kLocks> held{};
    std::minstd_rand random(1);
    for (int i = 0; i < kSteps; ++i) {
      const size_t k = random() % kLocks;
      // Now few holds, now many.
      if (random() % 8 < (i / 1000 % 2 == 0 ? 3U : 5U)) {
        EXPECT_EQ(rw_rdlock(&locks[k]), 0);
        ++held[k];
      } else {
        EXPECT_EQ(rw_unlock(&locks[k]), held[k] > 0 ? 0 : EPERM);
        if (held[k] > 0) --held[k];
      }
    }
    for (size_t k = 0; k < kLocks; ++k) {
      for (; held[k] > 0; --held[k]) EXPECT_EQ(rw_unlock(&locks[k]), 0);
      EXPECT_EQ(rw_unlock(&locks[k]), EPERM);
    }
  });
  for (rwlock_t& rw : locks) EXPECT_EQ(TryWriteElsewhere(&rw), 0);
}

// INV-HO1.  A thread that ends with holds leaves nothing of them to the one
// that gets its memory.
TEST_P(RwlockTest, HoldsOfTheDeadDoNotCount) {
  std::array<rwlock_t, 3> left{};
  InThread([&] {
    for (rwlock_t& rw : left) {
      for (int i = 0; i < 3; ++i) EXPECT_EQ(rw_rdlock(&rw), 0);
    }
  });
  for (int i = 0; i < 5; ++i) {
    InThread([] {
      std::array<rwlock_t, 3> locks{};
      for (rwlock_t& rw : locks) EXPECT_EQ(rw_rdlock(&rw), 0);
      for (rwlock_t& rw : locks) EXPECT_EQ(rw_unlock(&rw), 0);
      for (rwlock_t& rw : locks) EXPECT_EQ(rw_unlock(&rw), EPERM);
    });
  }
}

TEST_P(RwlockTest, HeldPredicatesAreAboutTheCaller) {
  rwlock_t rw = DEFAULTRWLOCK;
  const auto expect_held = [&rw](bool read, bool write) {
    EXPECT_EQ(RW_READ_HELD(&rw) != 0, read);
    EXPECT_EQ(RW_WRITE_HELD(&rw) != 0, write);
    EXPECT_EQ(RW_LOCK_HELD(&rw) != 0, read || write);
  };
  expect_held(false, false);
  EXPECT_EQ(rw_rdlock(&rw), 0);
  expect_held(true, false);
  InThread([&] {
    expect_held(false, false);
    EXPECT_EQ(rw_rdlock(&rw), 0);
    expect_held(true, false);
    EXPECT_EQ(rw_unlock(&rw), 0);
    expect_held(false, false);
  });
  EXPECT_EQ(rw_unlock(&rw), 0);
  expect_held(false, false);
  EXPECT_EQ(rw_wrlock(&rw), 0);
  expect_held(false, true);
  InThread([&] { expect_held(false, false); });
  EXPECT_EQ(rw_unlock(&rw), 0);
  expect_held(false, false);
}

TEST_P(RwlockTest, ZeroFilledMemoryIsALock) {
  ExpectFree(&bss_rwlock);
  auto* const allocated =
      static_cast<rwlock_t*>(std::calloc(1, sizeof(rwlock_t)));
  ASSERT_NE(allocated, nullptr);
  ExpectFree(allocated);
  std::free(allocated);
  auto* const mapped = MapZeroed<rwlock_t>();
  ASSERT_NE(mapped, nullptr);
  ExpectFree(mapped);
  Unmap(mapped);
}

TEST_P(RwlockTest, InitInitialiserAndCopy) {
  rwlock_t rw;
  std::memset(&rw, 0xa5, sizeof(rw));
  ASSERT_EQ(rwlock_init(&rw, USYNC_THREAD, nullptr), 0);
  ExpectFree(&rw);
  const rwlock_t initialiser = DEFAULTRWLOCK;
  std::memset(&rw, 0xa5, sizeof(rw));
  rw = initialiser;
  ExpectFree(&rw);
}

TEST_P(RwlockTest, DestroyIsNeverRefused) {
  rwlock_t rw = DEFAULTRWLOCK;
  EXPECT_EQ(rwlock_destroy(&rw), 0);
  EXPECT_EQ(rwlock_destroy(&rw), 0);
  ASSERT_EQ(rwlock_init(&rw, USYNC_THREAD, nullptr), 0);
  InThread([&] { EXPECT_EQ(rw_wrlock(&rw), 0); });
  EXPECT_EQ(rwlock_destroy(&rw), 0);
  ASSERT_EQ(rwlock_init(&rw, USYNC_THREAD, nullptr), 0);
  ExpectFree(&rw);
}

// Nobody inherits the hold of a thread that is gone, also not one that gets its
// memory.
TEST_P(RwlockTest, HeldAtThreadExitStaysHeld) {
  rwlock_t rw = DEFAULTRWLOCK;
  const auto expect_stranger = [&] {
    EXPECT_FALSE(RW_LOCK_HELD(&rw));
    EXPECT_EQ(rw_unlock(&rw), EPERM);
    EXPECT_EQ(rw_trywrlock(&rw), EBUSY);
  };
  InThread([&] { EXPECT_EQ(rw_rdlock(&rw), 0); });
  for (int i = 0; i < 5; ++i) InThread(expect_stranger);
  EXPECT_EQ(TryReadElsewhere(&rw), 0);
  EXPECT_EQ(rw_trywrlock(&rw), EBUSY);

  ASSERT_EQ(rwlock_init(&rw, USYNC_THREAD, nullptr), 0);
  InThread([&] { EXPECT_EQ(rw_wrlock(&rw), 0); });
  for (int i = 0; i < 5; ++i) InThread(expect_stranger);
  EXPECT_EQ(rw_tryrdlock(&rw), EBUSY);
  EXPECT_EQ(rw_unlock(&rw), EPERM);
}

TEST_P(RwlockTest, CallsLeaveErrnoAlone) {
  InThread([] {
    rwlock_t rw;
    errno = 4711;
    EXPECT_EQ(rwlock_init(&rw, 2, nullptr), EINVAL);
    EXPECT_EQ(rwlock_init(&rw, USYNC_THREAD, nullptr), 0);
    EXPECT_EQ(rw_unlock(&rw), EPERM);
    EXPECT_EQ(rw_rdlock(&rw), 0);
    EXPECT_EQ(rw_wrlock(&rw), EDEADLK);
    EXPECT_EQ(rw_trywrlock(&rw), EBUSY);
    EXPECT_EQ(rw_unlock(&rw), 0);
    EXPECT_EQ(rwlock_destroy(&rw), 0);
    EXPECT_EQ(errno, 4711);
  });
}

class RwlockInitTest : public ModelTest {};

TEST_F(RwlockInitTest, UnknownTypeIsEinval) {
  rwlock_t rw;
  for (const int type : {2, 4, 0x40, 0x100, -1}) {
    SCOPED_TRACE(type);
    EXPECT_EQ(rwlock_init(&rw, type, nullptr), EINVAL);
  }
}

TEST_F(RwlockInitTest, MisalignedIsEinvalButInitialised) {
  Misaligned<rwlock_t> storage;
  EXPECT_EQ(rwlock_init(storage.get(), USYNC_THREAD, nullptr), EINVAL);
  rwlock_t aligned;
  std::memset(&aligned, 0x5a, sizeof(aligned));
  ASSERT_EQ(rwlock_init(&aligned, USYNC_THREAD, nullptr), 0);
  EXPECT_TRUE(storage.SameBytesAs(aligned));
}

}  // namespace
}  // namespace lt
