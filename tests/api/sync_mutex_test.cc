// SPDX-License-Identifier: MIT
//
// mutex_init(3): objects, the table of lock types, error numbers.

#include <dlfcn.h>
#include <errno.h>

#include <atomic>
#include <cstdlib>
#include <cstring>

#include "support/fixture.h"
#include "support/sync_objects.h"

namespace lt {
namespace {

mutex_t bss_mutex;

class MutexTest : public SyncTest {
 protected:
  // Whether `m` works as a free default mutex: one holder, no recursion.
  void ExpectFreshDefault(mutex_t* m) const {
    InThread([&] {
      EXPECT_EQ(mutex_lock(m), 0);
      EXPECT_EQ(mutex_trylock(m), EBUSY);
      EXPECT_EQ(mutex_unlock(m), 0);
      EXPECT_EQ(mutex_trylock(m), 0);
      EXPECT_EQ(mutex_unlock(m), 0);
    });
  }
};

LT_OVER_KINDS(MutexTest);

TEST_P(MutexTest, LockExcludesOthersUntilUnlock) {
  for (const LockType& lock : kLockTypes) {
    SCOPED_TRACE(lock.name);
    mutex_t m;
    ASSERT_EQ(mutex_init(&m, lock.type, nullptr), 0);
    ASSERT_EQ(mutex_lock(&m), 0);
    EXPECT_EQ(TrylockElsewhere(&m), EBUSY);

    Gate acquired;
    const thread_t waiter = Spawn([&] {
      EXPECT_EQ(mutex_lock(&m), 0);
      acquired.Open();
      EXPECT_EQ(mutex_unlock(&m), 0);
    });
    EXPECT_TRUE(Quiesce());
    EXPECT_FALSE(acquired.IsOpen());
    EXPECT_EQ(mutex_unlock(&m), 0);
    acquired.Wait();
    Join(waiter);
    EXPECT_EQ(TrylockElsewhere(&m), 0);
    EXPECT_EQ(mutex_destroy(&m), 0);
  }
}

TEST_P(MutexTest, RelockByOwner) {
  for (const LockType& lock : kLockTypes) {
    // A second mutex_lock() of a normal mutex is a deadlock: see the tests of
    // misuse.
    if (lock.type == LOCK_NORMAL) continue;
    SCOPED_TRACE(lock.name);
    mutex_t m;
    ASSERT_EQ(mutex_init(&m, lock.type, nullptr), 0);
    InThread([&] {
      EXPECT_EQ(mutex_lock(&m), 0);
      EXPECT_EQ(mutex_lock(&m), lock.recursive ? 0 : EDEADLK);
      if (lock.recursive) {
        EXPECT_EQ(mutex_unlock(&m), 0);
      }
      EXPECT_TRUE(MUTEX_HELD(&m));
    });
    // The thread ended with one hold left: nothing released it.
    EXPECT_EQ(TrylockElsewhere(&m), EBUSY);
    EXPECT_EQ(mutex_destroy(&m), 0);
  }
}

TEST_P(MutexTest, TrylockByOwner) {
  for (const LockType& lock : kLockTypes) {
    SCOPED_TRACE(lock.name);
    mutex_t m;
    ASSERT_EQ(mutex_init(&m, lock.type, nullptr), 0);
    InThread([&] {
      EXPECT_EQ(mutex_trylock(&m), 0);
      EXPECT_EQ(mutex_trylock(&m), lock.recursive ? 0 : EBUSY);
      if (lock.recursive) {
        EXPECT_EQ(mutex_unlock(&m), 0);
      }
      EXPECT_EQ(mutex_unlock(&m), 0);
    });
    EXPECT_EQ(TrylockElsewhere(&m), 0);
    EXPECT_EQ(mutex_destroy(&m), 0);
  }
}

TEST_P(MutexTest, RecursionEndsAt256Holds) {
  for (const LockType& lock : kLockTypes) {
    if (!lock.recursive) continue;
    SCOPED_TRACE(lock.name);
    mutex_t m;
    ASSERT_EQ(mutex_init(&m, lock.type, nullptr), 0);
    Gate full;
    Gate checked;
    const thread_t owner = Spawn([&] {
      for (int i = 0; i < kMaxHolds; ++i) {
        EXPECT_EQ(i % 2 == 0 ? mutex_lock(&m) : mutex_trylock(&m), 0);
      }
      EXPECT_EQ(mutex_lock(&m), EAGAIN);
      EXPECT_EQ(mutex_trylock(&m), EAGAIN);
      for (int i = 1; i < kMaxHolds; ++i) EXPECT_EQ(mutex_unlock(&m), 0);
      full.Open();
      checked.Wait();
      EXPECT_EQ(mutex_unlock(&m), 0);
    });
    full.Wait();
    EXPECT_EQ(TrylockElsewhere(&m), EBUSY);  // one hold is left
    checked.Open();
    Join(owner);
    EXPECT_EQ(TrylockElsewhere(&m), 0);
    EXPECT_EQ(mutex_destroy(&m), 0);
  }
}

TEST_P(MutexTest, UnlockByStranger) {
  for (const LockType& lock : kLockTypes) {
    SCOPED_TRACE(lock.name);
    mutex_t m;
    ASSERT_EQ(mutex_init(&m, lock.type, nullptr), 0);
    ASSERT_EQ(mutex_lock(&m), 0);
    InThread(
        [&] { EXPECT_EQ(mutex_unlock(&m), lock.checks_owner ? EPERM : 0); });
    EXPECT_EQ(TrylockElsewhere(&m), lock.checks_owner ? EBUSY : 0);
    EXPECT_EQ(mutex_destroy(&m), 0);
  }
}

TEST_P(MutexTest, UnlockOfUnlocked) {
  for (const LockType& lock : kLockTypes) {
    SCOPED_TRACE(lock.name);
    mutex_t m;
    ASSERT_EQ(mutex_init(&m, lock.type, nullptr), 0);
    InThread(
        [&] { EXPECT_EQ(mutex_unlock(&m), lock.checks_owner ? EPERM : 0); });
    // Still a mutex for one holder, whose single unlock frees it.
    ASSERT_EQ(mutex_lock(&m), 0);
    EXPECT_EQ(TrylockElsewhere(&m), EBUSY);
    EXPECT_EQ(mutex_unlock(&m), 0);
    EXPECT_EQ(TrylockElsewhere(&m), 0);
    EXPECT_EQ(mutex_destroy(&m), 0);
  }
}

TEST_P(MutexTest, HeldIsAboutTheCaller) {
  for (const LockType& lock : kLockTypes) {
    SCOPED_TRACE(lock.name);
    mutex_t m;
    ASSERT_EQ(mutex_init(&m, lock.type, nullptr), 0);
    EXPECT_FALSE(MUTEX_HELD(&m));
    ASSERT_EQ(mutex_lock(&m), 0);
    EXPECT_TRUE(MUTEX_HELD(&m));
    InThread([&] { EXPECT_FALSE(MUTEX_HELD(&m)); });
    if (lock.recursive) {
      EXPECT_EQ(mutex_lock(&m), 0);
      EXPECT_EQ(mutex_unlock(&m), 0);
      EXPECT_TRUE(MUTEX_HELD(&m));
    }
    EXPECT_EQ(mutex_unlock(&m), 0);
    EXPECT_FALSE(MUTEX_HELD(&m));
    InThread([&] {
      EXPECT_EQ(mutex_lock(&m), 0);
      EXPECT_TRUE(MUTEX_HELD(&m));
      EXPECT_EQ(mutex_unlock(&m), 0);
    });
    EXPECT_EQ(mutex_destroy(&m), 0);
  }
}

// mutex_held is exported for other libraries, without a prototype.
TEST_P(MutexTest, HeldPrivateName) {
  using HeldFunction = int (*)(void*);
  const auto held =
      reinterpret_cast<HeldFunction>(dlsym(RTLD_DEFAULT, "mutex_held"));
  ASSERT_NE(held, nullptr);
  InThread([&] {
    mutex_t m = DEFAULTMUTEX;
    EXPECT_FALSE(held(&m));
    EXPECT_EQ(mutex_lock(&m), 0);
    EXPECT_TRUE(held(&m));
    EXPECT_EQ(mutex_unlock(&m), 0);
  });
}

TEST_P(MutexTest, ZeroFilledMemoryIsADefaultMutex) {
  ExpectFreshDefault(&bss_mutex);

  auto* const allocated =
      static_cast<mutex_t*>(std::calloc(1, sizeof(mutex_t)));
  ASSERT_NE(allocated, nullptr);
  ExpectFreshDefault(allocated);
  std::free(allocated);

  auto* const mapped = MapZeroed<mutex_t>();
  ASSERT_NE(mapped, nullptr);
  ExpectFreshDefault(mapped);
  Unmap(mapped);
}

TEST_P(MutexTest, InitialisersCopyByAssignment) {
  const mutex_t normal = DEFAULTMUTEX;
  const mutex_t recursive = RECURSIVEMUTEX;
  const mutex_t checked = ERRORCHECKMUTEX;
  const mutex_t both = RECURSIVE_ERRORCHECKMUTEX;
  const struct {
    const mutex_t* from;
    bool recursive;
    bool checks_owner;
  } kCases[] = {{&normal, false, false},
                {&recursive, true, false},
                {&checked, false, true},
                {&both, true, true}};
  for (const auto& c : kCases) {
    SCOPED_TRACE(&c - kCases);
    mutex_t m;
    std::memset(&m, 0xa5, sizeof(m));
    m = *c.from;
    EXPECT_EQ(mutex_lock(&m), 0);
    EXPECT_EQ(mutex_trylock(&m), c.recursive ? 0 : EBUSY);
    if (c.recursive) {
      EXPECT_EQ(mutex_unlock(&m), 0);
    }
    InThread([&] { EXPECT_EQ(mutex_unlock(&m), c.checks_owner ? EPERM : 0); });
    EXPECT_EQ(mutex_destroy(&m), 0);
  }
}

TEST_P(MutexTest, InitOfAMutexInUseResetsIt) {
  mutex_t m;
  ASSERT_EQ(mutex_init(&m, LOCK_RECURSIVE, nullptr), 0);
  InThread([&] { EXPECT_EQ(mutex_lock(&m), 0); });
  EXPECT_EQ(mutex_init(&m, LOCK_NORMAL, nullptr), 0);
  ExpectFreshDefault(&m);
}

TEST_P(MutexTest, DestroyLeavesADefaultMutex) {
  for (const LockType& lock : kLockTypes) {
    SCOPED_TRACE(lock.name);
    mutex_t m;
    ASSERT_EQ(mutex_init(&m, lock.type, nullptr), 0);
    EXPECT_EQ(mutex_destroy(&m), 0);
    EXPECT_TRUE(AllBytesZero(m));
    ExpectFreshDefault(&m);

    ASSERT_EQ(mutex_init(&m, lock.type, nullptr), 0);
    InThread([&] { EXPECT_EQ(mutex_lock(&m), 0); });
    EXPECT_EQ(mutex_destroy(&m), 0);  // never EBUSY
    EXPECT_TRUE(AllBytesZero(m));
    ExpectFreshDefault(&m);
  }
}

// Nobody inherits the hold of a thread that is gone, also not one that gets its
// memory.
TEST_P(MutexTest, HeldAtThreadExitStaysLocked) {
  for (const LockType& lock : kLockTypes) {
    SCOPED_TRACE(lock.name);
    mutex_t m;
    ASSERT_EQ(mutex_init(&m, lock.type, nullptr), 0);
    InThread([&] { EXPECT_EQ(mutex_lock(&m), 0); });
    EXPECT_EQ(mutex_trylock(&m), EBUSY);
    for (int i = 0; i < 5; ++i) {
      InThread([&] {
        EXPECT_FALSE(MUTEX_HELD(&m));
        EXPECT_EQ(mutex_trylock(&m), EBUSY);
        if (lock.checks_owner) {
          EXPECT_EQ(mutex_unlock(&m), EPERM);
        }
      });
    }
    EXPECT_EQ(mutex_destroy(&m), 0);
  }
}

TEST_P(MutexTest, CallsLeaveErrnoAlone) {
  InThread([] {
    mutex_t m;
    errno = 4711;
    EXPECT_EQ(mutex_init(&m, 0x80, nullptr), EINVAL);
    EXPECT_EQ(mutex_init(&m, LOCK_ERRORCHECK, nullptr), 0);
    EXPECT_EQ(mutex_lock(&m), 0);
    EXPECT_EQ(mutex_lock(&m), EDEADLK);
    EXPECT_EQ(mutex_trylock(&m), EBUSY);
    EXPECT_EQ(mutex_unlock(&m), 0);
    EXPECT_EQ(mutex_unlock(&m), EPERM);
    EXPECT_EQ(mutex_destroy(&m), 0);
    EXPECT_EQ(errno, 4711);
  });
}

// Errors of mutex_init() do not depend on who calls it.
class MutexInitTest : public ModelTest {};

TEST_F(MutexInitTest, UnknownTypeIsEinval) {
  mutex_t m;
  for (const int type : {0x80, 0x100, 0x1000, LOCK_RECURSIVE | 0x80, -1}) {
    SCOPED_TRACE(type);
    EXPECT_EQ(mutex_init(&m, type, nullptr), EINVAL);
  }
}

TEST_F(MutexInitTest, TwoPriorityProtocolsAreEinval) {
  mutex_t m;
  int ceiling = 10;
  EXPECT_EQ(mutex_init(&m, LOCK_PRIO_INHERIT | LOCK_PRIO_PROTECT, &ceiling),
            EINVAL);
}

TEST_F(MutexInitTest, MisalignedIsEinvalButInitialised) {
  for (const LockType& lock : kLockTypes) {
    SCOPED_TRACE(lock.name);
    Misaligned<mutex_t> storage;
    EXPECT_EQ(mutex_init(storage.get(), lock.type, nullptr), EINVAL);
    mutex_t aligned;
    std::memset(&aligned, 0x5a, sizeof(aligned));
    ASSERT_EQ(mutex_init(&aligned, lock.type, nullptr), 0);
    EXPECT_TRUE(storage.SameBytesAs(aligned));
  }
}

}  // namespace
}  // namespace lt
