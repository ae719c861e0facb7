// SPDX-License-Identifier: MIT
//
// pthread_join(3), its forms with a deadline, and pthread_detach(3), of threads
// that thr_create made and of pthreads, by pthread_t and by thread_t.

#include <errno.h>
#include <pthread.h>
#include <time.h>

#include <atomic>
#include <cstdint>
#include <memory>

#include "support/fixture.h"
#include "support/pthreads.h"

namespace lt {
namespace {

class PthreadJoinTest : public ApiTest {
 protected:
  // A thread of ours that waits until `go_` is open and then returns 5.
  thread_t SpawnWaiter(long flags = 0) {
    go_ = std::make_shared<Gate>();
    thread_t id = 0;
    auto* arg = new std::shared_ptr<Gate>(go_);
    EXPECT_EQ(Create(WaitAndReturn, arg, flags, &id), 0);
    return id;
  }
  void Go() { go_->Open(); }

 private:
  static void* WaitAndReturn(void* arg) {
    const std::unique_ptr<std::shared_ptr<Gate>> go(
        static_cast<std::shared_ptr<Gate>*>(arg));
    (*go)->Wait();
    return AsPointer(5);
  }

  std::shared_ptr<Gate> go_;
};

LT_OVER_KINDS(PthreadJoinTest);

TEST_P(PthreadJoinTest, OursIsJoinedByItsThreadId) {
  const thread_t id = SpawnWaiter();
  Go();
  void* status = nullptr;
  EXPECT_EQ(pthread_join(AsHandle(id), &status), 0);
  EXPECT_EQ(status, AsPointer(5));
  EXPECT_EQ(pthread_join(AsHandle(id), nullptr), ESRCH);
  EXPECT_EQ(thr_join(id, nullptr, nullptr), ESRCH);
}

TEST_P(PthreadJoinTest, OursIsJoinedByItsPthreadSelf) {
  std::atomic<pthread_t> handle{0};
  Gate go;
  Spawn([&] {
    handle = pthread_self();
    go.Wait();
  });
  ASSERT_TRUE(Eventually([&] { return handle != 0U; }));
  EXPECT_FALSE(pthread_equal(handle, pthread_self()));
  EXPECT_EQ(pthread_tryjoin_np(handle, nullptr), EBUSY);
  go.Open();
  EXPECT_EQ(pthread_join(handle, nullptr), 0);
}

TEST_P(PthreadJoinTest, OneOfSeveralJoinersGetsIt) {
  const thread_t id = SpawnWaiter();
  std::atomic<int> joined{0};
  std::atomic<int> refused{0};
  std::atomic<int> begun{0};
  const auto join = [&] {
    ++begun;
    const int error = pthread_join(AsHandle(id), nullptr);
    if (error == 0) ++joined;
    if (error == ESRCH) ++refused;
  };
  const thread_t first = Spawn(join);
  const thread_t second = Spawn(join);
  ASSERT_TRUE(Eventually([&] { return begun == 2; }));
  Go();
  Join(first);
  Join(second);
  EXPECT_EQ(joined, 1);
  EXPECT_EQ(refused, 1);
}

TEST_P(PthreadJoinTest, NobodyHasTheId) {
  constexpr pthread_t kNobody = 1'000'000;
  EXPECT_EQ(pthread_join(kNobody, nullptr), ESRCH);
  EXPECT_EQ(pthread_join(0, nullptr), ESRCH);
  EXPECT_EQ(pthread_tryjoin_np(kNobody, nullptr), ESRCH);
  EXPECT_EQ(pthread_detach(kNobody), ESRCH);
  const timespec when = TimeOfDayIn(10);
  EXPECT_EQ(pthread_timedjoin_np(kNobody, nullptr, &when), ESRCH);
}

TEST_P(PthreadJoinTest, ItselfAndCirclesAreDeadlocks) {
  EXPECT_EQ(pthread_join(pthread_self(), nullptr), EDEADLK);
  EXPECT_EQ(pthread_join(AsHandle(thr_self()), nullptr), EDEADLK);
  EXPECT_EQ(pthread_tryjoin_np(pthread_self(), nullptr), EDEADLK);
  const pthread_t main = pthread_self();
  std::atomic<int> error{-1};
  Gate told;
  const thread_t id = Spawn([&] {
    // main joins this one, sooner or later.
    EXPECT_TRUE(Eventually([&] {
      const timespec when = TimeOfDayIn(0);
      error = pthread_timedjoin_np(main, nullptr, &when);
      return error == ETIMEDOUT;
    }));
    told.Open();
  });
  told.Wait();
  EXPECT_EQ(pthread_join(AsHandle(id), nullptr), 0);
}

TEST_P(PthreadJoinTest, ADetachedOneIsInvalid) {
  const auto go = std::make_shared<Gate>();
  const thread_t id = Spawn([go] { go->Wait(); }, THR_DETACHED);
  EXPECT_EQ(pthread_join(AsHandle(id), nullptr), EINVAL);
  EXPECT_EQ(pthread_tryjoin_np(AsHandle(id), nullptr), EINVAL);
  const timespec when = TimeOfDayIn(10);
  EXPECT_EQ(pthread_timedjoin_np(AsHandle(id), nullptr, &when), EINVAL);
  EXPECT_EQ(pthread_detach(AsHandle(id)), EINVAL);
  go->Open();
}

TEST_P(PthreadJoinTest, TryTakesOnlyTheEnded) {
  const thread_t id = SpawnWaiter();
  EXPECT_EQ(pthread_tryjoin_np(AsHandle(id), nullptr), EBUSY);
  Go();
  void* status = nullptr;
  EXPECT_TRUE(Eventually(
      [&] { return pthread_tryjoin_np(AsHandle(id), &status) == 0; }));
  EXPECT_EQ(status, AsPointer(5));
}

TEST_P(PthreadJoinTest, TheTimeIsUpBeforeTheThread) {
  const thread_t id = SpawnWaiter();
  timespec when = TimeOfDayIn(20);
  EXPECT_EQ(pthread_timedjoin_np(AsHandle(id), nullptr, &when), ETIMEDOUT);
  EXPECT_EQ(pthread_clockjoin_np(AsHandle(id), nullptr, CLOCK_REALTIME, &when),
            ETIMEDOUT);
  clock_gettime(CLOCK_MONOTONIC, &when);
  EXPECT_EQ(pthread_clockjoin_np(AsHandle(id), nullptr, CLOCK_MONOTONIC, &when),
            ETIMEDOUT);
  Go();
  Join(id);
}

TEST_P(PthreadJoinTest, TheThreadEndsBeforeTheTime) {
  void* status = nullptr;
  for (int round = 0; round < 20; ++round) {
    const thread_t id = SpawnWaiter();
    const thread_t opener = Spawn([&] { Go(); });
    const timespec when = TimeOfDayIn(30'000);
    EXPECT_EQ(pthread_timedjoin_np(AsHandle(id), &status, &when), 0);
    EXPECT_EQ(status, AsPointer(5));
    Join(opener);
  }
  const thread_t id = SpawnWaiter();
  Go();
  EXPECT_EQ(
      pthread_clockjoin_np(AsHandle(id), &status, CLOCK_MONOTONIC, nullptr), 0);
}

TEST_P(PthreadJoinTest, BadTimesAndClocksAreInvalid) {
  const thread_t id = SpawnWaiter();
  timespec when = TimeOfDayIn(0);
  when.tv_nsec = 1'000'000'000;
  EXPECT_EQ(pthread_timedjoin_np(AsHandle(id), nullptr, &when), EINVAL);
  when.tv_nsec = 0;
  EXPECT_EQ(pthread_clockjoin_np(AsHandle(id), nullptr,
                                 CLOCK_PROCESS_CPUTIME_ID, &when),
            EINVAL);
  Go();
  Join(id);
}

TEST_P(PthreadJoinTest, DetachingSendsWaitersAway) {
  const thread_t id = SpawnWaiter();
  std::atomic<int> begun{0};
  int results[3] = {-1, -1, -1};
  const thread_t waiters[] = {
      Spawn([&] {
        ++begun;
        results[0] = thr_join(id, nullptr, nullptr);
      }),
      Spawn([&] {
        ++begun;
        results[1] = pthread_join(AsHandle(id), nullptr);
      }),
      Spawn([&] {
        ++begun;
        const timespec when = TimeOfDayIn(30'000);
        results[2] = pthread_timedjoin_np(AsHandle(id), nullptr, &when);
      })};
  ASSERT_TRUE(Eventually([&] { return begun == 3; }));
  ASSERT_TRUE(Quiesce());
  EXPECT_EQ(pthread_detach(AsHandle(id)), 0);
  for (const thread_t waiter : waiters) Join(waiter);
  for (const int result : results) EXPECT_EQ(result, ESRCH);
  EXPECT_EQ(thr_join(id, nullptr, nullptr), ESRCH);
  Go();
}

TEST_P(PthreadJoinTest, DetachingTheEndedCollectsThem) {
  const int before = LiveThreads();
  const thread_t id = SpawnWaiter();
  Go();
  ASSERT_TRUE(Eventually([&] { return LiveThreads() == before; }));
  EXPECT_EQ(pthread_detach(AsHandle(id)), 0);
  EXPECT_EQ(thr_join(id, nullptr, nullptr), ESRCH);
  EXPECT_EQ(pthread_detach(AsHandle(id)), ESRCH);
}

TEST_P(PthreadJoinTest, ADetachedPthreadIsNotJoinable) {
  LT_NEEDS_KNOWN_PTHREADS();
  const auto go = std::make_shared<Gate>();
  const pthread_t thread = SpawnPthread([go] { go->Wait(); });
  EXPECT_EQ(pthread_detach(thread), 0);
  EXPECT_EQ(pthread_detach(thread), EINVAL);
  EXPECT_EQ(pthread_join(thread, nullptr), EINVAL);
  go->Open();
}

}  // namespace
}  // namespace lt
