// SPDX-License-Identifier: MIT
//
// Ceilings of LOCK_PRIO_PROTECT mutexes, and what mutex_init(3) says to the
// types of the priority protocols.

#include <errno.h>

#include <climits>

#include "support/fixture.h"
#include "support/priorities.h"
#include "support/sync_objects.h"

namespace lt {
namespace {

constexpr int kProtocols[] = {LOCK_PRIO_INHERIT, LOCK_PRIO_PROTECT};

class CeilingTest : public SyncTest {};

LT_OVER_KINDS(CeilingTest);

TEST_P(CeilingTest, WhoIsAboveItMayNotLock) {
  ProtocolMutex m(LOCK_PRIO_PROTECT, 20);
  InThread([&] {
    EXPECT_EQ(thr_setprio(thr_self(), 21), 0);
    EXPECT_EQ(mutex_lock(&m), EINVAL);
    EXPECT_EQ(mutex_trylock(&m), EINVAL);
    EXPECT_FALSE(MUTEX_HELD(&m));
    EXPECT_EQ(thr_setprio(thr_self(), 20), 0);
    EXPECT_EQ(mutex_lock(&m), 0);
    EXPECT_EQ(mutex_unlock(&m), 0);
    EXPECT_EQ(mutex_trylock(&m), 0);
    EXPECT_EQ(mutex_unlock(&m), 0);
  });
}

// It is the assigned priority that counts: nested ceilings in any order.
TEST_P(CeilingTest, CeilingsNest) {
  ProtocolMutex low(LOCK_PRIO_PROTECT, 5);
  ProtocolMutex high(LOCK_PRIO_PROTECT, 90);
  InThread([&] {
    EXPECT_EQ(mutex_lock(&high), 0);
    EXPECT_EQ(mutex_lock(&low), 0);
    EXPECT_EQ(mutex_unlock(&high), 0);
    EXPECT_EQ(mutex_lock(&high), 0);
    EXPECT_EQ(mutex_unlock(&low), 0);
    EXPECT_EQ(mutex_unlock(&high), 0);
  });
}

TEST_P(CeilingTest, SetprioStaysBelowAHeldCeiling) {
  ProtocolMutex low(LOCK_PRIO_PROTECT, 30);
  ProtocolMutex high(LOCK_PRIO_PROTECT, 60);
  InThread([&] {
    const thread_t self = thr_self();
    EXPECT_EQ(mutex_lock(&low), 0);
    EXPECT_EQ(mutex_lock(&high), 0);
    EXPECT_EQ(thr_setprio(self, 31), EPERM);
    EXPECT_EQ(AssignedPriority(self), 0);
    EXPECT_EQ(thr_setprio(self, 30), 0);
    EXPECT_EQ(AssignedPriority(self), 30);
    EXPECT_EQ(thr_setprio(self, 128), EINVAL);
    EXPECT_EQ(mutex_unlock(&low), 0);
    EXPECT_EQ(thr_setprio(self, 60), 0);
    EXPECT_EQ(thr_setprio(self, 61), EPERM);
    EXPECT_EQ(mutex_unlock(&high), 0);
    EXPECT_EQ(thr_setprio(self, 127), 0);
  });
}

TEST_P(CeilingTest, GetprioTellsTheAssignedOne) {
  ProtocolMutex m(LOCK_PRIO_PROTECT, 60);
  InThread([&] {
    EXPECT_EQ(thr_setprio(thr_self(), 7), 0);
    EXPECT_EQ(mutex_lock(&m), 0);
    EXPECT_EQ(AssignedPriority(thr_self()), 7);
    EXPECT_EQ(mutex_unlock(&m), 0);
    EXPECT_EQ(AssignedPriority(thr_self()), 7);
  });
}

TEST_P(CeilingTest, ANewThreadBeginsWithTheCeiling) {
  ProtocolMutex m(LOCK_PRIO_PROTECT, 60);
  InThread([&] {
    int with = -1;
    int without = -1;
    EXPECT_EQ(thr_setprio(thr_self(), 7), 0);
    EXPECT_EQ(mutex_lock(&m), 0);
    InThread([&] { with = AssignedPriority(thr_self()); });
    EXPECT_EQ(mutex_unlock(&m), 0);
    InThread([&] { without = AssignedPriority(thr_self()); });
    EXPECT_EQ(with, 60);
    EXPECT_EQ(without, 7);
  });
}

// After a wait on a condition variable the mutex is held, come what may.
TEST_P(CeilingTest, CondWaitTakesItAgainAboveTheCeiling) {
  ProtocolMutex m(LOCK_PRIO_PROTECT, 20);
  cond_t c = DEFAULTCV;
  bool waiting = false;
  bool go = false;
  const thread_t id = Spawn([&] {
    EXPECT_EQ(mutex_lock(&m), 0);
    waiting = true;
    while (!go) EXPECT_EQ(cond_wait(&c, &m), 0);
    EXPECT_TRUE(MUTEX_HELD(&m));
    EXPECT_EQ(mutex_unlock(&m), 0);
  });
  EXPECT_TRUE(EventuallyLocked(&m, [&] { return waiting; }));
  EXPECT_EQ(thr_setprio(id, 50), 0);
  EXPECT_EQ(mutex_lock(&m), 0);
  go = true;
  EXPECT_EQ(cond_signal(&c), 0);
  EXPECT_EQ(mutex_unlock(&m), 0);
  Join(id);
}

// Of mutex_init().
class ProtocolInitTest : public ModelTest {};

TEST_F(ProtocolInitTest, TheCeilingIsAPriority) {
  mutex_t m;
  for (const int ceiling : {-1, 128, 1000, INT_MIN, INT_MAX}) {
    int value = ceiling;
    EXPECT_EQ(mutex_init(&m, LOCK_PRIO_PROTECT, &value), EINVAL) << ceiling;
  }
  for (const int ceiling : {0, 1, 59, 99, 127}) {
    int value = ceiling;
    EXPECT_EQ(mutex_init(&m, LOCK_PRIO_PROTECT, &value), 0) << ceiling;
  }
  EXPECT_EQ(mutex_init(&m, LOCK_PRIO_PROTECT, nullptr), EINVAL);
}

// Other types have no use for the argument.
TEST_F(ProtocolInitTest, InheritanceTakesNoArgument) {
  mutex_t m;
  int value = -1;
  EXPECT_EQ(mutex_init(&m, LOCK_PRIO_INHERIT, nullptr), 0);
  EXPECT_EQ(mutex_init(&m, LOCK_PRIO_INHERIT, &value), 0);
}

TEST_F(ProtocolInitTest, BothAreEinval) {
  mutex_t m;
  int ceiling = 10;
  for (const LockType& lock : kLockTypes) {
    EXPECT_EQ(mutex_init(&m, lock.type | LOCK_PRIO_INHERIT | LOCK_PRIO_PROTECT,
                         &ceiling),
              EINVAL);
  }
}

TEST_F(ProtocolInitTest, OnlyPrivateOnesAreDelivered) {
  int ceiling = 10;
  for (const int protocol : kProtocols) {
    for (const int type : {USYNC_PROCESS, LOCK_ROBUST, USYNC_PROCESS_ROBUST,
                           USYNC_PROCESS | LOCK_ROBUST}) {
      mutex_t m = {};
      EXPECT_EQ(mutex_init(&m, type | protocol, &ceiling), ENOTSUP);
      EXPECT_TRUE(AllBytesZero(m));
    }
  }
}

}  // namespace
}  // namespace lt
