// SPDX-License-Identifier: MIT
//
// _lwp_wait(2): LWPs of _lwp_create(2) by their numbers, or any of them; and
// how thr_join(3) takes them.

#include <pthread.h>
#include <unistd.h>

#include <memory>
#include <set>
#include <vector>

#include "support/raw_lwps.h"
#include "support/shared_memory.h"

namespace lt {
namespace {

class LwpWaitTest : public SignalTest {
 protected:
  // Runs the body in a thread of the kind under test.
  void InThread(std::function<void()> body) const {
    Join(Spawn(std::move(body)));
  }
};
LT_OVER_KINDS(LwpWaitTest);

TEST_P(LwpWaitTest, BlocksUntilItHasEnded) {
  InThread([this] {
    StandingLwp lwp;
    std::atomic<bool> done{false};
    const thread_t waiter = Spawn([&] {
      lwpid_t departed = 0;
      EXPECT_EQ(_lwp_wait(lwp.id(), &departed), 0);
      EXPECT_EQ(departed, lwp.id());
      done = true;
    });
    for (int i = 0; i < 1000; ++i) LetOthersRun();
    EXPECT_FALSE(done);
    lwp.LetGo();
    Join(waiter);
    EXPECT_TRUE(done);
  });
}

TEST_P(LwpWaitTest, ReturnsAtOnceForOneThatHasEnded) {
  InThread([] {
    Lwp lwp([] {}, 0u);
    EXPECT_TRUE(Quiesce());
    lwp.Wait();
    EXPECT_EQ(_lwp_wait(lwp.id(), nullptr), ESRCH);  // once only
  });
}

TEST_P(LwpWaitTest, AnyReturnsEachOnce) {
  InThread([] {
    std::vector<std::unique_ptr<Lwp>> lwps;
    std::set<lwpid_t> expected;
    for (int i = 0; i < 20; ++i) {
      lwps.push_back(std::make_unique<Lwp>([] {}, 0u));
      expected.insert(lwps.back()->id());
    }
    std::set<lwpid_t> seen;
    lwpid_t departed = 0;
    int error;
    while ((error = _lwp_wait(0, &departed)) == 0) {
      EXPECT_TRUE(seen.insert(departed).second) << departed;
    }
    EXPECT_EQ(error, EDEADLK);
    EXPECT_EQ(seen, expected);
  });
}

TEST_P(LwpWaitTest, AnyWaits) {
  InThread([this] {
    StandingLwp lwp;
    const thread_t other = Spawn([&] {
      for (int i = 0; i < 1000; ++i) LetOthersRun();
      lwp.LetGo();
    });
    lwpid_t departed = 0;
    EXPECT_EQ(_lwp_wait(0, &departed), 0);
    EXPECT_EQ(departed, lwp.id());
    Join(other);
  });
}

TEST_P(LwpWaitTest, AnyTakesNoThreads) {
  InThread([this] {
    const thread_t thread = Spawn([] {});
    EXPECT_TRUE(Quiesce());
    EXPECT_EQ(_lwp_wait(0, nullptr), EDEADLK);
    Lwp lwp([] {}, 0u);
    lwpid_t departed = 0;
    EXPECT_EQ(_lwp_wait(0, &departed), 0);
    EXPECT_EQ(departed, lwp.id());
    Join(thread);
  });
}

TEST_P(LwpWaitTest, JoinOfAnyTakesLwpsAndThreads) {
  std::set<thread_t> expected;
  std::vector<std::unique_ptr<Lwp>> lwps;
  for (int i = 0; i < 5; ++i) {
    expected.insert(Spawn([] {}));
    lwps.push_back(std::make_unique<Lwp>([] {}, 0u));
    expected.insert(lwps.back()->id());
  }
  std::set<thread_t> seen;
  thread_t departed = 0;
  void* status = this;
  while (thr_join(0, &departed, &status) == 0) {
    EXPECT_EQ(status, nullptr);
    status = this;
    EXPECT_TRUE(seen.insert(departed).second) << departed;
  }
  EXPECT_EQ(seen, expected);
}

TEST_P(LwpWaitTest, JoinTakesAnLwp) {
  InThread([this] {
    Lwp lwp([] {}, 0u);
    void* status = this;
    thread_t departed = 0;
    EXPECT_EQ(thr_join(lwp.id(), &departed, &status), 0);
    EXPECT_EQ(departed, static_cast<thread_t>(lwp.id()));
    EXPECT_EQ(status, nullptr);
    EXPECT_EQ(_lwp_wait(0, nullptr), EDEADLK);
  });
}

// A thread that waits for one LWP by its number gets it, whoever else waits for
// any; that one is told when none is left.
TEST_P(LwpWaitTest, WaitersByNumberComeFirst) {
  InThread([this] {
    for (int round = 0; round < 10; ++round) {
      StandingLwp lwp;
      int by_number = -1;
      int any = -1;
      std::atomic<int> begun{0};
      const thread_t one = Spawn([&] {
        ++begun;
        any = _lwp_wait(0, nullptr);
      });
      const thread_t two = Spawn([&] {
        ++begun;
        by_number = _lwp_wait(lwp.id(), nullptr);
      });
      // The LWP spins, so nobody sees them sleep; they do nothing else.
      EXPECT_TRUE(Eventually([&] { return begun == 2; }));
      for (int i = 0; i < 2000; ++i) LetOthersRun();
      lwp.LetGo();
      Join(one);
      Join(two);
      // Whoever had not come so far when it ended may have lost.
      EXPECT_TRUE((by_number == 0 && any == EDEADLK) ||
                  (by_number == ESRCH && any == 0))
          << by_number << ' ' << any;
    }
  });
}

TEST_P(LwpWaitTest, OneOfSeveralWaitersGetsIt) {
  InThread([this] {
    StandingLwp lwp;
    std::atomic<int> got{0};
    std::atomic<int> lost{0};
    std::vector<thread_t> waiters;
    for (int i = 0; i < 5; ++i) {
      waiters.push_back(Spawn([&] {
        const int error = _lwp_wait(lwp.id(), nullptr);
        EXPECT_TRUE(error == 0 || error == ESRCH) << error;
        ++(error == 0 ? got : lost);
      }));
    }
    for (int i = 0; i < 1000; ++i) LetOthersRun();
    lwp.LetGo();
    for (const thread_t waiter : waiters) Join(waiter);
    EXPECT_EQ(got, 1);
    EXPECT_EQ(lost, 4);
  });
}

TEST_P(LwpWaitTest, UnknownNumbersAreNoLwps) {
  InThread([] {
    EXPECT_EQ(_lwp_wait(kNoLwp, nullptr), ESRCH);
    EXPECT_EQ(_lwp_detach(kNoLwp), ESRCH);
    EXPECT_EQ(_lwp_wait(-1, nullptr), ESRCH);
  });
}

TEST_P(LwpWaitTest, ItselfIsADeadlock) {
  InThread([] { EXPECT_EQ(_lwp_wait(_lwp_self(), nullptr), EDEADLK); });
  Lwp lwp([] { EXPECT_EQ(_lwp_wait(_lwp_self(), nullptr), EDEADLK); }, 0u);
  lwp.Wait();
}

// An LWP that is the only one left waits for none.
TEST_P(LwpWaitTest, AnyOfNoOthersIsADeadlock) {
  InThread([] {
    EXPECT_EQ(_lwp_wait(0, nullptr), EDEADLK);
    int error = -1;
    Lwp lwp([&] { error = _lwp_wait(0, nullptr); }, 0u);
    lwp.Wait();
    EXPECT_EQ(error, EDEADLK);
  });
}

TEST_P(LwpWaitTest, ACircleIsADeadlock) {
  InThread([] {
    for (int round = 0; round < 20; ++round) {
      Gate both;
      std::atomic<int> deadlocks{0};
      std::unique_ptr<Lwp> lwps[2];
      for (int i = 0; i < 2; ++i) {
        lwps[i] = std::make_unique<Lwp>(
            [&, i] {
              both.Wait();
              const int error = _lwp_wait(lwps[1 - i]->id(), nullptr);
              if (error == EDEADLK) ++deadlocks;
            },
            0u);
      }
      both.Open();
      EXPECT_TRUE(Eventually([&] { return deadlocks == 1; }));
      // The other one has got what it wanted, and is left.
      EXPECT_EQ(_lwp_wait(0, nullptr), 0);
      EXPECT_EQ(_lwp_wait(0, nullptr), EDEADLK);
    }
  });
}

// One that waits for any is told when the last is taken from it: by a waiter
// with its number, by thr_join, or because it is detached.
TEST_P(LwpWaitTest, AnyIsToldWhenTheLastIsTaken) {
  InThread([this] {
    for (int way = 0; way < 3; ++way) {
      StandingLwp lwp;
      int any = -1;
      const thread_t waiter = Spawn([&] { any = _lwp_wait(0, nullptr); });
      for (int i = 0; i < 1000; ++i) LetOthersRun();
      if (way == 0) {
        EXPECT_EQ(_lwp_detach(lwp.id()), 0);
        EXPECT_EQ(_lwp_detach(lwp.id()), EINVAL);
        Join(waiter);
        EXPECT_EQ(any, EDEADLK);
        EXPECT_EQ(_lwp_wait(lwp.id(), nullptr), EINVAL);
        const int before = LiveThreads();
        lwp.LetGo();
        EXPECT_TRUE(Eventually([&] { return LiveThreads() == before - 1; }));
        EXPECT_TRUE(Quiesce());  // its stack is free
        continue;
      }
      std::atomic<bool> begun{false};
      int by_number = -1;
      const thread_t taker = Spawn([&] {
        begun = true;
        by_number = way == 1 ? _lwp_wait(lwp.id(), nullptr)
                             : thr_join(lwp.id(), nullptr, nullptr);
      });
      EXPECT_TRUE(Eventually([&] { return begun.load(); }));
      for (int i = 0; i < 1000; ++i) LetOthersRun();
      lwp.LetGo();
      Join(waiter);
      Join(taker);
      EXPECT_TRUE((by_number == 0 && any == EDEADLK) ||
                  (by_number == ESRCH && any == 0))
          << by_number << ' ' << any;
    }
  });
}

// Two LWPs are left, which wait for any: each is told.
TEST_P(LwpWaitTest, AllThatAreLeftWaitForAny) {
  Child child([] {
    static std::atomic<int> deadlocks{0};
    for (int i = 0; i < 2; ++i) {
      new Lwp(  // there is nobody to end it
          [] {
            int error;
            while ((error = _lwp_wait(0, nullptr)) == 0) {
            }
            EXPECT_EQ(error, EDEADLK);
            if (++deadlocks == 2) _exit(7);
          },
          0u);
    }
    _lwp_exit();
  });
  EXPECT_EQ(child.Wait(), 7 << 8);
}

TEST_P(LwpWaitTest, ThoseThatCannotBeWaitedForAreInvalid) {
  InThread([] {
    EXPECT_NE(_lwp_self(), 0);
    lwpid_t number = 0;
    Gate known;
    Gate gate;
    const thread_t bound = SpawnWithFlags(
        [&] {
          number = _lwp_self();
          known.Open();
          gate.Wait();
        },
        THR_BOUND);
    known.Wait();
    EXPECT_EQ(_lwp_wait(number, nullptr), EINVAL);
    EXPECT_EQ(_lwp_detach(number), EINVAL);
    gate.Open();
    Join(bound);
    EXPECT_EQ(_lwp_wait(number, nullptr), ESRCH);
    Lwp detached([] {}, uint_t{LWP_DETACHED | LWP_SUSPENDED});
    EXPECT_EQ(_lwp_wait(detached.id(), nullptr), EINVAL);
    EXPECT_EQ(_lwp_continue(detached.id()), 0);
    EXPECT_TRUE(
        Eventually([&] { return _lwp_wait(detached.id(), nullptr) == ESRCH; }));
    EXPECT_TRUE(Quiesce());
  });
}

TEST_P(LwpWaitTest, BadPointersAreFaults) {
  InThread([] {
    Pages readable(4096, PROT_READ);
    Lwp lwp([] {}, 0u);
    for (void* place :
         {reinterpret_cast<void*>(4), static_cast<void*>(readable.low())}) {
      EXPECT_EQ(_lwp_wait(lwp.id(), static_cast<lwpid_t*>(place)), EFAULT);
    }
    lwp.Wait();  // it is there still
  });
}

// Unlike thr_join, with SA_RESTART too.
TEST_P(LwpWaitTest, AHandlerEndsIt) {
  for (const int flags : {0, SA_RESTART}) {
    for (const bool any : {false, true}) {
      const ScopedAction action(SIGUSR1, See, flags);
      Lwp lwp([] {}, uint_t{LWP_SUSPENDED});
      int error = -1;
      WhileBlocked([&] { error = _lwp_wait(any ? 0 : lwp.id(), nullptr); },
                   [](thread_t id) { EXPECT_EQ(thr_kill(id, SIGUSR1), 0); });
      EXPECT_EQ(error, EINTR);
      EXPECT_EQ(_lwp_continue(lwp.id()), 0);
      lwp.Wait();
    }
  }
  EXPECT_EQ(seen.runs, 4);
}

// Blocked and ignored signals, and a suspension, do not.
TEST_P(LwpWaitTest, OnlyAHandlerEndsIt) {
  const ScopedAction action(SIGUSR2, SIG_IGN);
  Lwp lwp([] {}, uint_t{LWP_SUSPENDED});
  int error = -1;
  WhileBlocked(
      [&] {
        const Blocked blocked({SIGUSR1});
        error = _lwp_wait(lwp.id(), nullptr);
        const timespec_t now = Interval(0);
        const sigset_t set = SetOf({SIGUSR1});
        EXPECT_EQ(sigtimedwait(&set, nullptr, &now), SIGUSR1);
      },
      [&](thread_t id) {
        EXPECT_EQ(thr_kill(id, SIGUSR1), 0);
        EXPECT_EQ(thr_kill(id, SIGUSR2), 0);
        EXPECT_EQ(thr_suspend(id), 0);
        EXPECT_EQ(thr_continue(id), 0);
        EXPECT_TRUE(Quiesce());
        EXPECT_EQ(error, -1);
        EXPECT_EQ(_lwp_continue(lwp.id()), 0);
      });
  EXPECT_EQ(error, 0);
}

// A thread that left the wait by a jump joins as ever.
TEST_P(LwpWaitTest, ThrExitFromAHandlerLeavesNothing) {
  const ScopedAction action(SIGUSR1, [](int) { _lwp_exit(); });
  Lwp lwp([] {}, uint_t{LWP_SUSPENDED});
  WhileBlocked([&] { static_cast<void>(_lwp_wait(0, nullptr)); },
               [](thread_t id) { EXPECT_EQ(thr_kill(id, SIGUSR1), 0); });
  EXPECT_EQ(_lwp_continue(lwp.id()), 0);
  lwp.Wait();
  EXPECT_EQ(_lwp_wait(0, nullptr), EDEADLK);
  EXPECT_EQ(thr_join(0, nullptr, nullptr), EDEADLK);
}

}  // namespace
}  // namespace lt
