// SPDX-License-Identifier: MIT
//
// Mutexes of the priority protocols as mutexes, in mutex_init(3), over all lock
// types.

#include <errno.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstring>
#include <vector>

#include "support/fixture.h"
#include "support/priorities.h"
#include "support/sync_objects.h"

namespace lt {
namespace {

constexpr int kProtocols[] = {LOCK_PRIO_INHERIT, LOCK_PRIO_PROTECT};

class ProtocolTest : public SyncTest {
 protected:
  // Calls `body` for each protocol and lock type.
  static void ForAll(
      const std::function<void(const LockType&, int type)>& body) {
    for (const int protocol : kProtocols) {
      for (const LockType& lock : kLockTypes) {
        SCOPED_TRACE(std::string(lock.name) +
                     (protocol == LOCK_PRIO_INHERIT ? " inherit" : " protect"));
        body(lock, lock.type | protocol);
      }
    }
  }
};

LT_OVER_KINDS(ProtocolTest);

TEST_P(ProtocolTest, LockExcludesOthersUntilUnlock) {
  ForAll([&](const LockType&, int type) {
    ProtocolMutex m(type, 10);
    ASSERT_EQ(mutex_lock(&m), 0);
    EXPECT_TRUE(MUTEX_HELD(&m));
    EXPECT_EQ(TrylockElsewhere(&m), EBUSY);
    Gate acquired;
    const thread_t waiter = Spawn([&] {
      EXPECT_EQ(mutex_lock(&m), 0);
      EXPECT_TRUE(MUTEX_HELD(&m));
      acquired.Open();
      EXPECT_EQ(mutex_unlock(&m), 0);
    });
    EXPECT_TRUE(Quiesce());
    EXPECT_FALSE(acquired.IsOpen());
    EXPECT_EQ(mutex_unlock(&m), 0);
    EXPECT_FALSE(MUTEX_HELD(&m));
    Join(waiter);
    EXPECT_TRUE(acquired.IsOpen());
    EXPECT_EQ(TrylockElsewhere(&m), 0);
  });
}

TEST_P(ProtocolTest, RelockByOwner) {
  ForAll([&](const LockType& lock, int type) {
    if (lock.type == LOCK_NORMAL) return;  // see NormalOnesDeadlock
    ProtocolMutex m(type, 10);
    InThread([&] {
      EXPECT_EQ(mutex_lock(&m), 0);
      if (!lock.recursive) {
        EXPECT_EQ(mutex_lock(&m), EDEADLK);
        EXPECT_EQ(mutex_trylock(&m), EBUSY);
      } else {
        for (int holds = 1; holds < kMaxHolds; ++holds) {
          EXPECT_EQ(holds % 2 == 0 ? mutex_lock(&m) : mutex_trylock(&m), 0);
        }
        EXPECT_EQ(mutex_lock(&m), EAGAIN);
        EXPECT_EQ(mutex_trylock(&m), EAGAIN);
        for (int holds = 1; holds < kMaxHolds; ++holds) {
          EXPECT_EQ(mutex_unlock(&m), 0);
        }
      }
      EXPECT_TRUE(MUTEX_HELD(&m));
      EXPECT_EQ(mutex_unlock(&m), 0);
      EXPECT_FALSE(MUTEX_HELD(&m));
    });
    EXPECT_EQ(TrylockElsewhere(&m), 0);
  });
}

// The second mutex_lock() of a normal mutex sleeps, and the thread waits for
// itself; here until somebody else unlocks it.
TEST_P(ProtocolTest, NormalOnesDeadlock) {
  for (const int protocol : kProtocols) {
    ProtocolMutex m(protocol, 10);
    std::atomic<int> locked{0};
    const thread_t id = Spawn([&] {
      EXPECT_EQ(mutex_lock(&m), 0);
      EXPECT_EQ(mutex_trylock(&m), EBUSY);
      locked = 1;
      EXPECT_EQ(mutex_lock(&m), 0);
      locked = 2;
      EXPECT_EQ(mutex_unlock(&m), 0);
    });
    EXPECT_TRUE(Quiesce());
    EXPECT_EQ(locked, 1);
    EXPECT_EQ(thr_setprio(id, 9), 0);
    EXPECT_EQ(mutex_unlock(&m), 0);
    Join(id);
    EXPECT_EQ(locked, 2);
    EXPECT_EQ(TrylockElsewhere(&m), 0);
  }
}

TEST_P(ProtocolTest, UnlockByOthers) {
  ForAll([&](const LockType& lock, int type) {
    ProtocolMutex m(type, 10);
    EXPECT_EQ(mutex_unlock(&m), lock.checks_owner ? EPERM : 0);
    EXPECT_EQ(mutex_lock(&m), 0);
    InThread(
        [&] { EXPECT_EQ(mutex_unlock(&m), lock.checks_owner ? EPERM : 0); });
    EXPECT_EQ(TrylockElsewhere(&m), lock.checks_owner ? EBUSY : 0);
    if (lock.checks_owner) {
      EXPECT_EQ(mutex_unlock(&m), 0);
    }
  });
}

TEST_P(ProtocolTest, ManyThreadsCountExactly) {
  ForAll([&](const LockType&, int type) {
    constexpr int kThreads = 6;
    constexpr int kRounds = 300;
    ProtocolMutex m(type, 10);
    int count = 0;
    RunThreads(kThreads, [&](int index) {
      for (int i = 0; i < kRounds; ++i) {
        if ((i + index) % 8 == 0) {
          while (mutex_trylock(&m) != 0) LetOthersRun();
        } else {
          EXPECT_EQ(mutex_lock(&m), 0);
        }
        const int before = count;
        if (i % 16 == 0) thr_yield();
        count = before + 1;
        EXPECT_EQ(mutex_unlock(&m), 0);
      }
    });
    EXPECT_EQ(count, kThreads * kRounds);
  });
}

TEST_P(ProtocolTest, WaitersOfAllKindsGetIt) {
  for (const int protocol : kProtocols) {
    ProtocolMutex m(protocol, 10);
    int count = 0;
    const auto add = [&] {
      for (int i = 0; i < 200; ++i) {
        EXPECT_EQ(mutex_lock(&m), 0);
        ++count;
        if (i % 20 == 0) thr_yield();
        EXPECT_EQ(mutex_unlock(&m), 0);
      }
    };
    const thread_t unbound = SpawnWithFlags(add, 0);
    const thread_t bound = SpawnWithFlags(add, THR_BOUND);
    ForeignThread foreign(add);
    InThread(add);
    Join(unbound);
    Join(bound);
    foreign.Join();
    EXPECT_EQ(count, 800);
  }
}

TEST_P(ProtocolTest, CondWaitReleasesItCompletely) {
  ForAll([&](const LockType& lock, int type) {
    ProtocolMutex m(type, 10);
    cond_t c = DEFAULTCV;
    bool waiting = false;
    bool go = false;
    const thread_t id = Spawn([&] {
      const int holds = lock.recursive ? 3 : 1;
      for (int i = 0; i < holds; ++i) EXPECT_EQ(mutex_lock(&m), 0);
      waiting = true;
      while (!go) EXPECT_EQ(cond_wait(&c, &m), 0);
      const timespec_t moment = Interval(1);
      EXPECT_EQ(cond_reltimedwait(&c, &m, &moment), ETIME);
      EXPECT_TRUE(MUTEX_HELD(&m));
      for (int i = 0; i < holds; ++i) EXPECT_EQ(mutex_unlock(&m), 0);
      EXPECT_FALSE(MUTEX_HELD(&m));
    });
    EXPECT_TRUE(EventuallyLocked(&m, [&] { return waiting; }));
    EXPECT_EQ(mutex_lock(&m), 0);
    go = true;
    EXPECT_EQ(cond_signal(&c), 0);
    EXPECT_EQ(mutex_unlock(&m), 0);
    Join(id);
    if (lock.checks_owner) {
      EXPECT_EQ(cond_wait(&c, &m), EPERM);
    }
  });
}

TEST_P(ProtocolTest, BroadcastWakesAll) {
  ForAll([&](const LockType&, int type) {
    constexpr int kWaiters = 5;
    ProtocolMutex m(type, 10);
    cond_t c = DEFAULTCV;
    int waiting = 0;
    bool go = false;
    std::vector<thread_t> ids;
    for (int i = 0; i < kWaiters; ++i) {
      ids.push_back(Spawn([&] {
        EXPECT_EQ(mutex_lock(&m), 0);
        ++waiting;
        while (!go) EXPECT_EQ(cond_wait(&c, &m), 0);
        --waiting;
        EXPECT_EQ(mutex_unlock(&m), 0);
      }));
    }
    EXPECT_TRUE(EventuallyLocked(&m, [&] { return waiting == kWaiters; }));
    EXPECT_EQ(mutex_lock(&m), 0);
    go = true;
    EXPECT_EQ(cond_broadcast(&c), 0);
    EXPECT_EQ(mutex_unlock(&m), 0);
    for (const thread_t id : ids) Join(id);
    EXPECT_EQ(waiting, 0);
  });
}

// What it holds stays locked, for whoever comes.
TEST_P(ProtocolTest, AThreadThatEndsKeepsItLocked) {
  for (const int protocol : kProtocols) {
    ProtocolMutex m(protocol, 10);
    thread_t waiter = 0;
    std::atomic<bool> got{false};
    InThread([&] {
      EXPECT_EQ(mutex_lock(&m), 0);
      waiter = Spawn([&] {
        EXPECT_EQ(mutex_lock(&m), 0);
        got = true;
        EXPECT_EQ(mutex_unlock(&m), 0);
      });
    });
    EXPECT_TRUE(Quiesce());
    EXPECT_EQ(TrylockElsewhere(&m), EBUSY);
    // On the object of the one that ended, perhaps.
    InThread([&] { EXPECT_EQ(thr_setprio(thr_self(), 5), 0); });
    EXPECT_FALSE(got);
    EXPECT_EQ(mutex_unlock(&m), 0);
    Join(waiter);
    EXPECT_TRUE(got);
  }
}

// A handler interrupts the wait, which goes on; it may lock others itself.
TEST_P(ProtocolTest, AHandlerRunsInTheWait) {
  static std::atomic<int> handled;
  static mutex_t* other;
  for (const int protocol : kProtocols) {
    handled = 0;
    ProtocolMutex m(protocol, 10);
    ProtocolMutex inner(protocol, 20);
    other = &inner;
    struct sigaction action = {};
    struct sigaction before = {};
    action.sa_handler = [](int) {
      EXPECT_EQ(mutex_lock(other), 0);
      ++handled;
      EXPECT_EQ(mutex_unlock(other), 0);
    };
    ASSERT_EQ(sigaction(SIGUSR1, &action, &before), 0);
    ASSERT_EQ(mutex_lock(&m), 0);
    std::atomic<bool> got{false};
    const thread_t id = Spawn([&] {
      EXPECT_EQ(mutex_lock(&m), 0);
      got = true;
      EXPECT_EQ(mutex_unlock(&m), 0);
    });
    EXPECT_TRUE(Quiesce());
    for (int sent = 1; sent <= 3; ++sent) {
      EXPECT_EQ(thr_kill(id, SIGUSR1), 0);
      EXPECT_TRUE(Eventually([&] { return handled == sent; }));
      EXPECT_TRUE(Quiesce());
      EXPECT_FALSE(got);
    }
    EXPECT_EQ(mutex_unlock(&m), 0);
    Join(id);
    EXPECT_TRUE(got);
    ASSERT_EQ(sigaction(SIGUSR1, &before, nullptr), 0);
  }
}

// The child has what its only thread held, and nobody waits for it there.
TEST_P(ProtocolTest, TheChildOfAForkKeepsWhatItHolds) {
  ForAll([&](const LockType&, int type) {
    ProtocolMutex held(type, 30);
    ProtocolMutex others(type, 30);
    Gate taken;
    Gate done;
    const thread_t owner = Spawn([&] {
      EXPECT_EQ(mutex_lock(&others), 0);
      taken.Open();
      done.Wait();
      EXPECT_EQ(mutex_unlock(&others), 0);
    });
    taken.Wait();
    InThread([&] {
      EXPECT_EQ(mutex_lock(&held), 0);
      const thread_t waiter = Spawn([&] {
        EXPECT_EQ(mutex_lock(&held), 0);
        EXPECT_EQ(mutex_unlock(&held), 0);
      });
      EXPECT_EQ(thr_setprio(waiter, 20), 0);
      EXPECT_TRUE(Quiesce());
      const pid_t child = fork();
      if (child == 0) {
        // No expectation is reported from here.
        const bool good = MUTEX_HELD(&held) && mutex_unlock(&held) == 0 &&
                          mutex_lock(&held) == 0 && mutex_unlock(&held) == 0 &&
                          mutex_trylock(&others) == EBUSY &&
                          thr_setprio(thr_self(), 100) == 0;
        _exit(good ? 0 : 1);
      }
      int status = -1;
      EXPECT_EQ(waitpid(child, &status, 0), child);
      EXPECT_EQ(status, 0);
      EXPECT_EQ(mutex_unlock(&held), 0);
      Join(waiter);
    });
    done.Open();
    Join(owner);
  });
}

// errno is the program's.
TEST_P(ProtocolTest, ErrnoIsLeftAlone) {
  ForAll([&](const LockType& lock, int type) {
    InThread([&] {
      ProtocolMutex m(type, 10);
      errno = 4711;
      EXPECT_EQ(mutex_lock(&m), 0);
      EXPECT_EQ(mutex_trylock(&m), lock.recursive ? 0 : EBUSY);
      EXPECT_EQ(mutex_unlock(&m), 0);
      if (lock.recursive) {
        EXPECT_EQ(mutex_unlock(&m), 0);
      }
      EXPECT_EQ(errno, 4711);
    });
  });
}

}  // namespace
}  // namespace lt
