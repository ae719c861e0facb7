// SPDX-License-Identifier: MIT
//
// The threads of C++ on top of the library, which libstdc++ makes by
// pthread_create.

#include <algorithm>
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <future>
#include <mutex>
#include <stdexcept>
#include <stop_token>
#include <string>
#include <thread>
#include <vector>

#include "support/fixture.h"
#include "support/pthreads.h"

namespace lt {
namespace {

class PthreadCxxTest : public ModelTest {
 protected:
  // What blocks in libc blocks the only LWP, and with it who would wake it.
  static bool OneLwpForAll() {
    return UnboundPthreads() && ModelName() == "many-to-one";
  }
};

TEST_F(PthreadCxxTest, EachThreadHasAnId) {
  std::vector<std::thread> threads;
  std::vector<thread_t> ids(20);
  for (size_t i = 0; i < ids.size(); ++i) {
    threads.emplace_back([&ids, i] { ids[i] = thr_self(); });
  }
  for (std::thread& thread : threads) thread.join();
  std::sort(ids.begin(), ids.end());
  EXPECT_EQ(std::adjacent_find(ids.begin(), ids.end()), ids.end());
  EXPECT_GT(ids.front(), 1U);
}

// libstdc++ was linked against libc, and finds this library all the same.
TEST_F(PthreadCxxTest, TheyAreKnownBeforeTheyRun) {
  LT_NEEDS_KNOWN_PTHREADS();
  const int before = LiveThreads();
  Gate go;
  std::thread thread([&] { go.Wait(); });
  EXPECT_EQ(LiveThreads(), before + 1);
  go.Open();
  thread.join();
}

TEST_F(PthreadCxxTest, ADetachedThreadEnds) {
  const auto ran = std::make_shared<Gate>();
  std::thread([ran] { ran->Open(); }).detach();
  ran->Wait();
}

TEST_F(PthreadCxxTest, AJthreadIsAskedToStop) {
  std::atomic<bool> stopped{false};
  {
    std::jthread thread([&](std::stop_token token) {
      EXPECT_TRUE(Eventually([&] { return token.stop_requested(); }));
      stopped = true;
    });
  }
  EXPECT_TRUE(stopped);
}

TEST_F(PthreadCxxTest, AsyncGivesItsValueAndItsException) {
  std::future<int> value = std::async(std::launch::async, [] { return 42; });
  std::future<int> failure = std::async(
      std::launch::async, []() -> int { throw std::runtime_error("no"); });
  for (std::future<int>* result : {&value, &failure}) {
    ASSERT_TRUE(Eventually([&] {
      return result->wait_for(std::chrono::seconds(0)) ==
             std::future_status::ready;
    }));
  }
  EXPECT_EQ(value.get(), 42);
  EXPECT_THROW(failure.get(), std::runtime_error);
}

TEST_F(PthreadCxxTest, AMutexExcludes) {
  std::mutex mutex;
  int64_t total = 0;
  std::vector<std::thread> threads;
  for (int i = 0; i < 8; ++i) {
    threads.emplace_back([&] {
      for (int turn = 0; turn < 1000; ++turn) {
        const std::lock_guard lock(mutex);
        ++total;
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(total, 8000);
}

TEST_F(PthreadCxxTest, AConditionVariableWakes) {
  if (OneLwpForAll()) GTEST_SKIP() << "the waiter would block everybody";
  std::mutex mutex;
  std::condition_variable changed;
  int turn = 0;
  constexpr int kTurns = 500;
  const auto play = [&](int me) {
    for (int i = 0; i < kTurns; ++i) {
      std::unique_lock lock(mutex);
      changed.wait(lock, [&] { return turn % 2 == me; });
      ++turn;
      changed.notify_one();
    }
  };
  std::thread first(play, 0);
  std::thread second(play, 1);
  first.join();
  second.join();
  EXPECT_EQ(turn, 2 * kTurns);
}

TEST_F(PthreadCxxTest, CallOnceCallsOnce) {
  std::once_flag once;
  std::atomic<int> calls{0};
  std::vector<std::thread> threads;
  for (int i = 0; i < 8; ++i) {
    threads.emplace_back([&] {
      std::call_once(once, [&] { ++calls; });
      EXPECT_EQ(calls, 1);
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(calls, 1);
}

std::atomic<int> destroyed{0};

struct CountsItsEnd {
  int value = 0;
  ~CountsItsEnd() { destroyed += value; }
};

thread_local CountsItsEnd counted;

TEST_F(PthreadCxxTest, ThreadLocalsAreFreshAndDestroyed) {
  destroyed = 0;
  for (int round = 0; round < 30; ++round) {
    std::thread([] {
      EXPECT_EQ(counted.value, 0);
      counted.value = 1;
    }).join();
    EXPECT_EQ(destroyed, round + 1);
  }
}

TEST_F(PthreadCxxTest, ExceptionsStayInTheirThread) {
  std::vector<std::thread> threads;
  std::atomic<int> caught{0};
  for (int i = 0; i < 8; ++i) {
    threads.emplace_back([&, i] {
      try {
        try {
          throw std::runtime_error(std::to_string(i));
        } catch (const std::exception&) {
          thr_yield();
          throw;
        }
      } catch (const std::exception& error) {
        if (error.what() == std::to_string(i)) ++caught;
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(caught, 8);
}

}  // namespace
}  // namespace lt
