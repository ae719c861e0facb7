// SPDX-License-Identifier: MIT
//
// What the tests of the priority protocols share.

#ifndef LIBTHREAD_TESTS_SUPPORT_PRIORITIES_H_
#define LIBTHREAD_TESTS_SUPPORT_PRIORITIES_H_

#include <gtest/gtest.h>
#include <synch.h>
#include <thread.h>

#include <functional>
#include <utility>

#include "support/fixture.h"

namespace lt {

inline constexpr int kHighest = 127;

inline int AssignedPriority(thread_t id) {
  int priority = -1;
  EXPECT_EQ(thr_getprio(id, &priority), 0);
  return priority;
}

// Gives the calling thread its priority back at the end.
class OwnPriority {
 public:
  explicit OwnPriority(int priority) : before_(AssignedPriority(thr_self())) {
    EXPECT_EQ(thr_setprio(thr_self(), priority), 0);
  }
  OwnPriority(const OwnPriority&) = delete;
  OwnPriority& operator=(const OwnPriority&) = delete;
  ~OwnPriority() { EXPECT_EQ(thr_setprio(thr_self(), before_), 0); }

 private:
  int before_;
};

// A thread that runs `body` with that priority from its first instruction.
inline thread_t SpawnAt(int priority, std::function<void()> body,
                        long flags = 0) {
  const thread_t id = SpawnWithFlags(std::move(body), flags | THR_SUSPENDED);
  EXPECT_EQ(thr_setprio(id, priority), 0);
  EXPECT_EQ(thr_continue(id), 0);
  return id;
}

struct ProtocolMutex : mutex_t {
  explicit ProtocolMutex(int type = LOCK_PRIO_INHERIT, int ceiling = 0)
      : mutex_t{} {
    EXPECT_EQ(mutex_init(this, type, &ceiling), 0);
  }
  ProtocolMutex(const ProtocolMutex&) = delete;
  ProtocolMutex& operator=(const ProtocolMutex&) = delete;
  ~ProtocolMutex() { EXPECT_EQ(mutex_destroy(this), 0); }
};

}  // namespace lt

#endif  // LIBTHREAD_TESTS_SUPPORT_PRIORITIES_H_
