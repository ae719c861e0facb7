// SPDX-License-Identifier: MIT
//
// pthread_cancel(3) of threads that thr_create made and of pthreads.

#include <errno.h>
#include <pthread.h>
#include <unistd.h>

#include <atomic>
#include <cstdint>

#include "support/fixture.h"
#include "support/pthreads.h"

namespace lt {
namespace {

std::atomic<int> unwound{0};
std::atomic<int> cleaned{0};

struct CountsUnwinding {
  ~CountsUnwinding() { ++unwound; }
};

extern "C" void CountCleanup(void*) {
  ++cleaned;
}

class PthreadCancelTest : public ApiTest {
 protected:
  void SetUp() override {
    ApiTest::SetUp();
    unwound = 0;
    cleaned = 0;
  }

  // Cancels `id`, and expects that it ends so and runs what is to run.
  static void CancelAndJoin(thread_t id) {
    EXPECT_EQ(pthread_cancel(AsHandle(id)), 0);
    void* status = nullptr;
    EXPECT_EQ(thr_join(id, nullptr, &status), 0);
    EXPECT_EQ(status, PTHREAD_CANCELED);
    EXPECT_EQ(unwound, 1);
  }

  // Runs `body` in a thread that is to be cancelled in it, once before it waits
  // and once while it does.
  void CancelIn(const std::function<void()>& body) {
    {
      Gate go;
      const thread_t id = Spawn([&] {
        const CountsUnwinding counts;
        // Waiting for the gate is no part of the test, but may sleep.
        int before;
        pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, &before);
        go.Wait();
        pthread_setcancelstate(before, nullptr);
        body();
      });
      EXPECT_EQ(pthread_cancel(AsHandle(id)), 0);
      go.Open();
      CancelAndJoin(id);
    }
    unwound = 0;
    std::atomic<bool> begun{false};
    const thread_t id = Spawn([&] {
      const CountsUnwinding counts;
      begun = true;
      body();
    });
    EXPECT_TRUE(Eventually([&] { return begun.load(); }));
    EXPECT_TRUE(Quiesce());
    CancelAndJoin(id);
  }
};

LT_OVER_KINDS(PthreadCancelTest);

TEST_P(PthreadCancelTest, InSemaWait) {
  sema_t sema = DEFAULTSEMA;
  CancelIn([&] { sema_wait(&sema); });
  // No unit was lost.
  EXPECT_EQ(sema_post(&sema), 0);
  EXPECT_EQ(sema_trywait(&sema), 0);
}

TEST_P(PthreadCancelTest, InATimedSemaWait) {
  sema_t sema = DEFAULTSEMA;
  CancelIn([&] {
    timespec_t interval = Interval(30'000);
    sema_reltimedwait(&sema, &interval);
  });
}

mutex_t wait_mutex = DEFAULTMUTEX;

extern "C" void UnlockWaitMutex(void*) {
  // cond_wait has it again when handlers run.
  if (mutex_unlock(&wait_mutex) == 0) ++cleaned;
}

TEST_P(PthreadCancelTest, InCondWaitWithTheMutexHeldAgain) {
  ASSERT_EQ(mutex_init(&wait_mutex, USYNC_THREAD | LOCK_ERRORCHECK, nullptr),
            0);
  cond_t cond = DEFAULTCV;
  CancelIn([&] {
    EXPECT_EQ(mutex_lock(&wait_mutex), 0);
    pthread_cleanup_push(UnlockWaitMutex, nullptr);
    for (;;) cond_wait(&cond, &wait_mutex);
    pthread_cleanup_pop(0);
  });
  EXPECT_EQ(cleaned, 2);
  EXPECT_EQ(mutex_trylock(&wait_mutex), 0);
  EXPECT_EQ(mutex_unlock(&wait_mutex), 0);
}

TEST_P(PthreadCancelTest, InThrJoin) {
  Gate go;
  const thread_t other = Spawn([&] { go.Wait(); });
  std::atomic<int> begun{0};
  const thread_t id = Spawn([&] {
    const CountsUnwinding counts;
    ++begun;
    thr_join(other, nullptr, nullptr);
  });
  EXPECT_TRUE(Eventually([&] { return begun == 1; }));
  CancelAndJoin(id);
  // It may still be joined.
  go.Open();
  Join(other);
}

TEST_P(PthreadCancelTest, InPthreadJoinAndInATimedOne) {
  for (const bool timed : {false, true}) {
    unwound = 0;
    Gate go;
    const thread_t other = Spawn([&] { go.Wait(); });
    std::atomic<int> begun{0};
    const thread_t id = Spawn([&] {
      const CountsUnwinding counts;
      const timespec when = TimeOfDayIn(30'000);
      ++begun;
      if (timed) pthread_timedjoin_np(AsHandle(other), nullptr, &when);
      pthread_join(AsHandle(other), nullptr);
    });
    EXPECT_TRUE(Eventually([&] { return begun == 1; }));
    CancelAndJoin(id);
    go.Open();
    Join(other);
  }
}

TEST_P(PthreadCancelTest, InReadOfThePipe) {
  if (ModelName() == "many-to-one" && GetParam() == Kind::kUnbound) {
    GTEST_SKIP() << "the only LWP would block with the reader";
  }
  int ends[2];
  ASSERT_EQ(pipe(ends), 0);
  std::atomic<bool> begun{false};
  const thread_t id = Spawn([&] {
    const CountsUnwinding counts;
    char byte;
    begun = true;
    [[maybe_unused]] const ssize_t got = read(ends[0], &byte, 1);
  });
  EXPECT_TRUE(Eventually([&] { return begun.load(); }));
  EXPECT_TRUE(Quiesce());
  CancelAndJoin(id);
  close(ends[0]);
  close(ends[1]);
}

TEST_P(PthreadCancelTest, InTestcancelOfABusyThread) {
  std::atomic<bool> begun{false};
  const thread_t id = Spawn([&] {
    const CountsUnwinding counts;
    begun = true;
    for (;;) {
      pthread_testcancel();
      thr_yield();
    }
  });
  EXPECT_TRUE(Eventually([&] { return begun.load(); }));
  CancelAndJoin(id);
}

TEST_P(PthreadCancelTest, ItMayCancelItself) {
  const thread_t id = Spawn([] {
    const CountsUnwinding counts;
    EXPECT_EQ(pthread_cancel(pthread_self()), 0);
    pthread_testcancel();
    ADD_FAILURE() << "still here";
  });
  void* status = nullptr;
  EXPECT_EQ(thr_join(id, nullptr, &status), 0);
  EXPECT_EQ(status, PTHREAD_CANCELED);
  EXPECT_EQ(unwound, 1);
}

extern "C" void* SpinUncancelled(void* arg) {
  int old;
  pthread_setcanceltype(PTHREAD_CANCEL_ASYNCHRONOUS, &old);
  static_cast<std::atomic<bool>*>(arg)->store(true);
  for (;;) __asm__ volatile("");
}

TEST_P(PthreadCancelTest, AnAsynchronousOneIsStoppedAnywhere) {
  if (ModelName() == "many-to-one" && GetParam() == Kind::kUnbound) {
    // main comes to run by the time slice.
  }
  std::atomic<bool> begun{false};
  thread_t id = 0;
  ASSERT_EQ(Create(SpinUncancelled, &begun, 0, &id), 0);
  EXPECT_TRUE(Eventually([&] { return begun.load(); }));
  EXPECT_EQ(pthread_cancel(AsHandle(id)), 0);
  void* status = nullptr;
  EXPECT_EQ(thr_join(id, nullptr, &status), 0);
  EXPECT_EQ(status, PTHREAD_CANCELED);
}

TEST_P(PthreadCancelTest, ADisabledOneGoesOnUntilItEnables) {
  sema_t sema = DEFAULTSEMA;
  std::atomic<int> stage{0};
  const thread_t id = Spawn([&] {
    const CountsUnwinding counts;
    int old = -1;
    EXPECT_EQ(pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, &old), 0);
    EXPECT_EQ(old, PTHREAD_CANCEL_ENABLE);
    stage = 1;
    EXPECT_EQ(sema_wait(&sema), 0);
    EXPECT_EQ(sema_wait(&sema), 0);
    pthread_testcancel();
    stage = 2;
    EXPECT_EQ(pthread_setcancelstate(PTHREAD_CANCEL_ENABLE, &old), 0);
    sema_wait(&sema);
    stage = 3;
  });
  EXPECT_TRUE(Eventually([&] { return stage == 1; }));
  EXPECT_TRUE(Quiesce());
  EXPECT_EQ(pthread_cancel(AsHandle(id)), 0);
  EXPECT_TRUE(Quiesce());
  EXPECT_EQ(stage, 1);
  EXPECT_EQ(sema_post(&sema), 0);
  EXPECT_EQ(sema_post(&sema), 0);
  void* status = nullptr;
  EXPECT_EQ(thr_join(id, nullptr, &status), 0);
  EXPECT_EQ(status, PTHREAD_CANCELED);
  EXPECT_EQ(stage, 2);
  EXPECT_EQ(unwound, 1);
}

extern "C" void WaitInHandler(void*) {
  // Waiting works while the thread is unwound.
  sema_t sema = DEFAULTSEMA;
  timespec_t interval = Interval(1);
  if (sema_reltimedwait(&sema, &interval) == ETIME) ++cleaned;
  const thread_t id = SpawnWithFlags([] {}, 0);
  if (thr_join(id, nullptr, nullptr) == 0) ++cleaned;
}

TEST_P(PthreadCancelTest, HandlersMayWait) {
  sema_t sema = DEFAULTSEMA;
  CancelIn([&] {
    pthread_cleanup_push(WaitInHandler, nullptr);
    sema_wait(&sema);
    pthread_cleanup_pop(0);
  });
  EXPECT_EQ(cleaned, 4);
}

TEST_P(PthreadCancelTest, DestructorsOfValuesRun) {
  thread_key_t key;
  ASSERT_EQ(thr_keycreate(&key, CountCleanup), 0);
  pthread_key_t pthread_key;
  ASSERT_EQ(pthread_key_create(&pthread_key, CountCleanup), 0);
  sema_t sema = DEFAULTSEMA;
  CancelIn([&] {
    EXPECT_EQ(thr_setspecific(key, &sema), 0);
    EXPECT_EQ(pthread_setspecific(pthread_key, &sema), 0);
    sema_wait(&sema);
  });
  EXPECT_EQ(cleaned, 4);
  EXPECT_EQ(pthread_key_delete(pthread_key), 0);
}

// What serves the next thread knows nothing of the cancellation.
TEST_P(PthreadCancelTest, TheNextThreadIsNotCancelled) {
  for (int round = 0; round < 200; ++round) {
    Gate go;
    // Cancelled, but it ends before it notices: it has disabled that.
    const thread_t first = Spawn([&] {
      pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, nullptr);
      pthread_setcanceltype(PTHREAD_CANCEL_ASYNCHRONOUS, nullptr);
      go.Wait();
    });
    thr_yield();
    if (round % 2 == 0) {
      EXPECT_EQ(pthread_cancel(AsHandle(first)), 0);
    }
    go.Open();
    EXPECT_EQ(thr_join(first, nullptr, nullptr), 0);
    bool ran = false;
    Join(Spawn([&] {
      int old = -1;
      pthread_setcanceltype(PTHREAD_CANCEL_DEFERRED, &old);
      EXPECT_EQ(old, PTHREAD_CANCEL_DEFERRED);
      pthread_setcancelstate(PTHREAD_CANCEL_ENABLE, &old);
      EXPECT_EQ(old, PTHREAD_CANCEL_ENABLE);
      pthread_testcancel();
      ran = true;
    }));
    EXPECT_TRUE(ran);
  }
}

TEST_P(PthreadCancelTest, APthreadIsCancelledInOurWaits) {
  LT_NEEDS_KNOWN_PTHREADS();
  sema_t sema = DEFAULTSEMA;
  std::atomic<bool> begun{false};
  const pthread_t thread = SpawnPthread([&] {
    const CountsUnwinding counts;
    begun = true;
    sema_wait(&sema);
  });
  EXPECT_TRUE(Eventually([&] { return begun.load(); }));
  EXPECT_TRUE(Quiesce());
  EXPECT_EQ(pthread_cancel(thread), 0);
  void* status = nullptr;
  EXPECT_EQ(pthread_join(thread, &status), 0);
  EXPECT_EQ(status, PTHREAD_CANCELED);
  EXPECT_EQ(unwound, 1);
}

TEST_P(PthreadCancelTest, NobodyHasTheId) {
  EXPECT_EQ(pthread_cancel(AsHandle(1'000'000)), ESRCH);
  const thread_t id = Spawn([] {});
  Join(id);
  EXPECT_EQ(pthread_cancel(AsHandle(id)), ESRCH);
}

TEST_P(PthreadCancelTest, AnEndedOneTakesIt) {
  const int before = LiveThreads();
  const thread_t id = Spawn([] {});
  ASSERT_TRUE(Eventually([&] { return LiveThreads() == before; }));
  EXPECT_EQ(pthread_cancel(AsHandle(id)), 0);
  void* status = AsPointer(1);
  EXPECT_EQ(thr_join(id, nullptr, &status), 0);
  EXPECT_EQ(status, nullptr);
}

TEST_P(PthreadCancelTest, ManyAtAnyMoment) {
  for (int round = 0; round < 100; ++round) {
    sema_t sema = DEFAULTSEMA;
    thread_t ids[8];
    for (thread_t& id : ids) {
      id = Spawn([&] {
        for (;;) {
          sema_wait(&sema);
          pthread_testcancel();
        }
      });
    }
    for (int i = 0; i < round % 8; ++i) sema_post(&sema);
    for (const thread_t id : ids) EXPECT_EQ(pthread_cancel(AsHandle(id)), 0);
    for (const thread_t id : ids) {
      void* status = nullptr;
      EXPECT_EQ(pthread_join(AsHandle(id), &status), 0);
      EXPECT_EQ(status, PTHREAD_CANCELED);
    }
  }
}

}  // namespace
}  // namespace lt
