// SPDX-License-Identifier: MIT
//
// thr_suspend(3) of a thread in each of the states that it can be in.  What the
// thread does never shows it: no EINTR, no lost wakeup, no early end of a wait.
// And nobody is stopped where others would miss what he holds: inside the
// library or libc.

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <time.h>
#include <unistd.h>

#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

#include "support/fixture.h"
#include "support/signals.h"
#include "support/sync_objects.h"

namespace lt {
namespace {

struct PipeEnds {
  PipeEnds() { EXPECT_EQ(pipe(ends), 0); }
  ~PipeEnds() {
    close(ends[0]);
    close(ends[1]);
  }
  PipeEnds(const PipeEnds&) = delete;
  PipeEnds& operator=(const PipeEnds&) = delete;
  int ends[2];
};

class SuspendStatesTest : public SignalTest {
 protected:
  // Suspends a thread that sleeps in `wait`, lets what it waits for come with
  // `release`, before it is continued or after, and sees that it goes on then
  // and not earlier.  `wait` checks its own result.
  void ExpectInvisible(const std::function<void()>& wait,
                       const std::function<void()>& release) const {
    for (const bool released_first : {true, false}) {
      SCOPED_TRACE(released_first);
      std::atomic<bool> over{false};
      WhileBlocked(
          [&] {
            wait();
            over = true;
          },
          [&](thread_t id) {
            EXPECT_EQ(thr_suspend(id), 0);
            if (released_first) release();
            EXPECT_TRUE(Quiesce());
            EXPECT_FALSE(over);
            EXPECT_EQ(thr_continue(id), 0);
            if (released_first) return;
            EXPECT_TRUE(Quiesce());
            EXPECT_FALSE(over);
            release();
          });
      EXPECT_TRUE(over);
    }
  }

  // Waits for a readers/writer lock that another thread holds meanwhile.
  void ExpectInvisibleOnRwlock(int (*of_holder)(rwlock_t*),
                               int (*of_waiter)(rwlock_t*)) const {
    rwlock_t rw = DEFAULTRWLOCK;
    sema_t held = DEFAULTSEMA;
    sema_t let_go = DEFAULTSEMA;
    ExpectInvisible(
        [&] {
          const thread_t holder = Spawn([&] {
            EXPECT_EQ(of_holder(&rw), 0);
            EXPECT_EQ(sema_post(&held), 0);
            EXPECT_EQ(sema_wait(&let_go), 0);
            EXPECT_EQ(rw_unlock(&rw), 0);
          });
          EXPECT_EQ(sema_wait(&held), 0);
          EXPECT_EQ(of_waiter(&rw), 0);
          EXPECT_EQ(rw_unlock(&rw), 0);
          Join(holder);
        },
        [&] { EXPECT_EQ(sema_post(&let_go), 0); });
  }

  // Waits for a condition with `wait`, in the loop that every program has.
  void ExpectInvisibleOnCond(
      const std::function<int(cond_t*, mutex_t*)>& wait) const {
    mutex_t m = ERRORCHECKMUTEX;
    cond_t c = DEFAULTCV;
    bool told = false;
    ExpectInvisible(
        [&] {
          EXPECT_EQ(mutex_lock(&m), 0);
          while (!told) EXPECT_EQ(wait(&c, &m), 0);
          told = false;
          EXPECT_EQ(mutex_unlock(&m), 0);
        },
        [&] {
          EXPECT_EQ(mutex_lock(&m), 0);
          told = true;
          EXPECT_EQ(cond_signal(&c), 0);
          EXPECT_EQ(mutex_unlock(&m), 0);
        });
  }

