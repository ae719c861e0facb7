// SPDX-License-Identifier: MIT
//
// cond_init(3) with USYNC_PROCESS, between the threads of one process: error
// numbers, times, mixtures with private mutexes, no lost signals.  Waits may
// end without a reason, so each stands in a loop.

#include <errno.h>
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

struct Pair {
  mutex_t mutex;
  cond_t cond;
};

// The mixtures in which the calls take the way through the kernel.
struct Mixture {
  const char* name;
  int mutex_type;
  int cond_type;
};
constexpr Mixture kMixtures[] = {
    {"both shared", USYNC_PROCESS, USYNC_PROCESS},
    {"both shared, errorcheck", USYNC_PROCESS | LOCK_ERRORCHECK, USYNC_PROCESS},
    {"both shared, recursive", USYNC_PROCESS | LOCK_RECURSIVE, USYNC_PROCESS},
    {"shared mutex", USYNC_PROCESS, USYNC_THREAD},
    {"shared cond", USYNC_THREAD, USYNC_PROCESS},
};

class SharedCondTest : public SignalTest {
 protected:
  void ForEachMixture(
      const std::function<void(mutex_t*, cond_t*)>& body) const {
    for (const Mixture& mixture : kMixtures) {
      SCOPED_TRACE(mixture.name);
      const Shared<Pair> pair;
      ASSERT_EQ(mutex_init(&pair->mutex, mixture.mutex_type, nullptr), 0);
      ASSERT_EQ(cond_init(&pair->cond, mixture.cond_type, nullptr), 0);
      body(&pair->mutex, &pair->cond);
      EXPECT_EQ(cond_destroy(&pair->cond), 0);
      EXPECT_EQ(mutex_destroy(&pair->mutex), 0);
    }
  }
};

LT_OVER_KINDS(SharedCondTest);

TEST_P(SharedCondTest, EachSignalWakesSomebody) {
  ForEachMixture([this](mutex_t* m, cond_t* c) {
    constexpr int kWaiters = 8;
    int waiting = 0;
    int tokens = 0;
    int done = 0;
    std::vector<thread_t> ids;
    for (int i = 0; i < kWaiters; ++i) {
      ids.push_back(Spawn([&] {
        EXPECT_EQ(mutex_lock(m), 0);
        ++waiting;
        while (tokens == 0) EXPECT_EQ(cond_wait(c, m), 0);
        EXPECT_TRUE(MUTEX_HELD(m));
        --tokens;
        ++done;
        EXPECT_EQ(mutex_unlock(m), 0);
      }));
    }
    EXPECT_TRUE(EventuallyLocked(m, [&] { return waiting == kWaiters; }));
    for (int i = 1; i <= kWaiters; ++i) {
      EXPECT_EQ(mutex_lock(m), 0);
      ++tokens;
      if (i % 2 == 0) {
        EXPECT_EQ(cond_signal(c), 0);
      }
      EXPECT_EQ(mutex_unlock(m), 0);
      if (i % 2 != 0) {
        EXPECT_EQ(cond_signal(c), 0);
      }
      EXPECT_TRUE(EventuallyLocked(m, [&] { return done == i; }));
    }
    for (const thread_t id : ids) Join(id);
    EXPECT_EQ(tokens, 0);
  });
}

TEST_P(SharedCondTest, BroadcastWakesAll) {
  ForEachMixture([this](mutex_t* m, cond_t* c) {
    constexpr int kWaiters = 8;
    constexpr int kGenerations = 10;
    int waiting = 0;
    int generation = 0;
    std::vector<thread_t> ids;
    for (int i = 0; i < kWaiters; ++i) {
      ids.push_back(Spawn([&] {
        EXPECT_EQ(mutex_lock(m), 0);
        for (int next = 1; next <= kGenerations; ++next) {
          ++waiting;
          while (generation < next) EXPECT_EQ(cond_wait(c, m), 0);
        }
        EXPECT_EQ(mutex_unlock(m), 0);
      }));
    }
    for (int next = 1; next <= kGenerations; ++next) {
      EXPECT_TRUE(EventuallyLocked(m, [&] { return waiting == kWaiters; }));
      EXPECT_EQ(mutex_lock(m), 0);
      waiting = 0;
      generation = next;
      if (next % 2 == 0) {
        EXPECT_EQ(cond_broadcast(c), 0);
      }
      EXPECT_EQ(mutex_unlock(m), 0);
      if (next % 2 != 0) {
        EXPECT_EQ(cond_broadcast(c), 0);
      }
    }
    for (const thread_t id : ids) Join(id);
  });
}

