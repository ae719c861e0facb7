// SPDX-License-Identifier: MIT
//
// _lwp_exit(2), and the other ways in which LWPs and the threads above them
// end.

#include <pthread.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cstdint>
#include <exception>

#include "support/raw_lwps.h"
#include "support/shared_memory.h"

namespace lt {
namespace {

using LwpExitTest = ApiTest;
LT_OVER_KINDS(LwpExitTest);

// Counts what ends: frames that are unwound, cleanup handlers, values of keys.
std::atomic<int> g_frames;
std::atomic<int> g_handlers;
std::atomic<int> g_values;

struct Frame {
  ~Frame() { ++g_frames; }
};

thread_key_t Key() {
  static thread_key_t key = [] {
    thread_key_t made = 0;
    EXPECT_EQ(thr_keycreate(&made, [](void*) { ++g_values; }), 0);
    return made;
  }();
  return key;
}

// Calls `end`, which does not return, from frames that would be tidied up.
void EndIn(void (*end)()) {
  const Frame frame;
  EXPECT_EQ(thr_setspecific(Key(), &g_values), 0);
  pthread_cleanup_push([](void*) { ++g_handlers; }, nullptr);
  end();
  pthread_cleanup_pop(0);
}

void ExpectEnded(int frames, int handlers, int values) {
  EXPECT_EQ(g_frames.exchange(0), frames);
  EXPECT_EQ(g_handlers.exchange(0), handlers);
  EXPECT_EQ(g_values.exchange(0), values);
}

TEST_P(LwpExitTest, EndsAnLwpAtOnce) {
  Join(Spawn([] {
    Lwp lwp([] { EndIn([] { _lwp_exit(); }); });
    ASSERT_EQ(lwp.Create(), 0);
    lwp.Wait();
    ExpectEnded(0, 0, 0);
  }));
}

// The thread goes with its LWP, without a word to its frames; its status is
// null.
TEST_P(LwpExitTest, EndsTheThreadOfTheLwp) {
  for (int round = 0; round < 20; ++round) {
    const thread_t id = Spawn([] { EndIn([] { _lwp_exit(); }); });
    void* status = &g_frames;
    EXPECT_EQ(thr_join(id, nullptr, &status), 0);
    EXPECT_EQ(status, nullptr);
    ExpectEnded(0, 0, 0);
    // What it had serves others.
    const thread_t next = Spawn([] {
      void* value = nullptr;
      EXPECT_EQ(thr_getspecific(Key(), &value), 0);
      EXPECT_EQ(value, nullptr);
      EndIn([] { thr_exit(nullptr); });
    });
    Join(next);
    ExpectEnded(1, 1, 1);
  }
}

TEST_P(LwpExitTest, EndsDetachedThreadsToo) {
  const int before = LiveThreads();
  for (int i = 0; i < 20; ++i) Spawn([] { _lwp_exit(); }, THR_DETACHED);
  EXPECT_TRUE(Eventually([&] { return LiveThreads() == before; }));
}

// The pool's LWP goes on.
TEST_P(LwpExitTest, OtherThreadsGoOn) {
  std::atomic<int> ran{0};
  for (int i = 0; i < 50; ++i) {
    const thread_t ends = Spawn([] { _lwp_exit(); });
    const thread_t runs = Spawn([&] { ++ran; });
    Join(ends);
    Join(runs);
  }
  EXPECT_EQ(ran, 50);
}

TEST_P(LwpExitTest, FromAHandlerOfASignal) {
  const ScopedAction action(SIGUSR1, [](int) { _lwp_exit(); });
  const thread_t id = Spawn([] {
    EndIn([] {
      EXPECT_EQ(thr_kill(thr_self(), SIGUSR1), 0);
      FAIL();
    });
  });
  Join(id);
  ExpectEnded(0, 0, 0);
  Lwp lwp([] {
    EXPECT_EQ(_lwp_kill(_lwp_self(), SIGUSR1), 0);
    FAIL();
  });
  ASSERT_EQ(lwp.Create(), 0);
  lwp.Wait();
}

// A pthread is the C library's, which unwinds it.
TEST_P(LwpExitTest, PthreadsAreUnwound) {
  pthread_t thread;
  ASSERT_EQ(pthread_create(
                &thread, nullptr,
                [](void*) -> void* {
                  EndIn([] { _lwp_exit(); });
                  return &g_frames;
                },
                nullptr),
            0);
  void* status = &g_frames;
  EXPECT_EQ(pthread_join(thread, &status), 0);
  EXPECT_EQ(status, nullptr);
  ExpectEnded(1, 1, 1);
}

TEST_P(LwpExitTest, ThrExitUnwindsAnLwp) {
  Join(Spawn([] {
    Lwp lwp([] { EndIn([] { thr_exit(&g_frames); }); });
    ASSERT_EQ(lwp.Create(), 0);
    void* status = nullptr;
    EXPECT_EQ(thr_join(lwp.id(), nullptr, &status), 0);
    EXPECT_EQ(status, &g_frames);
    ExpectEnded(1, 1, 1);
  }));
}

TEST_P(LwpExitTest, PthreadExitUnwindsAnLwp) {
  Join(Spawn([] {
    Lwp lwp([] { EndIn([] { pthread_exit(nullptr); }); });
    ASSERT_EQ(lwp.Create(), 0);
    lwp.Wait();
    ExpectEnded(1, 1, 1);
  }));
}

TEST_P(LwpExitTest, CancellationUnwindsAnLwp) {
  Join(Spawn([] {
    Lwp lwp([] {
      EndIn([] {
        for (;;) pause();
      });
    });
    ASSERT_EQ(lwp.Create(), 0);
    EXPECT_EQ(pthread_cancel(static_cast<pthread_t>(lwp.id())), 0);
    lwp.Wait();
    ExpectEnded(1, 1, 1);
  }));
}

// A thrown exception finds its handler on the LWP's stack; without one it ends
// the process as anywhere.
TEST_P(LwpExitTest, ExceptionsAreCaughtOnTheStack) {
  Join(Spawn([] {
    int caught = 0;
    Lwp lwp([&] {
      try {
        const Frame frame;
        throw 5;
      } catch (int value) {
        caught = value;
      }
    });
    ASSERT_EQ(lwp.Create(), 0);
    lwp.Wait();
    EXPECT_EQ(caught, 5);
    ExpectEnded(1, 0, 0);
  }));
}

TEST_P(LwpExitTest, ExceptionsThatNobodyCatchesEndTheProcess) {
  Join(Spawn([] {
    Child child([] {
      std::set_terminate([] { _exit(42); });
      Lwp lwp([] { throw 5; });
      EXPECT_EQ(lwp.Create(), 0);
      lwp.Wait();
      _exit(1);
    });
    EXPECT_EQ(child.Wait(), 42 << 8);
  }));
}

// What belongs to the kernel thread of the C library ends with it.
TEST_P(LwpExitTest, ThreadLocalObjectsAreDestroyed) {
  Join(Spawn([] {
    Lwp lwp([] {
      static thread_local Frame frame;
      static_cast<void>(&frame);
      EXPECT_EQ(g_frames, 0);
      _lwp_exit();
    });
    ASSERT_EQ(lwp.Create(), 0);
    lwp.Wait();
    ExpectEnded(1, 0, 0);
  }));
}

// Processes: their ends.

class LwpProcessTest : public ModelTest {};

TEST_F(LwpProcessTest, TheLastOneEndsTheProcessWithStatus0) {
  Child child([] {
    static Lwp lwp([] {
      EXPECT_TRUE(Eventually([] { return LiveThreads() == 1; }));
      _lwp_exit();
    });
    ASSERT_EQ(lwp.Create(LWP_DETACHED), 0);
    _lwp_exit();  // that of main
  });
  child.ExpectGood();
}

TEST_F(LwpProcessTest, TheOnlyOneEndsTheProcess) {
  Child child([] { _lwp_exit(); });
  child.ExpectGood();
}

TEST_F(LwpProcessTest, ADaemonKeepsNoProcessAlive) {
  Child child([] {
    new StandingLwp(LWP_DAEMON);  // there is nobody to end it
    _lwp_exit();
  });
  child.ExpectGood();
}

TEST_F(LwpProcessTest, AStoppedOneKeepsTheProcessAlive) {
  Child child([] {
    static Lwp lwp([] { _exit(7); });
    ASSERT_EQ(lwp.Create(LWP_SUSPENDED | LWP_DETACHED), 0);
    const thread_t waker = SpawnWithFlags(
        [] {
          EXPECT_TRUE(Quiesce());
          EXPECT_EQ(_lwp_continue(lwp.id()), 0);
        },
        THR_BOUND | THR_DAEMON);
    EXPECT_NE(waker, 0u);
    _lwp_exit();
  });
  EXPECT_EQ(child.Wait(), 7 << 8);
}

// The child of a fork is the LWP with its number, on the same stack.
TEST_F(LwpProcessTest, AnLwpForks) {
  int status = -1;
  Lwp lwp([&] {
    Child child([&] {
      EXPECT_EQ(_lwp_self(), lwp.id());
      EXPECT_EQ(_lwp_kill(lwp.id(), 0), 0);
      EXPECT_EQ(_lwp_kill(1, 0), ESRCH);
      EXPECT_EQ(_lwp_getprivate(), &lwp);
      EXPECT_EQ(_lwp_wait(0, nullptr), EDEADLK);
      Lwp other([] {});
      ASSERT_EQ(other.Create(), 0);
      EXPECT_NE(other.id(), lwp.id());
      other.Wait();
      Join(SpawnWithFlags([] {}, 0));
      Join(SpawnWithFlags([] {}, THR_BOUND));
      if (!::testing::Test::HasFailure()) _lwp_exit();  // the last one
    });
    status = child.Wait();
  });
  ASSERT_EQ(lwp.Create(), 0);
  lwp.Wait();
  EXPECT_EQ(status, 0);
}

TEST_F(LwpProcessTest, TheChildOfAThreadHasOneLwp) {
  StandingLwp lwp;
  {
    Child child([&] {
      EXPECT_EQ(_lwp_self(), 1);
      EXPECT_EQ(_lwp_kill(1, 0), 0);
      EXPECT_EQ(_lwp_kill(lwp.id(), 0), ESRCH);
      EXPECT_EQ(_lwp_wait(lwp.id(), nullptr), ESRCH);
    });
    child.ExpectGood();
  }
  lwp.End();
}

}  // namespace
}  // namespace lt
