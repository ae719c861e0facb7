// SPDX-License-Identifier: MIT
//
// _lwp_create(2) and _lwp_makecontext(2): what an LWP begins with, and the
// errors.

#include <fenv.h>
#include <pthread.h>
#include <sched.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cmath>
#include <cstdint>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "support/blocking.h"
#include "support/raw_lwps.h"
#include "support/shared_memory.h"

namespace lt {
namespace {

class LwpCreateTest : public ApiTest {
 protected:
  // Runs the body in a thread of the kind under test.
  void InThread(std::function<void()> body) const {
    Join(Spawn(std::move(body)));
  }
};
LT_OVER_KINDS(LwpCreateTest);

TEST_P(LwpCreateTest, RunsOnTheStackThatItIsGiven) {
  InThread([] {
    bool on_stack = false;
    pid_t kernel_id = 0;
    Lwp lwp([&] {
      int local;
      on_stack = lwp.OnStack(&local);
      kernel_id = gettid();
    });
    ASSERT_EQ(lwp.Create(), 0);
    lwp.Wait();
    EXPECT_TRUE(on_stack);
    EXPECT_NE(kernel_id, gettid());
    EXPECT_NE(kernel_id, getpid());
  });
}

TEST_P(LwpCreateTest, TheStackMayGoOnceTheWaitIsOver) {
  InThread([] {
    for (int i = 0; i < 100; ++i) {
      Lwp lwp([] {});
      ASSERT_EQ(lwp.Create(), 0);
      lwp.Wait();
      lwp.stack().Unmap();
    }
  });
}

TEST_P(LwpCreateTest, TheNumberIsStoredBeforeItRuns) {
  InThread([] {
    for (int i = 0; i < 100; ++i) {
      lwpid_t inside = 0;
      lwpid_t stored = -1;
      Lwp lwp([&] {
        inside = _lwp_self();
        stored = lwp.id();
      });
      ASSERT_EQ(lwp.Create(), 0);
      lwp.Wait();
      EXPECT_EQ(inside, lwp.id());
      EXPECT_EQ(stored, lwp.id());
    }
  });
}

TEST_P(LwpCreateTest, NumbersAreThoseOfNoThreadAndNoOtherLwp) {
  InThread([this] {
    std::set<unsigned> used;
    for (int i = 0; i < 50; ++i) {
      StandingLwp lwp;
      EXPECT_TRUE(used.insert(lwp.id()).second) << lwp.id();
      const thread_t id = Spawn([] {});
      EXPECT_TRUE(used.insert(id).second) << id;
      Join(id);
      lwpid_t number = 0;
      const thread_t bound =
          SpawnWithFlags([&] { number = _lwp_self(); }, THR_BOUND);
      Join(bound);
      EXPECT_TRUE(used.insert(bound).second) << bound;
      EXPECT_NE(number, lwp.id());
      lwp.End();
    }
  });
}

TEST_P(LwpCreateTest, ToTheLibraryItsThreadHasTheSameNumber) {
  InThread([] {
    Lwp lwp([&] { EXPECT_EQ(thr_self(), static_cast<thread_t>(lwp.id())); });
    ASSERT_EQ(lwp.Create(), 0);
    lwp.Wait();
  });
}

TEST_P(LwpCreateTest, InheritsTheScheduling) {
  InThread([] {
    int nice_inside = -1;
    const auto own = [] { return getpriority(PRIO_PROCESS, gettid()); };
    ForeignThread creator([&] {
      ASSERT_EQ(setpriority(PRIO_PROCESS, gettid(), 15), 0);
      Lwp lwp([&] { nice_inside = own(); });
      ASSERT_EQ(lwp.Create(), 0);
      lwp.Wait();
    });
    creator.Join();
    EXPECT_EQ(nice_inside, 15);
  });
}

TEST_P(LwpCreateTest, SuspendedItWaitsForContinue) {
  InThread([] {
    std::atomic<bool> ran{false};
    Lwp lwp([&] { ran = true; });
    ASSERT_EQ(lwp.Create(LWP_SUSPENDED), 0);
    EXPECT_TRUE(Quiesce());
    EXPECT_FALSE(ran);
    EXPECT_EQ(_lwp_suspend(lwp.id()), 0);  // it is already
    EXPECT_EQ(_lwp_continue(lwp.id()), 0);
    lwp.Wait();
    EXPECT_TRUE(ran);
  });
}

TEST_P(LwpCreateTest, DetachedItVanishes) {
  InThread([] {
    for (const uint_t flags :
         {uint_t{LWP_DETACHED}, uint_t{LWP_DAEMON},
          uint_t{LWP_DETACHED | LWP_DAEMON | LWP_SUSPENDED}}) {
      const int before = LiveThreads();
      Lwp lwp([] {});
      ASSERT_EQ(lwp.Create(flags), 0);
      EXPECT_EQ(_lwp_wait(0, nullptr), EDEADLK);
      if ((flags & LWP_SUSPENDED) != 0) {
        EXPECT_EQ(_lwp_wait(lwp.id(), nullptr), EINVAL);
        EXPECT_EQ(_lwp_continue(lwp.id()), 0);
      }
      EXPECT_TRUE(Eventually([&] { return LiveThreads() == before; }));
      // The stack is in use until the kernel thread is gone.
      EXPECT_TRUE(Eventually([&] { return _lwp_kill(lwp.id(), 0) == ESRCH; }));
      EXPECT_TRUE(Quiesce());
    }
  });
}

TEST_P(LwpCreateTest, BadFlagsAreInvalid) {
  InThread([] {
    Lwp lwp([] { FAIL(); });
    for (const uint_t flags : {1u, 0x100u, 0x10u, 0x80000000u, ~0u}) {
      EXPECT_EQ(lwp.Create(flags), EINVAL) << flags;
    }
  });
}

TEST_P(LwpCreateTest, ContextsWithoutProgramCounterOrStackAreInvalid) {
  InThread([] {
    ucontext_t context;
    std::memset(&context, 0, sizeof context);
    EXPECT_EQ(_lwp_create(&context, 0, nullptr), EINVAL);
  });
}

TEST_P(LwpCreateTest, BadPointersAreFaults) {
  InThread([] {
    const Pages none(8192, PROT_NONE);
    const Pages readable(8192, PROT_READ);
    EXPECT_EQ(_lwp_create(nullptr, 0, nullptr), EFAULT);
    EXPECT_EQ(
        _lwp_create(reinterpret_cast<ucontext_t*>(none.low()), 0, nullptr),
        EFAULT);
    // Its end only is not there.
    Pages half(8192);
    ASSERT_EQ(mprotect(half.low() + 4096, 4096, PROT_NONE), 0);
    EXPECT_EQ(_lwp_create(reinterpret_cast<ucontext_t*>(
                              half.low() + 4096 - sizeof(ucontext_t) + 16),
                          0, nullptr),
              EFAULT);
    Lwp lwp([] { FAIL(); });
    ucontext_t context = lwp.Context();
    for (char* place : {reinterpret_cast<char*>(8), none.low(), readable.low(),
                        half.low() + 4096 - 2}) {
      EXPECT_EQ(_lwp_create(&context, 0, reinterpret_cast<lwpid_t*>(place)),
                EFAULT);
    }
  });
}

// Address space for kernel threads runs out; what was made before goes on, and
// nothing is left of what was not made.
TEST_P(LwpCreateTest, LimitsAreEagainAndLeaveNothing) {
  InThread([] {
    Child child([] {
      // What is made once, by the first.
      {
        StandingLwp first;
        first.End();
      }
      Lwp lwp([] {});
      rlimit limit{};
      ASSERT_EQ(getrlimit(RLIMIT_AS, &limit), 0);
      const int threads = LiveThreads();
      limit.rlim_cur = 1 << 20;
      // A stack that the C library has kept serves one more.
      std::vector<std::unique_ptr<StandingLwp>> kept;
      for (int i = 0; i < 8; ++i)
        kept.push_back(std::make_unique<StandingLwp>());
      ASSERT_EQ(setrlimit(RLIMIT_AS, &limit), 0);
      int made = 0;
      for (int i = 0; i < 1000; ++i) {
        const int error = lwp.Create();
        if (error == 0) {
          ++made;
          lwp.Wait();
        } else {
          ASSERT_EQ(error, EAGAIN);
        }
      }
      limit.rlim_cur = limit.rlim_max;
      ASSERT_EQ(setrlimit(RLIMIT_AS, &limit), 0);
      EXPECT_LT(made, 1000);
      EXPECT_EQ(LiveThreads(), threads + 8);
      for (auto& one : kept) one->End();
      EXPECT_EQ(_lwp_wait(0, nullptr), EDEADLK);
      ASSERT_EQ(lwp.Create(), 0);
      lwp.Wait();
    });
    child.ExpectGood();
  });
}

TEST_P(LwpCreateTest, AnLwpMakesLwpsAndThreads) {
  InThread([] {
    std::atomic<int> ran{0};
    Lwp outer([&] {
      Lwp inner([&] { ++ran; });
      ASSERT_EQ(inner.Create(), 0);
      inner.Wait();
      for (const long flags : {0L, long{THR_BOUND}}) {
        Join(SpawnWithFlags([&] { ++ran; }, flags));
      }
    });
    ASSERT_EQ(outer.Create(), 0);
    outer.Wait();
    EXPECT_EQ(ran, 3);
  });
}

TEST_P(LwpCreateTest, ItUsesTheLocksOfThreads) {
  InThread([this] {
    mutex_t mutex = DEFAULTMUTEX;
    cond_t cond = DEFAULTCV;
    int turn = 0;
    const auto take_turns = [&](int own) {
      for (int i = 0; i < 100; ++i) {
        ASSERT_EQ(mutex_lock(&mutex), 0);
        while (turn % 2 != own) ASSERT_EQ(cond_wait(&cond, &mutex), 0);
        ++turn;
        ASSERT_EQ(cond_broadcast(&cond), 0);
        ASSERT_EQ(mutex_unlock(&mutex), 0);
      }
    };
    Lwp lwp([&] { take_turns(0); });
    ASSERT_EQ(lwp.Create(), 0);
    Join(Spawn([&] { take_turns(1); }));
    lwp.Wait();
    EXPECT_EQ(turn, 200);
  });
}

}  // namespace
}  // namespace lt
