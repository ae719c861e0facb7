// SPDX-License-Identifier: MIT
//
// Threads that compute and never yield, in libthread(7): others run beside
// them, on however few LWPs.

#include <errno.h>
#include <time.h>
#include <unistd.h>

#include <vector>

#include "support/blocking.h"
#include "support/fixture.h"
#include "support/signals.h"
#include "support/sync_objects.h"

namespace lt {
namespace {

using PreemptTest = SyncTest;
LT_OVER_KINDS(PreemptTest);

// More of them than any pool here has LWPs at first.
int SpinnerCount() {
  return static_cast<int>(sysconf(_SC_NPROCESSORS_ONLN)) + 2;
}

class Spinners {
 public:
  explicit Spinners(
      const std::function<thread_t(std::function<void()>)>& make) {
    for (int i = 0; i < SpinnerCount(); ++i) {
      ids_.push_back(make([this] {
        ++started_;
        while (!stop_) {
        }
      }));
    }
  }
  bool AllStarted() const { return started_ == SpinnerCount(); }
  void Stop() { stop_ = true; }
  void Join() const {
    for (const thread_t id : ids_) lt::Join(id);
  }

 private:
  std::atomic<bool> stop_{false};
  std::atomic<int> started_{0};
  std::vector<thread_t> ids_;
};

// What starved on spin loops once: the last one made ends the others.
TEST_P(PreemptTest, SpinnersAreEndedByTheLastThreadMade) {
  Spinners spinners(
      [this](std::function<void()> body) { return Spawn(std::move(body)); });
  const thread_t last = Spawn([&] { spinners.Stop(); });
  Join(last);
  spinners.Join();
}

// All get a turn, main included.
TEST_P(PreemptTest, SpinnersTakeTurns) {
  Spinners spinners(
      [this](std::function<void()> body) { return Spawn(std::move(body)); });
  EXPECT_TRUE(Eventually([&] { return spinners.AllStarted(); }));
  spinners.Stop();
  spinners.Join();
}

TEST_P(PreemptTest, AWakeupReachesItsThreadBesideSpinners) {
  sema_t s = DEFAULTSEMA;
  const thread_t waiter = Spawn([&] {
    for (int i = 0; i < 10; ++i) EXPECT_EQ(sema_wait(&s), 0);
  });
  Spinners spinners(
      [this](std::function<void()> body) { return Spawn(std::move(body)); });
  for (int i = 0; i < 10; ++i) EXPECT_EQ(sema_post(&s), 0);
  Join(waiter);
  spinners.Stop();
  spinners.Join();
}

TEST_P(PreemptTest, ATimedWaitEndsBesideSpinners) {
  Spinners spinners(
      [this](std::function<void()> body) { return Spawn(std::move(body)); });
  const thread_t sleeper = Spawn([] {
    const timespec_t interval = Interval(5);
    EXPECT_EQ(nanosleep(&interval, nullptr), 0);
    sema_t s = DEFAULTSEMA;
    EXPECT_EQ(sema_reltimedwait(&s, &interval), ETIME);
  });
  Join(sleeper);
  spinners.Stop();
  spinners.Join();
}

// A thread that is preempted keeps its floating point registers, its errno and
// what lies below its stack pointer.
TEST_P(PreemptTest, AThreadDoesNotNotice) {
  constexpr int kThreads = 6;
  RunThreads(kThreads, [](int index) {
    errno = 1000 + index;
    const double step = 1.0 + index;
    double sum = 0;
    long count = 0;
    timespec end = TimeOfDayIn(60);
    while (!TimeOfDayReached(end)) {
      for (int i = 0; i < 10'000; ++i) {
        sum += step;
        ++count;
        asm volatile("" : : : "memory");
      }
    }
    // Exact: all sums are small whole numbers.
    EXPECT_EQ(sum, step * static_cast<double>(count));
    EXPECT_EQ(errno, 1000 + index);
  });
}

TEST_P(PreemptTest, AHigherPriorityOvertakesSpinners) {
  Spinners spinners(
      [this](std::function<void()> body) { return Spawn(std::move(body)); });
  EXPECT_TRUE(Eventually([&] { return spinners.AllStarted(); }));
  const thread_t id = Spawn([&] { spinners.Stop(); }, THR_SUSPENDED);
  EXPECT_EQ(thr_setprio(id, 100), 0);
  EXPECT_EQ(thr_continue(id), 0);
  spinners.Join();
  Join(id);
}

class BlockedLwpTest : public ModelTest {};

// An LWP blocks in the kernel with a thread in its queue; the other LWPs, as
// many as there shall be, have threads that never block, and yield to each
// other only.
TEST_F(BlockedLwpTest, WhatWaitsThereGetsItsTurn) {
  if (ModelName() == "many-to-one") GTEST_SKIP() << "there is no other LWP";
  const TestPipe pipe;
  const auto block = [&] {
    char byte = 0;
    // Without libc between: nobody knows that the LWP blocks.
    EXPECT_EQ(syscall(SYS_read, int{pipe.out}, &byte, 1), 1);
  };
  std::atomic<bool> stop{false};
  std::atomic<int> started{0};
  const thread_t blocked = SpawnWithFlags(
      [&] {
        block();
        const thread_t waiting = SpawnWithFlags([&] { stop = true; }, 0);
        block();
        Join(waiting);
      },
      0);
  std::vector<thread_t> spinners;
  for (int i = 0; i < SpinnerCount(); ++i) {
    spinners.push_back(SpawnWithFlags(
        [&] {
          ++started;
          while (!stop) thr_yield();
        },
        0));
  }
  EXPECT_TRUE(Eventually([&] { return started == SpinnerCount(); }));
  EXPECT_EQ(write(pipe.in, "x", 1), 1);
  for (const thread_t id : spinners) Join(id);
  EXPECT_EQ(write(pipe.in, "x", 1), 1);
  Join(blocked);
}

}  // namespace
}  // namespace lt