// A woken waiter returns with the mutex, so not before the signaller lets go.
TEST_P(SharedCondTest, WokenWaiterNeedsTheMutex) {
  ForEachMixture([this](mutex_t* m, cond_t* c) {
    int waiting = 0;
    bool told = false;
    std::atomic<int> returned{0};
    std::vector<thread_t> ids;
    for (int i = 0; i < 4; ++i) {
      ids.push_back(Spawn([&] {
        EXPECT_EQ(mutex_lock(m), 0);
        ++waiting;
        while (!told) EXPECT_EQ(cond_wait(c, m), 0);
        EXPECT_TRUE(MUTEX_HELD(m));
        ++returned;
        EXPECT_EQ(mutex_unlock(m), 0);
      }));
    }
    EXPECT_TRUE(EventuallyLocked(m, [&] { return waiting == 4; }));
    EXPECT_EQ(mutex_lock(m), 0);
    told = true;
    EXPECT_EQ(cond_broadcast(c), 0);
    EXPECT_TRUE(Quiesce());
    EXPECT_EQ(returned, 0);
    EXPECT_TRUE(MUTEX_HELD(m));
    EXPECT_EQ(mutex_unlock(m), 0);
    for (const thread_t id : ids) Join(id);
  });
}

TEST_P(SharedCondTest, TimeIsOver) {
  ForEachMixture([this](mutex_t* m, cond_t* c) {
    InThread([&] {
      EXPECT_EQ(mutex_lock(m), 0);
      for (const long milliseconds : {-1000L, 0L, 3L}) {
        const timespec_t when = TimeOfDayIn(milliseconds);
        int error = 0;
        while ((error = cond_timedwait(c, m, &when)) == 0) {
        }
        EXPECT_EQ(error, ETIME);
        EXPECT_TRUE(TimeOfDayReached(when));
        EXPECT_TRUE(MUTEX_HELD(m));
      }
      timespec_t before_1970{};
      before_1970.tv_sec = -1;
      EXPECT_EQ(cond_timedwait(c, m, &before_1970), ETIME);
      for (const long milliseconds : {0L, 3L}) {
        const timespec_t interval = Interval(milliseconds);
        int error = 0;
        while ((error = cond_reltimedwait(c, m, &interval)) == 0) {
        }
        EXPECT_EQ(error, ETIME);
        EXPECT_TRUE(MUTEX_HELD(m));
      }
      EXPECT_EQ(mutex_unlock(m), 0);
    });
  });
}

TEST_P(SharedCondTest, TimeoutWaitsForTheMutex) {
  ForEachMixture([this](mutex_t* m, cond_t* c) {
    std::atomic<bool> waits{false};
    std::atomic<bool> returned{false};
    const timespec_t when = TimeOfDayIn(20);
    const thread_t id = Spawn([&] {
      EXPECT_EQ(mutex_lock(m), 0);
      waits = true;
      int error = 0;
      while ((error = cond_timedwait(c, m, &when)) == 0) {
      }
      EXPECT_EQ(error, ETIME);
      returned = true;
      EXPECT_EQ(mutex_unlock(m), 0);
    });
    EXPECT_TRUE(Eventually([&] { return waits.load(); }));
    EXPECT_EQ(mutex_lock(m), 0);
    const bool too_late = returned;  // it returned before we had the mutex
    EXPECT_TRUE(Eventually([&] { return TimeOfDayReached(when); }));
    EXPECT_TRUE(Quiesce());
    EXPECT_EQ(returned, too_late);
    EXPECT_EQ(mutex_unlock(m), 0);
    Join(id);
  });
}

