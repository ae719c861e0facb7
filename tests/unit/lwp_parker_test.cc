// SPDX-License-Identifier: MIT

#include <gtest/gtest.h>

#include <atomic>
#include <thread>

#include "lwp/parker.h"

namespace lt {
namespace {

constexpr timespec kShort{0, 20'000'000};
constexpr timespec kLong{60, 0};

TEST(ParkerTest, TokenBeforeWait) {
  Parker parker;
  parker.Unpark();
  EXPECT_TRUE(parker.Wait(Deadline::After(kLong)));
}

TEST(ParkerTest, TokenWinsOverAPastDeadline) {
  Parker parker;
  parker.Unpark();
  EXPECT_TRUE(parker.Wait(Deadline::AtNs(0)));
}

TEST(ParkerTest, TokensDoNotAddUp) {
  Parker parker;
  parker.Unpark();
  parker.Unpark();
  EXPECT_TRUE(parker.Wait(Deadline::After(kLong)));
  EXPECT_FALSE(parker.Wait(Deadline::AtNs(0)));
}

TEST(ParkerTest, ResetForgetsAToken) {
  Parker parker;
  parker.Unpark();
  parker.Reset();
  EXPECT_FALSE(parker.Wait(Deadline::AtNs(0)));
}

TEST(ParkerTest, TimesOutAndServesAgain) {
  Parker parker;
  const Deadline deadline = Deadline::After(kShort);
  EXPECT_FALSE(parker.Wait(deadline));
  EXPECT_TRUE(deadline.Passed());
  parker.Unpark();
  EXPECT_TRUE(parker.Wait(Deadline::AtNs(0)));
}

TEST(ParkerTest, WaitBeforeToken) {
  Parker parker;
  int written = 0;  // plain: the token orders it
  std::atomic<bool> goes_to_wait{false};
  int seen = -1;
  bool woken = false;
  std::thread waiter([&] {
    goes_to_wait = true;
    woken = parker.Wait(Deadline::After(kLong));
    seen = written;
  });
  // The waiter is likely in its futex after that, but need not be.
  while (!goes_to_wait) std::this_thread::yield();
  const Deadline pause = Deadline::After(kShort);
  while (!pause.Passed()) std::this_thread::yield();
  written = 1;
  parker.Unpark();
  waiter.join();
  EXPECT_TRUE(woken);
  EXPECT_EQ(seen, 1);
}

TEST(ParkerTest, HandOffsBetweenTwo) {
  constexpr int kRounds = 100'000;
  Parker ping;
  Parker pong;
  int turns = 0;  // plain: only who has the token touches it
  int odd = 0;    // turns that the second found out of order
  bool second_woken = true;
  std::thread second([&] {
    for (int i = 0; i < kRounds && second_woken; ++i) {
      second_woken = ping.Wait(Deadline::After(kLong));
      if (turns != 2 * i + 1) ++odd;
      ++turns;
      pong.Unpark();
    }
  });
  bool first_woken = true;
  for (int i = 0; i < kRounds && first_woken; ++i) {
    ++turns;
    ping.Unpark();
    first_woken = pong.Wait(Deadline::After(kLong));
  }
  second.join();
  EXPECT_TRUE(first_woken);
  EXPECT_TRUE(second_woken);
  EXPECT_EQ(odd, 0);
  EXPECT_EQ(turns, 2 * kRounds);
}

}  // namespace
}  // namespace lt
