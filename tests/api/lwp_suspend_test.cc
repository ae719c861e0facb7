// SPDX-License-Identifier: MIT
//
// _lwp_suspend(2), _lwp_continue(2) and _lwp_kill(2), of LWPs of every origin.

#include <pthread.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <memory>

#include "support/raw_lwps.h"

namespace lt {
namespace {

class LwpSuspendTest : public SignalTest {
 protected:
  void InThread(std::function<void()> body) const {
    Join(Spawn(std::move(body)));
  }
};
LT_OVER_KINDS(LwpSuspendTest);

// Counts until it is told to end.
class Counter {
 public:
  void Run() {
    number = _lwp_self();
    while (!end_.IsOpen()) {
      ++turns;
      LetOthersRun();
    }
  }
  void End() { end_.Open(); }
  bool Stands() const {
    const int before = turns;
    EXPECT_TRUE(Quiesce());
    return turns == before;
  }
  bool Runs() const {
    const int before = turns;
    return static_cast<bool>(Eventually([&] { return turns != before; }));
  }

  std::atomic<lwpid_t> number{0};
  std::atomic<int> turns{0};

 private:
  Gate end_;
};

TEST_P(LwpSuspendTest, StopsAnLwpUntilItIsContinued) {
  InThread([] {
    Counter counter;
    Lwp lwp([&] { counter.Run(); }, 0u);
    for (int round = 0; round < 5; ++round) {
      EXPECT_TRUE(counter.Runs());
      ASSERT_EQ(_lwp_suspend(lwp.id()), 0);
      EXPECT_TRUE(counter.Stands());
      ASSERT_EQ(_lwp_suspend(lwp.id()), 0);  // not counted
      ASSERT_EQ(_lwp_continue(lwp.id()), 0);
    }
    EXPECT_TRUE(counter.Runs());
    EXPECT_EQ(_lwp_continue(lwp.id()), 0);  // it runs
    counter.End();
    lwp.Wait();
  });
}

TEST_P(LwpSuspendTest, StopsTheLwpOfABoundThread) {
  InThread([] {
    Counter counter;
    const thread_t id = SpawnWithFlags([&] { counter.Run(); }, THR_BOUND);
    EXPECT_TRUE(counter.Runs());
    ASSERT_EQ(_lwp_suspend(counter.number), 0);
    EXPECT_TRUE(counter.Stands());
    ASSERT_EQ(_lwp_continue(counter.number), 0);
    EXPECT_TRUE(counter.Runs());
    counter.End();
    Join(id);
  });
}

// Each has a reason of its own to be stopped.
TEST_P(LwpSuspendTest, IsApartFromThrSuspend) {
  InThread([] {
    Counter counter;
    Lwp lwp([&] { counter.Run(); }, 0u);
    EXPECT_TRUE(counter.Runs());
    ASSERT_EQ(_lwp_suspend(lwp.id()), 0);
    ASSERT_EQ(thr_suspend(lwp.id()), 0);
    ASSERT_EQ(_lwp_continue(lwp.id()), 0);
    EXPECT_TRUE(counter.Stands());
    ASSERT_EQ(_lwp_suspend(lwp.id()), 0);
    ASSERT_EQ(thr_continue(lwp.id()), 0);
    EXPECT_TRUE(counter.Stands());
    ASSERT_EQ(_lwp_continue(lwp.id()), 0);
    EXPECT_TRUE(counter.Runs());
    counter.End();
    lwp.Wait();
  });
}

TEST_P(LwpSuspendTest, AnLwpStopsItself) {
  InThread([] {
    std::atomic<int> step{0};
    Lwp lwp(
        [&] {
          step = 1;
          EXPECT_EQ(_lwp_suspend(_lwp_self()), 0);
          step = 2;
        },
        0u);
    EXPECT_TRUE(Eventually([&] { return step != 0; }));
    EXPECT_TRUE(Quiesce());
    EXPECT_EQ(step, 1);
    EXPECT_EQ(_lwp_continue(lwp.id()), 0);
    lwp.Wait();
    EXPECT_EQ(step, 2);
  });
}

// Of whatever kind the thread is: what it runs on now is its LWP.
TEST_P(LwpSuspendTest, AThreadStopsTheLwpThatItIsOn) {
  std::atomic<lwpid_t> number{0};
  std::atomic<int> step{0};
  ForeignThread other([&] {
    for (int round = 1; round <= 5; ++round) {
      EXPECT_TRUE(Eventually([&] { return step == round; }));
      EXPECT_TRUE(Quiesce());
      EXPECT_EQ(step, round);
      EXPECT_EQ(_lwp_continue(number), 0);
    }
  });
  InThread([&] {
    for (int round = 1; round <= 5; ++round) {
      // Another thread may run here in between, but no other LWP this one.
      number = _lwp_self();
      step = round;
      EXPECT_EQ(_lwp_suspend(number), 0);
    }
  });
  other.Join();
}

bool IsStopped(thread_t id) {
  int flag = -1;
  return thr_getstate(id, &flag, nullptr, nullptr, nullptr) == 0 &&
         flag == TRS_NONVOLATILE;
}

// The number of an LWP of the pool stands for the thread that is on it; the LWP
// serves others, and the number continues that thread.
TEST_P(LwpSuspendTest, OfThePoolTheThreadIsStopped) {
  Counter counter;
  const thread_t id = Spawn([&] { counter.Run(); });
  EXPECT_TRUE(counter.Runs());
  ForeignThread other([&] {
    // Where it is now, unless it has gone on when that is known.
    lwpid_t number = 0;
    do {
      if (number != 0) {
        EXPECT_EQ(_lwp_continue(number), 0);
      }
      number = counter.number;
      ASSERT_EQ(_lwp_suspend(number), 0);
    } while (!IsStopped(id));
    const thread_t more = SpawnWithFlags([] {}, 0);
    Join(more);
    EXPECT_EQ(_lwp_suspend(number), 0);  // it has stopped one already
    EXPECT_TRUE(IsStopped(id));
    EXPECT_EQ(_lwp_continue(number), 0);
    EXPECT_FALSE(IsStopped(id));
    EXPECT_TRUE(counter.Runs());
    EXPECT_EQ(_lwp_continue(number), 0);
  });
  other.Join();
  counter.End();
  Join(id);
}

TEST_P(LwpSuspendTest, OthersAreUntouched) {
  InThread([] {
    Counter one;
    Counter two;
    Lwp first([&] { one.Run(); }, 0u);
    Lwp second([&] { two.Run(); }, 0u);
    ASSERT_EQ(_lwp_suspend(first.id()), 0);
    EXPECT_TRUE(two.Runs());
    ASSERT_EQ(_lwp_continue(first.id()), 0);
    one.End();
    two.End();
    first.Wait();
    second.Wait();
  });
}

// Two that suspend each other: one is stopped, the other is not.
TEST_P(LwpSuspendTest, TwoStopEachOther) {
  InThread([] {
    for (int round = 0; round < 50; ++round) {
      std::atomic<int> done{0};
      Gate both;
      std::unique_ptr<Lwp> lwps[2];
      for (int i = 0; i < 2; ++i) {
        lwps[i] = std::make_unique<Lwp>(
            [&, i] {
              both.Wait();
              const int error = _lwp_suspend(lwps[1 - i]->id());
              EXPECT_TRUE(error == 0 || error == ESRCH) << error;
              ++done;
            },
            0u);
      }
      both.Open();
      EXPECT_TRUE(Eventually([&] { return done >= 1; }));
      for (const auto& lwp : lwps) {
        EXPECT_TRUE(Eventually([&] {
          const int error = _lwp_continue(lwp->id());
          return error == ESRCH || done == 2;
        }));
      }
      for (const auto& lwp : lwps) {
        EXPECT_TRUE(
            Eventually([&] { return _lwp_continue(lwp->id()) == ESRCH; }));
        lwp->Wait();
      }
    }
  });
}

TEST_P(LwpSuspendTest, UnknownNumbersAreNoLwps) {
  InThread([] {
    Lwp lwp([] {}, 0u);
    EXPECT_TRUE(Quiesce());  // it has ended
    for (const lwpid_t number : {kNoLwp, -1, 0, lwp.id()}) {
      EXPECT_EQ(_lwp_suspend(number), ESRCH) << number;
      EXPECT_EQ(_lwp_continue(number), ESRCH) << number;
      EXPECT_EQ(_lwp_kill(number, 0), ESRCH) << number;
      EXPECT_EQ(_lwp_kill(number, SIGUSR1), ESRCH) << number;
    }
    lwp.Wait();
  });
}

TEST_P(LwpSuspendTest, BadSignalsComeBeforeBadNumbers) {
  InThread([] {
    for (const int signal : {-1, 65, 1000, 32, 33}) {
      EXPECT_EQ(_lwp_kill(kNoLwp, signal), EINVAL) << signal;
      EXPECT_EQ(_lwp_kill(_lwp_self(), signal), EINVAL) << signal;
    }
    EXPECT_EQ(_lwp_kill(_lwp_self(), 0), 0);
  });
}

std::atomic<lwpid_t> g_lwp;
std::atomic<int> g_code;
void SeeLwp(int signal, siginfo_t* info, void*) {
  g_lwp = _lwp_self();
  g_code = info->si_code;
  See(signal);
}

TEST_P(LwpSuspendTest, SignalsComeToTheLwp) {
  InThread([] {
    const ScopedAction action(SIGUSR1, SeeLwp, 0);
    Counter counter;
    Lwp lwp([&] { counter.Run(); }, 0u);
    const thread_t bound = SpawnWithFlags(
        [&] { EXPECT_EQ(_lwp_kill(_lwp_self(), SIGUSR1), 0); }, THR_BOUND);
    Join(bound);
    EXPECT_EQ(seen.runs, 1);
    EXPECT_EQ(seen.thread, bound);
    ASSERT_EQ(_lwp_kill(lwp.id(), SIGUSR1), 0);
    EXPECT_TRUE(Eventually([] { return seen.runs == 2; }));
    EXPECT_EQ(g_lwp, lwp.id());
    EXPECT_EQ(g_code, SI_TKILL);
    counter.End();
    lwp.Wait();
  });
}

// Of the pool, too: whatever thread is there.
TEST_P(LwpSuspendTest, SignalsComeToTheLwpThatTheCallerIsOn) {
  InThread([] {
    const ScopedAction action(SIGUSR1, SeeLwp, 0);
    for (int i = 1; i <= 20; ++i) {
      lwpid_t number = 0;
      EXPECT_TRUE(Eventually([&] {
        number = _lwp_self();
        EXPECT_EQ(_lwp_kill(number, SIGUSR1), 0);
        return true;
      }));
      EXPECT_TRUE(Eventually([&] { return seen.runs == i; }));
    }
  });
}

TEST_P(LwpSuspendTest, BlockedItStaysPendingForTheLwp) {
  InThread([] {
    const ScopedAction action(SIGUSR1, SeeLwp, 0);
    Gate open;
    Lwp lwp([&] {
      EXPECT_TRUE(IsBlocked(SIGUSR1));
      open.Wait();
      EXPECT_TRUE(IsPending(SIGUSR1));
      Unblock(SIGUSR1);
    });
    ucontext_t context = lwp.Context();
    context.uc_sigmask = SetOf({SIGUSR1});
    lwpid_t id = 0;
    ASSERT_EQ(_lwp_create(&context, 0, &id), 0);
    ASSERT_EQ(_lwp_kill(id, SIGUSR1), 0);
    EXPECT_EQ(seen.runs, 0);
    open.Open();
    EXPECT_EQ(_lwp_wait(id, nullptr), 0);
    EXPECT_EQ(seen.runs, 1);
    EXPECT_EQ(g_lwp, id);
  });
}

// A stopped LWP gets its signal when it goes on, also one that has not begun.
TEST_P(LwpSuspendTest, AStoppedLwpKeepsItsSignal) {
  InThread([] {
    const ScopedAction action(SIGUSR1, SeeLwp, 0);
    Lwp lwp([] {}, uint_t{LWP_SUSPENDED});
    ASSERT_EQ(_lwp_kill(lwp.id(), SIGUSR1), 0);
    EXPECT_TRUE(Quiesce());
    EXPECT_EQ(seen.runs, 0);
    ASSERT_EQ(_lwp_continue(lwp.id()), 0);
    lwp.Wait();
    EXPECT_EQ(seen.runs, 1);
    EXPECT_EQ(g_lwp, lwp.id());
  });
}

}  // namespace
}  // namespace lt
