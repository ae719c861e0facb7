// SPDX-License-Identifier: MIT
//
// What the tests of <synch.h> share: the lock types, misaligned objects, memory
// that faults when it is touched too late, and looks at an object from another
// thread.

#ifndef LIBTHREAD_TESTS_SUPPORT_SYNC_OBJECTS_H_
#define LIBTHREAD_TESTS_SUPPORT_SYNC_OBJECTS_H_

#include <errno.h>
#include <gtest/gtest.h>
#include <synch.h>
#include <sys/mman.h>
#include <time.h>

#include <cstddef>
#include <cstring>
#include <functional>

#include "support/fixture.h"

namespace lt {

struct LockType {
  const char* name;
  int type;
  bool recursive;
  bool checks_owner;
};

// Every type of mutex that mutex_init() makes in this release.
inline constexpr LockType kLockTypes[] = {
    {"normal", USYNC_THREAD | LOCK_NORMAL, false, false},
    {"errorcheck", USYNC_THREAD | LOCK_ERRORCHECK, false, true},
    {"recursive", USYNC_THREAD | LOCK_RECURSIVE, true, false},
    {"recursive errorcheck", USYNC_THREAD | LOCK_RECURSIVE | LOCK_ERRORCHECK,
     true, true},
};

// How often a recursive mutex may be held at once: RECURSION_MAX (255) extra
// acquisitions on top of the first one.
inline constexpr int kMaxHolds = 256;

// Storage for a T at an address that is a multiple of 4 and not of 8, filled
// with a pattern that no initialised object has.
template <typename T>
class Misaligned {
 public:
  Misaligned() { std::memset(bytes_, 0xa5, sizeof(bytes_)); }
  T* get() { return reinterpret_cast<T*>(bytes_ + 4); }
  bool SameBytesAs(const T& object) const {
    return std::memcmp(bytes_ + 4, &object, sizeof(T)) == 0;
  }

 private:
  alignas(8) unsigned char bytes_[sizeof(T) + 8];
};

template <typename T>
bool AllBytesZero(const T& object) {
  const T zero{};
  return std::memcmp(&object, &zero, sizeof(T)) == 0;
}

// A T in a mapping of its own: after Unmap() any access is a fault.
template <typename T>
T* MapZeroed() {
  void* const memory = mmap(nullptr, sizeof(T), PROT_READ | PROT_WRITE,
                            MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  EXPECT_NE(memory, MAP_FAILED);
  return memory == MAP_FAILED ? nullptr : static_cast<T*>(memory);
}

template <typename T>
void Unmap(T* object) {
  EXPECT_EQ(munmap(object, sizeof(T)), 0);
}

// Whether the time of day has come to `when`.
inline bool TimeOfDayReached(const timespec_t& when) {
  timespec now{};
  clock_gettime(CLOCK_REALTIME, &now);
  return now.tv_sec > when.tv_sec ||
         (now.tv_sec == when.tv_sec && now.tv_nsec >= when.tv_nsec);
}

// Milliseconds, long enough that no test sees their end.
inline constexpr long kForeverMs = 3'600'000;

class SyncTest : public ApiTest {
 protected:
  // Runs `body` in a thread of the kind under test and waits for it.
  void InThread(const std::function<void()>& body) const { Join(Spawn(body)); }

  // What mutex_trylock() says to a thread that does not hold `m`; a mutex that
  // was free is free again afterwards.
  int TrylockElsewhere(mutex_t* m) const {
    int result = -1;
    InThread([&] {
      result = mutex_trylock(m);
      if (result == 0) {
        EXPECT_EQ(mutex_unlock(m), 0);
      }
    });
    return result;
  }

  // Polls `condition` with `m` held, until it holds.
  static ::testing::AssertionResult EventuallyLocked(
      mutex_t* m, const std::function<bool()>& condition) {
    return Eventually([&] {
      EXPECT_EQ(mutex_lock(m), 0);
      const bool holds = condition();
      EXPECT_EQ(mutex_unlock(m), 0);
      return holds;
    });
  }

  // A waiter whose time is over at the moment of a signal either returns 0 or
  // leaves the signal to another one.  Here the threads with short times pass
  // on what they got and return 0 for; a signal that they got and answer with
  // ETIME would be missing at the one that waits without a limit.
  void ExpectTimeoutsSwallowNoSignal(cond_t& c, mutex_t& m, int timed_waiters,
                                     int signals) const;
};

}  // namespace lt

#endif  // LIBTHREAD_TESTS_SUPPORT_SYNC_OBJECTS_H_
