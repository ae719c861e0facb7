// SPDX-License-Identifier: MIT
//
// C++ exceptions in flight on many threads that switch meanwhile.  The run-time
// library keeps the caught and the uncaught ones in per-thread data, so a
// thread that lost its TLS over a switch would catch somebody else's.

#include <exception>
#include <stdexcept>
#include <string>
#include <vector>

#include "support/fixture.h"

namespace lt {
namespace {

using ThreadExceptionsTest = ApiTest;
LT_OVER_KINDS(ThreadExceptionsTest);

constexpr int kThreads = 40;
constexpr int kTurns = 40;

std::string Tag(int i, int turn) {
  return std::to_string(i) + "/" + std::to_string(turn);
}

TEST_P(ThreadExceptionsTest, CatchBlocksMayYield) {
  std::atomic<int> caught{0};
  std::atomic<int> wrong{0};
  RunThreads(kThreads, [&](int i) {
    for (int turn = 0; turn < kTurns; ++turn) {
      try {
        throw std::runtime_error(Tag(i, turn));
      } catch (const std::runtime_error& error) {
        thr_yield();
        if (error.what() != Tag(i, turn)) ++wrong;
        if (std::uncaught_exceptions() != 0) ++wrong;
        ++caught;
      }
    }
  });
  EXPECT_EQ(caught, kThreads * kTurns);
  EXPECT_EQ(wrong, 0);
}

TEST_P(ThreadExceptionsTest, ARethrowAfterAYieldThrowsTheSameOne) {
  std::atomic<int> wrong{0};
  RunThreads(kThreads, [&](int i) {
    for (int turn = 0; turn < kTurns; ++turn) {
      std::string outer;
      try {
        try {
          throw std::runtime_error(Tag(i, turn));
        } catch (...) {
          thr_yield();
          throw;
        }
      } catch (const std::exception& error) {
        thr_yield();
        outer = error.what();
      }
      if (outer != Tag(i, turn)) ++wrong;
      if (std::current_exception() != nullptr) ++wrong;
    }
  });
  EXPECT_EQ(wrong, 0);
}

// Yields while an exception is on its way through its frame.
class YieldsWhenUnwound {
 public:
  explicit YieldsWhenUnwound(std::atomic<int>& wrong) : wrong_(wrong) {}
  YieldsWhenUnwound(const YieldsWhenUnwound&) = delete;
  YieldsWhenUnwound& operator=(const YieldsWhenUnwound&) = delete;
  ~YieldsWhenUnwound() {
    if (std::uncaught_exceptions() != 1) ++wrong_;
    thr_yield();
    if (std::uncaught_exceptions() != 1) ++wrong_;
  }

 private:
  std::atomic<int>& wrong_;
};

[[gnu::noinline]] void ThrowBelow(std::atomic<int>& wrong, int depth,
                                  int value) {
  const YieldsWhenUnwound frame(wrong);
  if (depth == 0) throw value;
  ThrowBelow(wrong, depth - 1, value);
}

TEST_P(ThreadExceptionsTest, UnwindingMayYield) {
  std::atomic<int> wrong{0};
  RunThreads(kThreads, [&](int i) {
    for (int turn = 0; turn < kTurns / 4; ++turn) {
      int value = -1;
      try {
        ThrowBelow(wrong, 4, i);
      } catch (const int thrown) {
        value = thrown;
      }
      if (value != i) ++wrong;
      if (std::uncaught_exceptions() != 0) ++wrong;
    }
  });
  EXPECT_EQ(wrong, 0);
}

TEST_P(ThreadExceptionsTest, CaughtExceptionsNest) {
  std::atomic<int> wrong{0};
  RunThreads(kThreads, [&](int i) {
    try {
      throw std::runtime_error("outer " + std::to_string(i));
    } catch (const std::runtime_error& outer) {
      thr_yield();
      try {
        throw std::logic_error("inner " + std::to_string(i));
      } catch (const std::logic_error& inner) {
        thr_yield();
        if (inner.what() != "inner " + std::to_string(i)) ++wrong;
      }
      thr_yield();
      if (outer.what() != "outer " + std::to_string(i)) ++wrong;
      try {
        std::rethrow_exception(std::current_exception());
      } catch (const std::runtime_error& again) {
        if (again.what() != "outer " + std::to_string(i)) ++wrong;
      }
    }
  });
  EXPECT_EQ(wrong, 0);
}

TEST_P(ThreadExceptionsTest, AnExceptionMayBeHandedToAnotherThread) {
  std::vector<std::exception_ptr> thrown(kThreads);
  RunThreads(kThreads, [&](int i) {
    try {
      throw std::runtime_error(Tag(i, 0));
    } catch (...) {
      thr_yield();
      thrown[static_cast<size_t>(i)] = std::current_exception();
    }
  });
  for (int i = 0; i < kThreads; ++i) {
    std::string what;
    try {
      std::rethrow_exception(thrown[static_cast<size_t>(i)]);
    } catch (const std::runtime_error& error) {
      what = error.what();
    }
    EXPECT_EQ(what, Tag(i, 0));
  }
}

// The caught exception is alive until its block ends: thr_exit() ends it.
class CountsItself {
 public:
  explicit CountsItself(std::atomic<int>& live) : live_(&live) { ++*live_; }
  CountsItself(const CountsItself& other) : live_(other.live_) { ++*live_; }
  CountsItself& operator=(const CountsItself&) = delete;
  ~CountsItself() { --*live_; }

 private:
  std::atomic<int>* live_;
};

TEST_P(ThreadExceptionsTest, ExitingFromACatchBlockDropsTheException) {
  std::atomic<int> live{0};
  std::atomic<int> caught{0};
  RunThreads(kThreads, [&](int) {
    try {
      throw CountsItself(live);
    } catch (const CountsItself&) {
      ++caught;
      thr_yield();
      thr_exit(nullptr);
    }
  });
  EXPECT_EQ(caught, kThreads);
  EXPECT_EQ(live, 0);
}

}  // namespace
}  // namespace lt
