// SPDX-License-Identifier: MIT
//
// Locks of LWPs within a process: _lwp_mutex_lock(2), _lwp_cond_wait(2),
// _lwp_sema_wait(2) and their kin.

#include <limits.h>
#include <stdlib.h>

#include <memory>
#include <vector>

#include "support/raw_lwps.h"

namespace lt {
namespace {

class LwpLocksTest : public SignalTest {
 protected:
  void InThread(std::function<void()> body) const {
    Join(Spawn(std::move(body)));
  }
};
LT_OVER_KINDS(LwpLocksTest);

TEST_P(LwpLocksTest, OneAtATimeHasTheMutex) {
  static lwp_mutex_t mutex;  // zeros
  int count = 0;
  const auto work = [&] {
    for (int i = 0; i < 2000; ++i) {
      ASSERT_EQ(_lwp_mutex_lock(&mutex), 0);
      ++count;
      ASSERT_EQ(_lwp_mutex_unlock(&mutex), 0);
    }
  };
  std::vector<std::unique_ptr<Lwp>> lwps;
  for (int i = 0; i < 3; ++i) lwps.push_back(std::make_unique<Lwp>(work, 0u));
  RunThreads(3, [&](int) { work(); });
  for (const auto& lwp : lwps) lwp->Wait();
  EXPECT_EQ(count, 6 * 2000);
}

TEST_P(LwpLocksTest, TrylockIsBusy) {
  InThread([] {
    lwp_mutex_t mutex = {};
    EXPECT_EQ(_lwp_mutex_trylock(&mutex), 0);
    EXPECT_EQ(_lwp_mutex_trylock(&mutex), EBUSY);
    EXPECT_EQ(_lwp_mutex_unlock(&mutex), 0);
    EXPECT_EQ(_lwp_mutex_trylock(&mutex), 0);
    EXPECT_EQ(_lwp_mutex_unlock(&mutex), 0);
  });
}

// Nobody asks for the owner: another one unlocks, and who locks again blocks,
// whatever the type says.
TEST_P(LwpLocksTest, ThereIsNoOwner) {
  for (const int type : {0, USYNC_PROCESS, LOCK_RECURSIVE | LOCK_ERRORCHECK,
                         USYNC_PROCESS | LOCK_RECURSIVE}) {
    lwp_mutex_t mutex;
    ASSERT_EQ(mutex_init(&mutex, type, nullptr), 0);
    int step = 0;
    WhileBlocked(
        [&] {
          EXPECT_EQ(_lwp_mutex_lock(&mutex), 0);
          EXPECT_EQ(_lwp_mutex_trylock(&mutex), EBUSY);
          step = 1;
          EXPECT_EQ(_lwp_mutex_lock(&mutex), 0);
          step = 2;
        },
        [&](thread_t) {
          EXPECT_EQ(step, 1) << type;
          EXPECT_EQ(_lwp_mutex_unlock(&mutex), 0);
        });
    EXPECT_EQ(step, 2);
    EXPECT_EQ(_lwp_mutex_unlock(&mutex), 0);
  }
}

TEST_P(LwpLocksTest, AgreesWithMutexLockOfProcessType) {
  InThread([this] {
    mutex_t mutex = SHAREDMUTEX;
    ASSERT_EQ(mutex_lock(&mutex), 0);
    EXPECT_EQ(_lwp_mutex_trylock(&mutex), EBUSY);
    EXPECT_EQ(_lwp_mutex_unlock(&mutex), 0);
    ASSERT_EQ(_lwp_mutex_lock(&mutex), 0);
    EXPECT_EQ(mutex_trylock(&mutex), EBUSY);
    EXPECT_TRUE(MUTEX_HELD(&mutex));
    EXPECT_EQ(mutex_unlock(&mutex), 0);
    int count = 0;
    const thread_t other = Spawn([&] {
      for (int i = 0; i < 2000; ++i) {
        ASSERT_EQ(mutex_lock(&mutex), 0);
        ++count;
        ASSERT_EQ(_lwp_mutex_unlock(&mutex), 0);
      }
    });
    for (int i = 0; i < 2000; ++i) {
      ASSERT_EQ(_lwp_mutex_lock(&mutex), 0);
      ++count;
      ASSERT_EQ(mutex_unlock(&mutex), 0);
    }
    Join(other);
    EXPECT_EQ(count, 4000);
  });
}

TEST_P(LwpLocksTest, ARobustMutexStaysOne) {
  InThread([this] {
    mutex_t mutex = {};
    ASSERT_EQ(mutex_init(&mutex, USYNC_PROCESS | LOCK_ROBUST, nullptr), 0);
    Join(Spawn([&] { EXPECT_EQ(_lwp_mutex_lock(&mutex), 0); }));
    EXPECT_EQ(_lwp_mutex_lock(&mutex), EOWNERDEAD);
    EXPECT_EQ(mutex_consistent(&mutex), 0);
    EXPECT_EQ(_lwp_mutex_trylock(&mutex), EBUSY);
    EXPECT_EQ(_lwp_mutex_unlock(&mutex), 0);
    ASSERT_EQ(mutex_destroy(&mutex), 0);
  });
}

TEST_P(LwpLocksTest, AMutexIsWaitedForThroughSignals) {
  const ScopedAction action(SIGUSR1);
  lwp_mutex_t mutex = {};
  ASSERT_EQ(_lwp_mutex_lock(&mutex), 0);
  int error = -1;
  WhileBlocked([&] { error = _lwp_mutex_lock(&mutex); },
               [&](thread_t id) {
                 EXPECT_EQ(thr_kill(id, SIGUSR1), 0);
                 EXPECT_TRUE(Eventually([] { return seen.runs == 1; }));
                 EXPECT_TRUE(Quiesce());
                 EXPECT_EQ(error, -1);
                 EXPECT_EQ(_lwp_mutex_unlock(&mutex), 0);
               });
  EXPECT_EQ(error, 0);
  EXPECT_EQ(_lwp_mutex_unlock(&mutex), 0);
}

TEST_P(LwpLocksTest, SignalWakesOneAndBroadcastAll) {
  lwp_mutex_t mutex = {};
  lwp_cond_t cond = {};
  int waiting = 0;
  int tokens = 0;
  int woken = 0;
  std::vector<thread_t> ids;
  for (int i = 0; i < 4; ++i) {
    ids.push_back(Spawn([&] {
      EXPECT_EQ(_lwp_mutex_lock(&mutex), 0);
      ++waiting;
      while (tokens == 0) EXPECT_EQ(_lwp_cond_wait(&cond, &mutex), 0);
      --tokens;
      ++woken;
      EXPECT_EQ(_lwp_mutex_trylock(&mutex), EBUSY);  // it is back
      EXPECT_EQ(_lwp_mutex_unlock(&mutex), 0);
    }));
  }
  const auto is = [&](const int& value, int wanted) {
    return Eventually([&] {
      EXPECT_EQ(_lwp_mutex_lock(&mutex), 0);
      const bool good = value == wanted;
      EXPECT_EQ(_lwp_mutex_unlock(&mutex), 0);
      return good;
    });
  };
  EXPECT_TRUE(is(waiting, 4));
  EXPECT_EQ(_lwp_mutex_lock(&mutex), 0);
  tokens = 1;
  EXPECT_EQ(_lwp_cond_signal(&cond), 0);
  EXPECT_EQ(_lwp_mutex_unlock(&mutex), 0);
  EXPECT_TRUE(is(woken, 1));
  EXPECT_EQ(_lwp_mutex_lock(&mutex), 0);
  tokens = 3;
  EXPECT_EQ(_lwp_cond_broadcast(&cond), 0);
  EXPECT_EQ(_lwp_mutex_unlock(&mutex), 0);
  for (const thread_t id : ids) Join(id);
  EXPECT_EQ(woken, 4);
  // Nobody waits: nothing happens.
  EXPECT_EQ(_lwp_cond_signal(&cond), 0);
  EXPECT_EQ(_lwp_cond_broadcast(&cond), 0);
}

TEST_P(LwpLocksTest, WaitsEndWithTheirTime) {
  InThread([] {
    lwp_mutex_t mutex = {};
    lwp_cond_t cond = {};
    ASSERT_EQ(_lwp_mutex_lock(&mutex), 0);
    timespec_t at = TimeOfDayIn(20);
    EXPECT_EQ(_lwp_cond_timedwait(&cond, &mutex, &at), ETIME);
    EXPECT_EQ(_lwp_mutex_trylock(&mutex), EBUSY);
    at = TimeOfDayIn(-1000);
    EXPECT_EQ(_lwp_cond_timedwait(&cond, &mutex, &at), ETIME);
    EXPECT_EQ(_lwp_mutex_trylock(&mutex), EBUSY);
    timespec_t interval = Interval(20);
    EXPECT_EQ(_lwp_cond_reltimedwait(&cond, &mutex, &interval), ETIME);
    EXPECT_EQ(_lwp_mutex_trylock(&mutex), EBUSY);
    EXPECT_EQ(_lwp_mutex_unlock(&mutex), 0);
  });
}

TEST_P(LwpLocksTest, BadTimesAreInvalid) {
  InThread([] {
    lwp_mutex_t mutex = {};
    lwp_cond_t cond = {};
    ASSERT_EQ(_lwp_mutex_lock(&mutex), 0);
    for (timespec_t time : {timespec_t{0, -1}, timespec_t{0, 1'000'000'000}}) {
      EXPECT_EQ(_lwp_cond_timedwait(&cond, &mutex, &time), EINVAL);
      EXPECT_EQ(_lwp_cond_reltimedwait(&cond, &mutex, &time), EINVAL);
    }
    timespec_t negative{-1, 0};
    EXPECT_EQ(_lwp_cond_reltimedwait(&cond, &mutex, &negative), EINVAL);
    EXPECT_EQ(_lwp_mutex_trylock(&mutex), EBUSY);
    EXPECT_EQ(_lwp_mutex_unlock(&mutex), 0);
  });
}

// Without a time a wait only ends by a signal or a handler.
TEST_P(LwpLocksTest, AHandlerEndsWaits) {
  for (const int flags : {0, SA_RESTART}) {
    const ScopedAction action(SIGUSR1, See, flags);
    lwp_mutex_t mutex = {};
    lwp_cond_t cond = {};
    lwp_sema_t sema;
    ASSERT_EQ(_lwp_sema_init(&sema, 0), 0);
    timespec_t long_time = Interval(3'600'000);
    timespec_t far = TimeOfDayIn(3'600'000);
    const std::function<int()> waits[] = {
        [&] { return _lwp_cond_wait(&cond, &mutex); },
        [&] { return _lwp_cond_timedwait(&cond, &mutex, &far); },
        [&] { return _lwp_cond_timedwait(&cond, &mutex, nullptr); },
        [&] { return _lwp_cond_reltimedwait(&cond, &mutex, &long_time); },
        [&] { return _lwp_cond_reltimedwait(&cond, &mutex, nullptr); },
        [&] { return _lwp_sema_wait(&sema); },
    };
    for (const auto& wait : waits) {
      int error = -1;
      WhileBlocked(
          [&] {
            ASSERT_EQ(_lwp_mutex_lock(&mutex), 0);
            error = wait();
            EXPECT_EQ(_lwp_mutex_trylock(&mutex), EBUSY);
            EXPECT_EQ(_lwp_mutex_unlock(&mutex), 0);
          },
          [](thread_t id) { EXPECT_EQ(thr_kill(id, SIGUSR1), 0); });
      EXPECT_EQ(error, EINTR);
    }
  }
}

// While one waits the others of the process go on, in many-to-one too.
TEST_P(LwpLocksTest, AWaitLetsOthersRun) {
  lwp_mutex_t mutex = {};
  lwp_cond_t cond = {};
  lwp_sema_t sema = {};
  bool ready = false;
  const thread_t waiter = Spawn([&] {
    EXPECT_EQ(_lwp_mutex_lock(&mutex), 0);
    while (!ready) EXPECT_EQ(_lwp_cond_wait(&cond, &mutex), 0);
    EXPECT_EQ(_lwp_mutex_unlock(&mutex), 0);
    EXPECT_EQ(_lwp_sema_wait(&sema), 0);
  });
  Join(Spawn([&] {
    for (int i = 0; i < 100; ++i) LetOthersRun();
    EXPECT_EQ(_lwp_mutex_lock(&mutex), 0);
    ready = true;
    EXPECT_EQ(_lwp_cond_signal(&cond), 0);
    EXPECT_EQ(_lwp_mutex_unlock(&mutex), 0);
  }));
  Join(Spawn([&] {
    for (int i = 0; i < 100; ++i) LetOthersRun();
    EXPECT_EQ(_lwp_sema_post(&sema), 0);
  }));
  Join(waiter);
}

TEST_P(LwpLocksTest, SemaphoresCount) {
  InThread([] {
    struct {
      lwp_sema_t sema;
      char behind[8];
    } memory;
    std::memset(&memory, 0xa5, sizeof memory);
    ASSERT_EQ(_lwp_sema_init(&memory.sema, 2), 0);
    for (const char byte : memory.behind) EXPECT_EQ(byte, '\xa5');
    EXPECT_EQ(memory.sema.count, 2u);
    EXPECT_EQ(_lwp_sema_wait(&memory.sema), 0);
    EXPECT_EQ(_lwp_sema_trywait(&memory.sema), 0);
    EXPECT_EQ(_lwp_sema_trywait(&memory.sema), EBUSY);
    EXPECT_EQ(_lwp_sema_post(&memory.sema), 0);
    EXPECT_EQ(_lwp_sema_trywait(&memory.sema), 0);
    for (const char byte : memory.behind) EXPECT_EQ(byte, '\xa5');
  });
}

TEST_P(LwpLocksTest, SemaphoresOverflow) {
  InThread([] {
    lwp_sema_t sema;
    ASSERT_EQ(_lwp_sema_init(&sema, INT_MAX - 1), 0);
    EXPECT_EQ(_lwp_sema_post(&sema), 0);
    EXPECT_EQ(_lwp_sema_post(&sema), EOVERFLOW);
    EXPECT_EQ(sema.count, static_cast<uint32_t>(INT_MAX));
    EXPECT_EQ(_lwp_sema_init(&sema, -1), EINVAL);
  });
}

TEST_P(LwpLocksTest, SemaphoresHandOver) {
  lwp_sema_t ping = {};
  lwp_sema_t pong = {};
  Lwp lwp(
      [&] {
        for (int i = 0; i < 500; ++i) {
          EXPECT_EQ(_lwp_sema_wait(&ping), 0);
          EXPECT_EQ(_lwp_sema_post(&pong), 0);
        }
      },
      0u);
  InThread([&] {
    for (int i = 0; i < 500; ++i) {
      EXPECT_EQ(_lwp_sema_post(&ping), 0);
      EXPECT_EQ(_lwp_sema_wait(&pong), 0);
    }
  });
  lwp.Wait();
}

template <typename T>
void ExpectErrors(int error, T* object) {
  auto* mutex = reinterpret_cast<lwp_mutex_t*>(object);
  auto* cond = reinterpret_cast<lwp_cond_t*>(object);
  auto* sema = reinterpret_cast<lwp_sema_t*>(object);
  lwp_mutex_t good_mutex = {};
  lwp_cond_t good_cond = {};
  timespec_t time = {};
  EXPECT_EQ(_lwp_mutex_lock(mutex), error);
  EXPECT_EQ(_lwp_mutex_trylock(mutex), error);
  EXPECT_EQ(_lwp_mutex_unlock(mutex), error);
  EXPECT_EQ(_lwp_cond_wait(cond, &good_mutex), error);
  EXPECT_EQ(_lwp_cond_wait(&good_cond, mutex), error);
  EXPECT_EQ(_lwp_cond_timedwait(cond, &good_mutex, &time), error);
  EXPECT_EQ(_lwp_cond_timedwait(&good_cond, mutex, &time), error);
  EXPECT_EQ(_lwp_cond_reltimedwait(cond, &good_mutex, &time), error);
  EXPECT_EQ(_lwp_cond_reltimedwait(&good_cond, mutex, &time), error);
  EXPECT_EQ(_lwp_cond_signal(cond), error);
  EXPECT_EQ(_lwp_cond_broadcast(cond), error);
  EXPECT_EQ(_lwp_sema_init(sema, 1), error);
  EXPECT_EQ(_lwp_sema_wait(sema), error);
  EXPECT_EQ(_lwp_sema_trywait(sema), error);
  EXPECT_EQ(_lwp_sema_post(sema), error);
}

TEST_P(LwpLocksTest, NullIsAFault) {
  InThread([] {
    ExpectErrors(EFAULT, static_cast<char*>(nullptr));
    ExpectErrors(EFAULT, reinterpret_cast<char*>(64));
    lwp_mutex_t mutex = {};
    lwp_cond_t cond = {};
    auto* const time = reinterpret_cast<timespec_t*>(16);
    EXPECT_EQ(_lwp_cond_timedwait(&cond, &mutex, time), EFAULT);
    EXPECT_EQ(_lwp_cond_reltimedwait(&cond, &mutex, time), EFAULT);
  });
}

TEST_P(LwpLocksTest, MisalignedObjectsAreInvalid) {
  InThread([] {
    Misaligned<lwp_sema_t> object;
    ExpectErrors(EINVAL, object.get());
  });
}

}  // namespace
}  // namespace lt
