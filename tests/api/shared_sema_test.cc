// SPDX-License-Identifier: MIT
//
// semaphore(3) with USYNC_PROCESS, between the threads of one process.

#include <errno.h>
#include <limits.h>
#include <pthread.h>

#include <atomic>
#include <vector>

#include "support/fixture.h"
#include "support/pthreads.h"
#include "support/shared_memory.h"
#include "support/signals.h"
#include "support/sync_objects.h"

namespace lt {
namespace {

class SharedSemaTest : public SignalTest {
 protected:
  void SetUp() override {
    SignalTest::SetUp();
    ASSERT_EQ(sema_init(sema(), 0, USYNC_PROCESS, nullptr), 0);
  }
  sema_t* sema() const { return sema_.get(); }

 private:
  Shared<sema_t> sema_;
};

LT_OVER_KINDS(SharedSemaTest);

TEST_P(SharedSemaTest, CountSaysHowManyPass) {
  for (const unsigned count : {0U, 1U, 2U, 50U}) {
    SCOPED_TRACE(count);
    ASSERT_EQ(sema_init(sema(), count, USYNC_PROCESS, nullptr), 0);
    EXPECT_EQ(sema()->count, count);
    EXPECT_EQ(SEMA_HELD(sema()), count == 0 ? 1 : 0);
    InThread([&] {
      for (unsigned i = 0; i < count; ++i) {
        EXPECT_EQ(i % 2 == 0 ? sema_wait(sema()) : sema_trywait(sema()), 0);
      }
      EXPECT_EQ(sema_trywait(sema()), EBUSY);
      EXPECT_TRUE(SEMA_HELD(sema()));
      EXPECT_EQ(sema_post(sema()), 0);
      EXPECT_EQ(sema_post(sema()), 0);
      EXPECT_EQ(sema()->count, 2U);
      EXPECT_EQ(sema_wait(sema()), 0);
      EXPECT_EQ(sema_wait(sema()), 0);
      EXPECT_EQ(sema_trywait(sema()), EBUSY);
    });
    EXPECT_EQ(sema_destroy(sema()), 0);
  }
}

TEST_P(SharedSemaTest, InitialiserIsASemaphoreWithoutUnits) {
  const sema_t initialiser = SHAREDSEMA;
  *sema() = initialiser;
  EXPECT_EQ(sema_trywait(sema()), EBUSY);
  Gate through;
  const thread_t waiter = Spawn([&] {
    EXPECT_EQ(sema_wait(sema()), 0);
    through.Open();
  });
  EXPECT_TRUE(Quiesce());
  EXPECT_FALSE(through.IsOpen());
  EXPECT_EQ(sema_post(sema()), 0);
  Join(waiter);
  EXPECT_EQ(sema_trywait(sema()), EBUSY);
}

TEST_P(SharedSemaTest, PostBeyondTheLargestCountIsEoverflow) {
  ASSERT_EQ(sema_init(sema(), INT_MAX, USYNC_PROCESS, nullptr), 0);
  InThread([&] {
    EXPECT_EQ(sema_post(sema()), EOVERFLOW);
    EXPECT_EQ(sema()->count, static_cast<unsigned>(INT_MAX));
    EXPECT_EQ(sema_trywait(sema()), 0);
    EXPECT_EQ(sema_post(sema()), 0);
    EXPECT_EQ(sema_post(sema()), EOVERFLOW);
  });
}

TEST_P(SharedSemaTest, TimeIsOver) {
  InThread([&] {
    for (const long milliseconds : {-1000L, 0L, 3L}) {
      const timespec_t when = TimeOfDayIn(milliseconds);
      EXPECT_EQ(sema_timedwait(sema(), &when), ETIME);
      EXPECT_TRUE(TimeOfDayReached(when));
    }
    for (const long milliseconds : {0L, 3L}) {
      const timespec_t interval = Interval(milliseconds);
      EXPECT_EQ(sema_reltimedwait(sema(), &interval), ETIME);
    }
  });
  // None of them left anything behind.
  EXPECT_EQ(sema_post(sema()), 0);
  EXPECT_EQ(sema()->count, 1U);
}

TEST_P(SharedSemaTest, BadTimeIsEinvalWhenItWouldSleep) {
  InThread([&] {
    timespec_t bad = TimeOfDayIn(1000);
    bad.tv_nsec = 1'000'000'000;
    timespec_t negative{};
    negative.tv_sec = -1;
    EXPECT_EQ(sema_timedwait(sema(), &bad), EINVAL);
    EXPECT_EQ(sema_reltimedwait(sema(), &bad), EINVAL);
    EXPECT_EQ(sema_reltimedwait(sema(), &negative), EINVAL);
    // A unit is worth more.
    for (int i = 0; i < 3; ++i) EXPECT_EQ(sema_post(sema()), 0);
    EXPECT_EQ(sema_timedwait(sema(), &bad), 0);
    EXPECT_EQ(sema_reltimedwait(sema(), &bad), 0);
    EXPECT_EQ(sema_reltimedwait(sema(), &negative), 0);
    EXPECT_EQ(sema_trywait(sema()), EBUSY);
  });
}

TEST_P(SharedSemaTest, AHandlerEndsTheWaits) {
  for (const int flags : {0, SA_RESTART}) {
    const ScopedAction action(SIGUSR1, See, flags);
    for (int form = 0; form < 3; ++form) {
      SCOPED_TRACE(form);
      seen.runs = 0;
      const thread_t id = Spawn([&] {
        const timespec_t when = TimeOfDayIn(kForeverMs);
        const timespec_t interval = Interval(kForeverMs);
        EXPECT_EQ(form == 0   ? sema_wait(sema())
                  : form == 1 ? sema_timedwait(sema(), &when)
                              : sema_reltimedwait(sema(), &interval),
                  EINTR);
      });
      EXPECT_TRUE(Quiesce());
      EXPECT_EQ(thr_kill(id, SIGUSR1), 0);
      Join(id);
      EXPECT_EQ(seen.runs, 1);
      EXPECT_EQ(seen.thread, id);
      EXPECT_EQ(sema_post(sema()), 0);
      EXPECT_EQ(sema_trywait(sema()), 0);
    }
  }
}

sema_t* sema_of_handler = nullptr;

extern "C" void PostSeen(int) {
  // Async-signal-safe.
  ++seen.runs;
  sema_post(sema_of_handler);
}

TEST_P(SharedSemaTest, HandlersMayPost) {
  sema_of_handler = sema();
  const ScopedAction action(SIGUSR1, PostSeen);
  const thread_t id = Spawn([&] { EXPECT_EQ(sema_wait(sema()), 0); });
  EXPECT_TRUE(Quiesce());
  EXPECT_EQ(thr_kill(thr_self(), SIGUSR1), 0);
  Join(id);
  EXPECT_EQ(seen.runs, 1);
}

TEST_P(SharedSemaTest, AWaiterCanBeSuspended) {
  std::atomic<bool> through{false};
  const thread_t id = Spawn([&] {
    EXPECT_EQ(sema_wait(sema()), 0);
    through = true;
  });
  EXPECT_TRUE(Quiesce());
  EXPECT_EQ(thr_suspend(id), 0);
  EXPECT_EQ(sema_post(sema()), 0);
  EXPECT_TRUE(Quiesce());
  EXPECT_FALSE(through);
  EXPECT_EQ(thr_continue(id), 0);
  Join(id);
}

TEST_P(SharedSemaTest, WaitsAreCancellationPoints) {
  for (const bool timed : {false, true}) {
    SCOPED_TRACE(timed);
    const thread_t id = Spawn([&] {
      const timespec_t interval = Interval(kForeverMs);
      if (timed) {
        sema_reltimedwait(sema(), &interval);
      } else {
        sema_wait(sema());
      }
    });
    EXPECT_TRUE(Quiesce());
    EXPECT_EQ(pthread_cancel(AsHandle(id)), 0);
    void* status = nullptr;
    EXPECT_EQ(thr_join(id, nullptr, &status), 0);
    EXPECT_EQ(status, PTHREAD_CANCELED);
    EXPECT_EQ(sema_post(sema()), 0);
    EXPECT_EQ(sema_trywait(sema()), 0);
  }
}

// In each round two threads wait, one is interrupted and leaves, and one unit
// is posted: it goes to the other, unless the first one took it.
TEST_P(SharedSemaTest, AnInterruptionTakesNoUnit) {
  const ScopedAction action(SIGUSR1);
  constexpr int kRounds = 150;
  std::atomic<thread_t> victim{0};
  std::atomic<bool> stop{false};
  ForeignThread interrupter([&] {
    while (!stop) {
      const thread_t id = victim;
      if (id == 0) {
        sched_yield();
        continue;
      }
      const int error = thr_kill(id, SIGUSR1);
      EXPECT_TRUE(error == 0 || error == ESRCH) << error;
    }
  });
  for (int round = 0; round < kRounds; ++round) {
    std::atomic<int> waiting{0};
    std::atomic<int> first_result{-1};
    std::atomic<int> second_result{-1};
    const auto wait = [&] {
      ++waiting;
      return sema_wait(sema());
    };
    const thread_t first = Spawn([&] { first_result = wait(); });
    const thread_t second = Spawn([&] { second_result = wait(); });
    EXPECT_TRUE(Eventually([&] { return waiting == 2; }));
    victim = first;
    for (int i = round % 50; i > 0; --i) smt_pause();
    EXPECT_EQ(sema_post(sema()), 0);
    Join(first);
    victim = 0;
    if (first_result == 0) {
      EXPECT_EQ(sema_post(sema()), 0);
    } else {
      EXPECT_EQ(first_result, EINTR);
    }
    Join(second);
    EXPECT_EQ(second_result, 0);
  }
  stop = true;
  interrupter.Join();
  EXPECT_EQ(sema()->count, 0U);
}

TEST_P(SharedSemaTest, NoUnitIsLostToATimeout) {
  constexpr int kThreads = 4;
  constexpr int kUnits = 400;
  std::atomic<int> taken{0};
  std::vector<thread_t> ids;
  for (int i = 0; i < kThreads; ++i) {
    ids.push_back(Spawn([&, i] {
      timespec_t wait{};
      wait.tv_nsec = 10'000 + 20'000 * i;
      while (taken < kUnits) {
        const int error = sema_reltimedwait(sema(), &wait);
        EXPECT_TRUE(error == 0 || error == ETIME) << error;
        if (error == 0) ++taken;
      }
    }));
  }
  for (int i = 1; i <= kUnits; ++i) {
    EXPECT_EQ(sema_post(sema()), 0);
    if (i % 4 == 0) {
      ASSERT_TRUE(Eventually([&] { return taken == i; })) << i;
    }
  }
  for (const thread_t id : ids) Join(id);
  EXPECT_EQ(taken, kUnits);
  EXPECT_EQ(sema()->count, 0U);
}

// Far more waiters than LWPs, and who posts is one of their kind.
TEST_P(SharedSemaTest, PostsInARowWakeAsMany) {
  constexpr int kWaiters = 60;
  std::atomic<int> begun{0};
  std::atomic<int> through{0};
  std::vector<thread_t> ids;
  for (int i = 0; i < kWaiters; ++i) {
    ids.push_back(Spawn([&] {
      ++begun;
      EXPECT_EQ(sema_wait(sema()), 0);
      ++through;
    }));
  }
  EXPECT_TRUE(Eventually([&] { return begun == kWaiters; }));
  EXPECT_TRUE(Quiesce());
  EXPECT_EQ(through, 0);
  InThread([&] {
    for (int i = 0; i < kWaiters; ++i) EXPECT_EQ(sema_post(sema()), 0);
  });
  for (const thread_t id : ids) Join(id);
  EXPECT_EQ(through, kWaiters);
  EXPECT_EQ(sema_trywait(sema()), EBUSY);
}

TEST_P(SharedSemaTest, BoundedBufferOfSemaphores) {
  constexpr int kPairs = 3;
  constexpr long kItems = 1000;
  constexpr unsigned kCapacity = 4;
  struct Buffer {
    sema_t full;
    sema_t empty;
    sema_t guard;
    long cells[kCapacity];
    long written;
    long read;
  };
  const Shared<Buffer> b(Memory::kSegment);
  ASSERT_EQ(sema_init(&b->full, 0, USYNC_PROCESS, nullptr), 0);
  ASSERT_EQ(sema_init(&b->empty, kCapacity, USYNC_PROCESS, nullptr), 0);
  ASSERT_EQ(sema_init(&b->guard, 1, USYNC_PROCESS, nullptr), 0);
  std::atomic<long> sum{0};
  RunThreads(2 * kPairs, [&](int index) {
    const bool writes = index % 2 == 0;
    for (long i = 1; i <= kItems; ++i) {
      EXPECT_EQ(sema_wait(writes ? &b->empty : &b->full), 0);
      EXPECT_EQ(sema_wait(&b->guard), 0);
      if (writes) {
        b->cells[b->written++ % kCapacity] = i;
      } else {
        sum += b->cells[b->read++ % kCapacity];
      }
      EXPECT_LE(b->written - b->read, long{kCapacity});
      EXPECT_LE(b->read, b->written);
      EXPECT_EQ(sema_post(&b->guard), 0);
      EXPECT_EQ(sema_post(writes ? &b->full : &b->empty), 0);
    }
  });
  EXPECT_EQ(sum, kPairs * kItems * (kItems + 1) / 2);
  EXPECT_EQ(b->full.count, 0U);
  EXPECT_EQ(b->empty.count, kCapacity);
}

}  // namespace
}  // namespace lt
