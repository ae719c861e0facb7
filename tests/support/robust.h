// SPDX-License-Identifier: MIT
//
// What the tests of robust mutexes share: the types, and owners that die.

#ifndef LIBTHREAD_TESTS_SUPPORT_ROBUST_H_
#define LIBTHREAD_TESTS_SUPPORT_ROBUST_H_

#include <errno.h>
#include <pthread.h>

#include <functional>
#include <ostream>

#include "support/fixture.h"
#include "support/pthreads.h"
#include "support/shared_memory.h"
#include "support/signals.h"
#include "support/sync_objects.h"

#if defined(__SANITIZE_ADDRESS__)
extern "C" void __asan_handle_no_return(void);
#endif

namespace lt {

// Every type of robust mutex.
inline constexpr LockType kRobustTypes[] = {
    {"private", LOCK_ROBUST, false, false},
    {"private errorcheck", LOCK_ROBUST | LOCK_ERRORCHECK, false, true},
    {"private recursive", LOCK_ROBUST | LOCK_RECURSIVE, true, false},
    {"private recursive errorcheck",
     LOCK_ROBUST | LOCK_RECURSIVE | LOCK_ERRORCHECK, true, true},
    {"shared", USYNC_PROCESS | LOCK_ROBUST, false, false},
    {"shared errorcheck", USYNC_PROCESS | LOCK_ROBUST | LOCK_ERRORCHECK, false,
     true},
    {"shared recursive", USYNC_PROCESS | LOCK_ROBUST | LOCK_RECURSIVE, true,
     false},
    {"shared recursive errorcheck",
     USYNC_PROCESS | LOCK_ROBUST | LOCK_RECURSIVE | LOCK_ERRORCHECK, true,
     true},
    {"process robust", USYNC_PROCESS_ROBUST, false, false},
};

inline bool BetweenProcesses(const LockType& lock) {
  return (lock.type & (USYNC_PROCESS | USYNC_PROCESS_ROBUST)) != 0;
}

// What the next owner is told when the owner unmapped the mutex, or started
// another program.
inline int UnmappedError(const LockType& lock) {
  return (lock.type & USYNC_PROCESS_ROBUST) != 0 ? ELOCKUNMAPPED : EOWNERDEAD;
}

// How a thread comes to its end.
enum class End { kReturn, kThrExit, kPthreadExit, kCancel };
inline constexpr End kEnds[] = {End::kReturn, End::kThrExit, End::kPthreadExit,
                                End::kCancel};

inline std::ostream& operator<<(std::ostream& out, End end) {
  constexpr const char* kNames[] = {"return", "thr_exit", "pthread_exit",
                                    "pthread_cancel"};
  return out << kNames[static_cast<int>(end)];
}

// Comes back for kReturn only; the caller has nothing then that must run.
inline void EndBy(End end) {
  switch (end) {
    case End::kReturn:
      return;
    case End::kThrExit:
      thr_exit(nullptr);
    case End::kPthreadExit:
      pthread_exit(nullptr);
    case End::kCancel:
      pthread_cancel(pthread_self());
#if defined(__SANITIZE_ADDRESS__)
      // Frames that are left with nothing to tidy up would stay poisoned.
      __asan_handle_no_return();
#endif
      pthread_testcancel();
  }
}

class RobustTest : public SignalTest {
 protected:
  // Runs `body` with a fresh mutex of each type.
  static void ForEachType(
      const std::function<void(const LockType&, mutex_t*)>& body) {
    for (const LockType& lock : kRobustTypes) {
      SCOPED_TRACE(lock.name);
      const Shared<mutex_t> m;
      ASSERT_EQ(mutex_init(m.get(), lock.type, nullptr), 0);
      body(lock, m.get());
      EXPECT_EQ(mutex_destroy(m.get()), 0);
      EXPECT_TRUE(AllBytesZero(*m));
    }
  }

  // Leaves `m` locked `depth` times by a thread that is gone.
  void Orphan(mutex_t* m, int depth = 1, End end = End::kReturn) const {
    Gate held;
    const thread_t id = Spawn([&] {
      for (int i = 0; i < depth; ++i) EXPECT_EQ(mutex_lock(m), 0);
      held.Open();
      EndBy(end);
    });
    held.Wait();
    Join(id);
  }

  // The caller gets `m` with `error`, repairs it and gives it back.
  static void ExpectDeath(mutex_t* m, int error = EOWNERDEAD) {
    EXPECT_EQ(mutex_lock(m), error);
    EXPECT_TRUE(MUTEX_HELD(m));
    EXPECT_EQ(mutex_consistent(m), 0);
    EXPECT_EQ(mutex_unlock(m), 0);
  }
  static void ExpectNormal(mutex_t* m) {
    EXPECT_EQ(mutex_lock(m), 0);
    EXPECT_EQ(mutex_unlock(m), 0);
    EXPECT_EQ(mutex_trylock(m), 0);
    EXPECT_EQ(mutex_unlock(m), 0);
  }
  static void ExpectLost(mutex_t* m) {
    EXPECT_EQ(mutex_lock(m), ENOTRECOVERABLE);
    EXPECT_EQ(mutex_trylock(m), ENOTRECOVERABLE);
    EXPECT_FALSE(MUTEX_HELD(m));
    EXPECT_EQ(mutex_unlock(m), EPERM);
    EXPECT_EQ(mutex_consistent(m), EINVAL);
  }
};

}  // namespace lt

#endif  // LIBTHREAD_TESTS_SUPPORT_ROBUST_H_