  // Suspends a thread that repeats `step` again and again, and does `meanwhile`
  // whenever it is stopped: that needs what the thread may have been busy with.
  void ExpectStoppable(const std::function<void()>& step,
                       const std::function<void()>& meanwhile) const {
    std::atomic<bool> stop{false};
    std::atomic<uint64_t> steps{0};
    const thread_t id = Spawn([&] {
      while (!stop) {
        step();
        ++steps;
      }
    });
    for (int i = 0; i < 100; ++i) {
      const uint64_t before = steps;
      EXPECT_TRUE(Eventually([&] { return steps != before; }));
      EXPECT_EQ(thr_suspend(id), 0);
      const uint64_t stopped = steps;
      meanwhile();
      EXPECT_EQ(steps, stopped);
      EXPECT_EQ(thr_continue(id), 0);
    }
    stop = true;
    Join(id);
  }
};

LT_OVER_KINDS(SuspendStatesTest);

// A mutex of the default type may be unlocked by another thread.
TEST_P(SuspendStatesTest, InMutexLock) {
  mutex_t m = DEFAULTMUTEX;
  ExpectInvisible(
      [&] {
        EXPECT_EQ(mutex_trylock(&m), 0);
        EXPECT_EQ(mutex_lock(&m), 0);
        EXPECT_EQ(mutex_unlock(&m), 0);
      },
      [&] { EXPECT_EQ(mutex_unlock(&m), 0); });
}

TEST_P(SuspendStatesTest, InRwRdlock) {
  ExpectInvisibleOnRwlock(rw_wrlock, rw_rdlock);
}

TEST_P(SuspendStatesTest, InRwWrlock) {
  ExpectInvisibleOnRwlock(rw_rdlock, rw_wrlock);
}

TEST_P(SuspendStatesTest, InCondWait) {
  ExpectInvisibleOnCond(cond_wait);
}

TEST_P(SuspendStatesTest, InCondTimedwait) {
  ExpectInvisibleOnCond([](cond_t* c, mutex_t* m) {
    const timespec_t when = TimeOfDayIn(kForeverMs);
    return cond_timedwait(c, m, &when);
  });
}

TEST_P(SuspendStatesTest, InSemaWait) {
  sema_t s = DEFAULTSEMA;
  ExpectInvisible([&] { EXPECT_EQ(sema_wait(&s), 0); },
                  [&] { EXPECT_EQ(sema_post(&s), 0); });
}

TEST_P(SuspendStatesTest, InSemaReltimedwait) {
  sema_t s = DEFAULTSEMA;
  ExpectInvisible(
      [&] {
        const timespec_t interval = Interval(kForeverMs);
        EXPECT_EQ(sema_reltimedwait(&s, &interval), 0);
      },
      [&] { EXPECT_EQ(sema_post(&s), 0); });
}

TEST_P(SuspendStatesTest, InThrJoin) {
  sema_t s = DEFAULTSEMA;
  ExpectInvisible([&] { Join(Spawn([&] { EXPECT_EQ(sema_wait(&s), 0); })); },
                  [&] { EXPECT_EQ(sema_post(&s), 0); });
}

TEST_P(SuspendStatesTest, InRead) {
  const PipeEnds pipe;
  ExpectInvisible(
      [&] {
        char byte = 0;
        EXPECT_EQ(read(pipe.ends[0], &byte, 1), 1);
        EXPECT_EQ(byte, 'x');
      },
      [&] { EXPECT_EQ(write(pipe.ends[1], "x", 1), 1); });
}

TEST_P(SuspendStatesTest, InPoll) {
  const PipeEnds pipe;
  ExpectInvisible(
      [&] {
        pollfd waited{pipe.ends[0], POLLIN, 0};
        EXPECT_EQ(poll(&waited, 1, -1), 1);
        EXPECT_EQ(waited.revents, POLLIN);
        char byte = 0;
        EXPECT_EQ(read(pipe.ends[0], &byte, 1), 1);
      },
      [&] { EXPECT_EQ(write(pipe.ends[1], "x", 1), 1); });
}

// Time goes on for a thread that is suspended: its wait may be over when it is
// continued.
TEST_P(SuspendStatesTest, InTimedWaitsTimeKeepsRunning) {
  constexpr long kWaitMs = 100;
  using Wait = int (*)();
  constexpr Wait kWaits[] = {
      [] {
        cond_t c = DEFAULTCV;
        mutex_t m = DEFAULTMUTEX;
        const timespec_t when = TimeOfDayIn(kWaitMs);
        EXPECT_EQ(mutex_lock(&m), 0);
        int error = 0;
        while (error == 0) error = cond_timedwait(&c, &m, &when);
        EXPECT_EQ(mutex_unlock(&m), 0);
        return error == ETIME ? 0 : error;
      },
      [] {
        sema_t s = DEFAULTSEMA;
        const timespec_t interval = Interval(kWaitMs);
        const int error = sema_reltimedwait(&s, &interval);
        return error == ETIME ? 0 : error;
      },
      [] {
        const timespec_t interval = Interval(kWaitMs);
        return nanosleep(&interval, nullptr);
      },
      [] { return poll(nullptr, 0, static_cast<int>(kWaitMs)); },
  };
  for (size_t i = 0; i < std::size(kWaits); ++i) {
    SCOPED_TRACE(i);
    std::atomic<int> result{-2};
    const thread_t id = Spawn([&] { result = kWaits[i](); });
    EXPECT_TRUE(Quiesce());
    const timespec_t end = TimeOfDayIn(kWaitMs);
    const int error = thr_suspend(id);
    if (error == 0 && result == -2) {
      EXPECT_TRUE(Eventually([&] { return TimeOfDayReached(end); }));
      EXPECT_TRUE(Quiesce());
      EXPECT_EQ(result, -2);
    }
    // On a slow machine the wait was over, or even the thread.
    EXPECT_EQ(thr_continue(id), error);
    Join(id);
    EXPECT_EQ(result, 0);
  }
}

// The LWP is free for others: in many-to-one nothing would run otherwise.
TEST_P(SuspendStatesTest, InComputation) {
  std::atomic<bool> stop{false};
  std::atomic<bool> spinning{false};
  std::vector<thread_t> ids;
  for (int i = 0; i < 4; ++i) {
    ids.push_back(Spawn([&] {
      spinning = true;
      while (!stop) {
      }
    }));
  }
  EXPECT_TRUE(Eventually([&] { return spinning.load(); }));
  for (const thread_t id : ids) EXPECT_EQ(thr_suspend(id), 0);
  InThread([] {});
  stop = true;
  for (const thread_t id : ids) {
    EXPECT_EQ(thr_continue(id), 0);
    Join(id);
  }
}

// What the program holds stays held.
TEST_P(SuspendStatesTest, WithAMutexHeld) {
  mutex_t m = DEFAULTMUTEX;
  std::atomic<bool> held{false};
  std::atomic<bool> stop{false};
  const thread_t id = Spawn([&] {
    EXPECT_EQ(mutex_lock(&m), 0);
    held = true;
    while (!stop) {
    }
    EXPECT_EQ(mutex_unlock(&m), 0);
  });
  EXPECT_TRUE(Eventually([&] { return held.load(); }));
  EXPECT_EQ(thr_suspend(id), 0);
  stop = true;
  EXPECT_EQ(mutex_trylock(&m), EBUSY);
  EXPECT_EQ(thr_continue(id), 0);
  EXPECT_EQ(mutex_lock(&m), 0);
  EXPECT_EQ(mutex_unlock(&m), 0);
  Join(id);
}

TEST_P(SuspendStatesTest, InMalloc) {
  const auto allocate = [] {
    std::vector<std::unique_ptr<char[]>> blocks;
    for (const size_t size : {16, 100, 5000, 40'000, 300'000}) {
      blocks.push_back(std::make_unique<char[]>(size));
    }
  };
  ExpectStoppable(allocate, allocate);
}

TEST_P(SuspendStatesTest, InStdio) {
  FILE* const file = fopen("/dev/null", "w");
  ASSERT_NE(file, nullptr);
  const auto print = [file] {
    EXPECT_GT(fprintf(file, "%d %s\n", 4711, "text"), 0);
    EXPECT_EQ(fflush(file), 0);
  };
  ExpectStoppable(print, print);
  fclose(file);
}

TEST_P(SuspendStatesTest, InExceptions) {
  const auto raise = [] {
    try {
      throw std::runtime_error("a message longer than what fits in place");
    } catch (const std::exception& error) {
      EXPECT_NE(error.what(), nullptr);
    }
  };
  ExpectStoppable(raise, raise);
}

// Other objects, but the same sleep queues, run queues and registry.
TEST_P(SuspendStatesTest, InTheLibrary) {
  mutex_t m = DEFAULTMUTEX;
  sema_t s = DEFAULTSEMA;
  ExpectStoppable(
      [&] {
        EXPECT_EQ(mutex_lock(&m), 0);
        EXPECT_EQ(mutex_unlock(&m), 0);
        EXPECT_EQ(sema_post(&s), 0);
        EXPECT_EQ(sema_wait(&s), 0);
        thr_yield();
        Join(Spawn([] {}));
      },
      [&] {
        sema_t mine = DEFAULTSEMA;
        const thread_t id = Spawn([&] { EXPECT_EQ(sema_wait(&mine), 0); });
        thr_yield();
        EXPECT_EQ(sema_post(&mine), 0);
        Join(id);
        EXPECT_EQ(thr_kill(thr_self(), 0), 0);
      });
}

// A thread that is suspended in a queue may be woken like any other; the wakeup
// is not lost to it.
TEST_P(SuspendStatesTest, ASuspendedWaiterKeepsItsWakeup) {
  sema_t s = DEFAULTSEMA;
  const thread_t first = Spawn([&] { EXPECT_EQ(sema_wait(&s), 0); });
  EXPECT_TRUE(Quiesce());
  EXPECT_EQ(thr_suspend(first), 0);
  EXPECT_EQ(sema_post(&s), 0);
  EXPECT_TRUE(Quiesce());
  EXPECT_EQ(thr_continue(first), 0);
  Join(first);
  EXPECT_EQ(sema_trywait(&s), EBUSY);
}

}  // namespace
}  // namespace lt