TEST_P(SharedCondTest, BadTimeIsEinvalAndKeepsTheMutex) {
  ForEachMixture([this](mutex_t* m, cond_t* c) {
    InThread([&] {
      EXPECT_EQ(mutex_lock(m), 0);
      for (const long nanoseconds : {-1L, 1'000'000'000L}) {
        timespec_t bad = TimeOfDayIn(1000);
        bad.tv_nsec = nanoseconds;
        EXPECT_EQ(cond_timedwait(c, m, &bad), EINVAL);
        bad.tv_sec = 1;
        EXPECT_EQ(cond_reltimedwait(c, m, &bad), EINVAL);
      }
      timespec_t negative{};
      negative.tv_sec = -1;
      EXPECT_EQ(cond_reltimedwait(c, m, &negative), EINVAL);
      EXPECT_TRUE(MUTEX_HELD(m));
      EXPECT_EQ(mutex_unlock(m), 0);
    });
  });
}

TEST_P(SharedCondTest, ErrorcheckMutexNotHeldIsEperm) {
  const Shared<Pair> pair;
  mutex_t* const m = &pair->mutex;
  ASSERT_EQ(mutex_init(m, USYNC_PROCESS | LOCK_ERRORCHECK, nullptr), 0);
  ASSERT_EQ(cond_init(&pair->cond, USYNC_PROCESS, nullptr), 0);
  EXPECT_EQ(cond_wait(&pair->cond, m), EPERM);
  EXPECT_EQ(mutex_lock(m), 0);
  InThread([&] {
    EXPECT_EQ(cond_wait(&pair->cond, m), EPERM);
    const timespec_t interval = Interval(kForeverMs);
    EXPECT_EQ(cond_reltimedwait(&pair->cond, m, &interval), EPERM);
  });
  EXPECT_TRUE(MUTEX_HELD(m));
  EXPECT_EQ(mutex_unlock(m), 0);
}

TEST_P(SharedCondTest, RecursiveMutexIsReleasedCompletely) {
  constexpr int kDepth = 3;
  const Shared<Pair> pair;
  mutex_t* const m = &pair->mutex;
  ASSERT_EQ(
      mutex_init(m, USYNC_PROCESS | LOCK_RECURSIVE | LOCK_ERRORCHECK, nullptr),
      0);
  ASSERT_EQ(cond_init(&pair->cond, USYNC_PROCESS, nullptr), 0);
  bool waiting = false;
  bool told = false;
  const thread_t id = Spawn([&] {
    for (int i = 0; i < kDepth; ++i) EXPECT_EQ(mutex_lock(m), 0);
    waiting = true;
    while (!told) EXPECT_EQ(cond_wait(&pair->cond, m), 0);
    for (int i = 0; i < kDepth; ++i) EXPECT_EQ(mutex_unlock(m), 0);
    EXPECT_EQ(mutex_unlock(m), EPERM);
  });
  EXPECT_TRUE(EventuallyLocked(m, [&] { return waiting; }));
  EXPECT_EQ(mutex_lock(m), 0);
  told = true;
  EXPECT_EQ(cond_signal(&pair->cond), 0);
  EXPECT_EQ(mutex_unlock(m), 0);
  Join(id);
}

TEST_P(SharedCondTest, AHandlerEndsTheWaits) {
  for (const int flags : {0, SA_RESTART}) {
    SCOPED_TRACE(flags);
    const ScopedAction action(SIGUSR1, See, flags);
    for (int form = 0; form < 3; ++form) {
      SCOPED_TRACE(form);
      ForEachMixture([&](mutex_t* m, cond_t* c) {
        seen.runs = 0;
        const thread_t id = Spawn([&] {
          EXPECT_EQ(mutex_lock(m), 0);
          const timespec_t when = TimeOfDayIn(kForeverMs);
          const timespec_t interval = Interval(kForeverMs);
          int error = 0;
          while (error == 0) {
            error = form == 0   ? cond_wait(c, m)
                    : form == 1 ? cond_timedwait(c, m, &when)
                                : cond_reltimedwait(c, m, &interval);
          }
          EXPECT_EQ(error, EINTR);
          EXPECT_TRUE(MUTEX_HELD(m));
          EXPECT_EQ(mutex_unlock(m), 0);
        });
        EXPECT_TRUE(Quiesce());
        EXPECT_EQ(thr_kill(id, SIGUSR1), 0);
        Join(id);
        EXPECT_EQ(seen.runs, 1);
        EXPECT_EQ(seen.thread, id);
      });
    }
  }
}

TEST_P(SharedCondTest, AWaiterCanBeSuspended) {
  ForEachMixture([this](mutex_t* m, cond_t* c) {
    bool told = false;
    std::atomic<bool> returned{false};
    const thread_t id = Spawn([&] {
      EXPECT_EQ(mutex_lock(m), 0);
      while (!told) EXPECT_EQ(cond_wait(c, m), 0);
      returned = true;
      EXPECT_EQ(mutex_unlock(m), 0);
    });
    EXPECT_TRUE(Quiesce());
    EXPECT_EQ(thr_suspend(id), 0);
    EXPECT_EQ(mutex_lock(m), 0);
    told = true;
    EXPECT_EQ(cond_signal(c), 0);
    EXPECT_EQ(mutex_unlock(m), 0);
    EXPECT_TRUE(Quiesce());
    EXPECT_FALSE(returned);
    EXPECT_EQ(thr_continue(id), 0);
    Join(id);
  });
}

// ---- Cancellation ----

extern "C" void UnlockHeld(void* mutex) {
  EXPECT_TRUE(MUTEX_HELD(mutex));
  EXPECT_EQ(mutex_unlock(static_cast<mutex_t*>(mutex)), 0);
}

TEST_P(SharedCondTest, WaitsAreCancellationPoints) {
  ForEachMixture([this](mutex_t* m, cond_t* c) {
    for (const bool before_the_wait : {true, false}) {
      SCOPED_TRACE(before_the_wait);
      Gate go;
      const thread_t id = Spawn([&] {
        if (before_the_wait) {
          int state;
          pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, &state);
          go.Wait();
          pthread_setcancelstate(state, nullptr);
        }
        EXPECT_EQ(mutex_lock(m), 0);
        pthread_cleanup_push(UnlockHeld, m);
        for (;;) cond_wait(c, m);
        pthread_cleanup_pop(0);
      });
      if (!before_the_wait) {
        EXPECT_TRUE(Quiesce());
      }
      EXPECT_EQ(pthread_cancel(AsHandle(id)), 0);
      go.Open();
      void* status = nullptr;
      EXPECT_EQ(thr_join(id, nullptr, &status), 0);
      EXPECT_EQ(status, PTHREAD_CANCELED);
      EXPECT_EQ(mutex_trylock(m), 0);
      EXPECT_EQ(mutex_unlock(m), 0);
    }
  });
}

}  // namespace
}  // namespace lt
