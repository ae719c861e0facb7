// SPDX-License-Identifier: MIT
//
// thr_kill(3) of threads that wait or are suspended: a handler ends cond_wait()
// and sema_wait(), runs in the middle of the waits that go on, and stays away
// from a suspended thread.

#include <errno.h>

#include <functional>

#include "support/fixture.h"
#include "support/signals.h"
#include "support/sync_objects.h"

namespace lt {
namespace {

class SignalKillWaitTest : public SignalTest {
 protected:
  // `wait` waits for something that `release` brings about, and never shows
  // that a handler ran.
  void ExpectHandlerRunsAndWaitGoesOn(
      const std::function<void()>& wait,
      const std::function<void()>& release) const {
    const ScopedAction action(SIGUSR1);
    std::atomic<bool> over{false};
    const thread_t id = Spawn([&] {
      wait();
      over = true;
    });
    EXPECT_TRUE(Quiesce());
    for (int i = 1; i <= 3; ++i) {
      EXPECT_EQ(thr_kill(id, SIGUSR1), 0);
      EXPECT_TRUE(Eventually([&] { return seen.runs == i; }));
      EXPECT_EQ(seen.thread, id);
      EXPECT_TRUE(Quiesce());
      EXPECT_FALSE(over);
    }
    release();
    Join(id);
    EXPECT_EQ(seen.runs, 3);
  }
};

LT_OVER_KINDS(SignalKillWaitTest);

TEST_P(SignalKillWaitTest, EndsCondWait) {
  const ScopedAction action(SIGUSR1);
  mutex_t m = ERRORCHECKMUTEX;
  cond_t c = DEFAULTCV;
  const thread_t id = Spawn([&] {
    EXPECT_EQ(mutex_lock(&m), 0);
    EXPECT_EQ(cond_wait(&c, &m), EINTR);
    EXPECT_EQ(mutex_unlock(&m), 0);
  });
  EXPECT_TRUE(Quiesce());
  EXPECT_EQ(thr_kill(id, SIGUSR1), 0);
  Join(id);
  EXPECT_EQ(seen.runs, 1);
  EXPECT_EQ(seen.thread, id);
}

TEST_P(SignalKillWaitTest, EndsSemaWait) {
  const ScopedAction action(SIGUSR1);
  sema_t s = DEFAULTSEMA;
  const thread_t id = Spawn([&] { EXPECT_EQ(sema_wait(&s), EINTR); });
  EXPECT_TRUE(Quiesce());
  EXPECT_EQ(thr_kill(id, SIGUSR1), 0);
  Join(id);
  EXPECT_EQ(seen.runs, 1);
  EXPECT_EQ(seen.thread, id);
}

TEST_P(SignalKillWaitTest, MutexLockGoesOnWaiting) {
  mutex_t m = ERRORCHECKMUTEX;
  ASSERT_EQ(mutex_lock(&m), 0);
  ExpectHandlerRunsAndWaitGoesOn(
      [&] {
        EXPECT_EQ(mutex_lock(&m), 0);
        EXPECT_EQ(mutex_unlock(&m), 0);
      },
      [&] { EXPECT_EQ(mutex_unlock(&m), 0); });
}

TEST_P(SignalKillWaitTest, RwRdlockGoesOnWaiting) {
  rwlock_t rw = DEFAULTRWLOCK;
  ASSERT_EQ(rw_wrlock(&rw), 0);
  ExpectHandlerRunsAndWaitGoesOn(
      [&] {
        EXPECT_EQ(rw_rdlock(&rw), 0);
        EXPECT_EQ(rw_unlock(&rw), 0);
      },
      [&] { EXPECT_EQ(rw_unlock(&rw), 0); });
}

TEST_P(SignalKillWaitTest, RwWrlockGoesOnWaiting) {
  rwlock_t rw = DEFAULTRWLOCK;
  ASSERT_EQ(rw_rdlock(&rw), 0);
  ExpectHandlerRunsAndWaitGoesOn(
      [&] {
        EXPECT_EQ(rw_wrlock(&rw), 0);
        EXPECT_EQ(rw_unlock(&rw), 0);
      },
      [&] { EXPECT_EQ(rw_unlock(&rw), 0); });
}

TEST_P(SignalKillWaitTest, JoinGoesOnWaiting) {
  sema_t s = DEFAULTSEMA;
  const thread_t other = Spawn([&] { EXPECT_EQ(sema_wait(&s), 0); });
  ExpectHandlerRunsAndWaitGoesOn([&] { Join(other); },
                                 [&] { EXPECT_EQ(sema_post(&s), 0); });
}

// thr_join(0) is the wait of many a main.
TEST_P(SignalKillWaitTest, JoinOfAnybodyGoesOnWaiting) {
  const ScopedAction action(SIGUSR1);
  const thread_t main = thr_self();
  sema_t s = DEFAULTSEMA;
  const thread_t other = Spawn([&] { EXPECT_EQ(sema_wait(&s), 0); });
  // Detached: nobody whom thr_join(0) could find.
  SpawnWithFlags(
      [&] {
        EXPECT_TRUE(Quiesce());
        EXPECT_EQ(thr_kill(main, SIGUSR1), 0);
        EXPECT_TRUE(Eventually([] { return seen.runs == 1; }));
        EXPECT_EQ(sema_post(&s), 0);
      },
      THR_BOUND | THR_DETACHED);
  thread_t departed = 0;
  EXPECT_EQ(thr_join(0, &departed, nullptr), 0);
  EXPECT_EQ(departed, other);
  EXPECT_EQ(seen.thread, main);
}

TEST_P(SignalKillWaitTest, ASuspendedThreadGetsItWhenItIsContinued) {
  const ScopedAction action(SIGUSR1);
  Gate running;
  Gate leave;
  const thread_t id = Spawn([&] {
    running.Open();
    leave.Wait();
  });
  running.Wait();
  EXPECT_EQ(thr_suspend(id), 0);
  EXPECT_EQ(thr_kill(id, SIGUSR1), 0);
  EXPECT_TRUE(Quiesce());
  EXPECT_EQ(seen.runs, 0);
  EXPECT_EQ(thr_continue(id), 0);
  EXPECT_TRUE(Eventually([] { return seen.runs == 1; }));
  EXPECT_EQ(seen.thread, id);
  leave.Open();
  Join(id);
}

TEST_P(SignalKillWaitTest, AThreadThatNeverRanGetsItWhenItIsContinued) {
  const ScopedAction action(SIGUSR1);
  const thread_t id = Spawn([] {}, THR_SUSPENDED);
  EXPECT_EQ(thr_kill(id, SIGUSR1), 0);
  EXPECT_TRUE(Quiesce());
  EXPECT_EQ(seen.runs, 0);
  EXPECT_EQ(thr_continue(id), 0);
  Join(id);
  EXPECT_EQ(seen.runs, 1);
  EXPECT_EQ(seen.thread, id);
}

}  // namespace
}  // namespace lt
