// SPDX-License-Identifier: MIT
//
// What belongs to a thread and follows it from LWP to LWP: errno, __thread and
// thread_local data, the floating-point environment, and what libc keeps per
// thread.  thread_exceptions_test.cc, thread_pthread_test.cc and
// thread_stdio_test.cc go on with it; libraries opened at run time are in
// tests/programs.

#include <errno.h>
#include <fenv.h>
#include <locale.h>
#include <setjmp.h>
#include <string.h>
#include <time.h>

#include <cctype>
#include <climits>
#include <cstdint>
#include <cstdlib>
#include <set>
#include <string>
#include <vector>

#include "support/fixture.h"

namespace lt {
namespace {

using ThreadTlsTest = ApiTest;
LT_OVER_KINDS(ThreadTlsTest);

constexpr int kThreads = 40;
constexpr int kTurns = 100;

// Gives the LWP away, and now and then blocks it, so that threads are taken
// over by other LWPs.
void Wander(int turn) {
  thr_yield();
  if (turn % 25 == 0) {
    const timespec pause{0, 50'000};
    nanosleep(&pause, nullptr);
  }
}

TEST_P(ThreadTlsTest, ErrnoIsTheThreadsOwn) {
  std::atomic<int> wrong{0};
  RunThreads(kThreads, [&](int i) {
    for (int turn = 0; turn < kTurns; ++turn) {
      // errno may be changed by Wander(); not by another thread's store.
      errno = 1000 + i;
      thr_yield();
      if (errno != 1000 + i) ++wrong;
      errno = 0;
      if (strtol("99999999999999999999999", nullptr, 10) != LONG_MAX) ++wrong;
      thr_yield();
      if (errno != ERANGE) ++wrong;
      Wander(turn);
    }
  });
  EXPECT_EQ(wrong, 0);
}

__thread int plain = 17;
__thread char zeros[3000];
thread_local std::string text = "initial";
alignas(256) thread_local int aligned = 5;

TEST_P(ThreadTlsTest, VariablesStartWithTheirInitialValues) {
  plain = -1;  // of main
  text = "of main";
  std::atomic<int> wrong{0};
  // Several generations: blocks are used again.
  for (int generation = 0; generation < 5; ++generation) {
    RunThreads(kThreads, [&](int i) {
      if (plain != 17 || text != "initial" || aligned != 5) ++wrong;
      for (const char byte : zeros) wrong += byte != 0;
      plain = i;
      text = "dirty " + std::to_string(i);
      aligned = i;
      memset(zeros, 0x5a, sizeof zeros);
      thr_yield();
    });
  }
  EXPECT_EQ(wrong, 0);
  EXPECT_EQ(plain, -1);
  EXPECT_EQ(text, "of main");
  plain = 17;
  text = "initial";
}

TEST_P(ThreadTlsTest, VariablesFollowTheThread) {
  std::atomic<int> wrong{0};
  RunThreads(kThreads, [&](int i) {
    const std::string mine = std::to_string(i) + std::string(40, 'x');
    const int* const address = &plain;
    plain = i;
    text = mine;
    for (int turn = 0; turn < kTurns; ++turn) {
      Wander(turn);
      if (plain != i || *address != i || &plain != address) ++wrong;
      if (text != mine) ++wrong;
    }
  });
  EXPECT_EQ(wrong, 0);
}

TEST_P(ThreadTlsTest, VariablesAreAlignedAsDeclared) {
  RunThreads(kThreads, [](int) {
    EXPECT_EQ(reinterpret_cast<uintptr_t>(&aligned) % 256, 0U);
  });
}

TEST_P(ThreadTlsTest, LiveThreadsHaveDistinctVariables) {
  std::vector<const int*> addresses(kThreads);
  std::atomic<int> arrived{0};
  RunThreads(kThreads, [&](int i) {
    addresses[static_cast<size_t>(i)] = &plain;
    ++arrived;
    EXPECT_TRUE(Eventually([&] { return arrived == kThreads; }));
  });
  std::set<const int*> distinct(addresses.begin(), addresses.end());
  distinct.insert(&plain);
  EXPECT_EQ(distinct.size(), static_cast<size_t>(kThreads) + 1);
}

std::atomic<int> constructed{0};
std::atomic<int> destroyed{0};
std::atomic<int> destroyed_elsewhere{0};

class Counted {
 public:
  Counted() : owner_(thr_self()) { ++constructed; }
  Counted(const Counted&) = delete;
  Counted& operator=(const Counted&) = delete;
  ~Counted() {
    ++destroyed;
    if (thr_self() != owner_) ++destroyed_elsewhere;
  }
  void Touch() { ++touched_; }

 private:
  thread_t owner_;
  int touched_ = 0;
};

TEST_P(ThreadTlsTest, DestructorsRunWhenTheThreadExits) {
  constructed = destroyed = destroyed_elsewhere = 0;
  RunThreads(kThreads, [](int i) {
    thread_local Counted first;
    thread_local Counted second;
    first.Touch();
    thr_yield();
    if (i % 2 == 0) second.Touch();
    if (i % 4 == 0) thr_exit(nullptr);
  });
  EXPECT_GE(constructed, kThreads);
  EXPECT_EQ(destroyed, constructed);
  EXPECT_EQ(destroyed_elsewhere, 0);
}

TEST_P(ThreadTlsTest, RoundingModesAreTheThreadsOwn) {
  static constexpr int kModes[] = {FE_TONEAREST, FE_UPWARD, FE_DOWNWARD,
                                   FE_TOWARDZERO};
  std::atomic<int> wrong{0};
  RunThreads(kThreads, [&](int i) {
    const int mine = kModes[i % 4];
    if (fesetround(mine) != 0) ++wrong;
    volatile double one = 1.0;
    volatile double three = 3.0;
    const double expected = one / three;
    for (int turn = 0; turn < kTurns; ++turn) {
      Wander(turn);
      if (fegetround() != mine || one / three != expected) ++wrong;
    }
  });
  EXPECT_EQ(wrong, 0);
  EXPECT_EQ(fegetround(), FE_TONEAREST);
}

// One jump over a switch; the code that arrived.
[[gnu::noinline]] int JumpTo(int code) {
  jmp_buf place;
  const int arrived = setjmp(place);
  if (arrived != 0) return arrived;
  thr_yield();
  longjmp(place, code);
}

TEST_P(ThreadTlsTest, JumpsReturnWithinTheThread) {
  std::atomic<int> wrong{0};
  RunThreads(kThreads, [&](int i) {
    for (int turn = 0; turn < kTurns; ++turn) {
      if (JumpTo(i + 1) != i + 1) ++wrong;
    }
  });
  EXPECT_EQ(wrong, 0);
}

TEST_P(ThreadTlsTest, LocalesAreTheThreadsOwn) {
  std::atomic<int> wrong{0};
  RunThreads(kThreads, [&](int) {
    if (uselocale(nullptr) != LC_GLOBAL_LOCALE) ++wrong;
    locale_t mine = newlocale(LC_ALL_MASK, "C", nullptr);
    ASSERT_NE(mine, nullptr);
    mine = duplocale(mine);
    ASSERT_NE(mine, nullptr);
    uselocale(mine);
    for (int turn = 0; turn < kTurns; ++turn) {
      Wander(turn);
      if (uselocale(nullptr) != mine) ++wrong;
      if (!isalpha('q') || isalpha('7') || toupper('q') != 'Q') ++wrong;
      if (strtod("2.5", nullptr) != 2.5) ++wrong;
    }
    uselocale(LC_GLOBAL_LOCALE);
    freelocale(mine);
  });
  EXPECT_EQ(wrong, 0);
}

TEST_P(ThreadTlsTest, LibcsOwnPerThreadBuffersFollowTheThread) {
  std::atomic<int> wrong{0};
  RunThreads(kThreads, [&](int i) {
    const std::string expected = "Unknown error " + std::to_string(20000 + i);
    const char* message = strerror(20000 + i);
    for (int turn = 0; turn < kTurns; ++turn) {
      Wander(turn);
      if (message != expected) ++wrong;
    }
  });
  EXPECT_EQ(wrong, 0);
}

TEST_P(ThreadTlsTest, MemoryMayBeFreedByAnotherThread) {
  constexpr size_t kBlocks = 200;
  std::vector<std::vector<unsigned char*>> blocks(kThreads);
  RunThreads(kThreads, [&](int i) {
    auto& mine = blocks[static_cast<size_t>(i)];
    for (size_t n = 0; n < kBlocks; ++n) {
      const size_t size = 1 + (n * 37 + static_cast<size_t>(i)) % 5000;
      mine.push_back(static_cast<unsigned char*>(malloc(size)));
      memset(mine.back(), i, size);
      if (n % 20 == 0) thr_yield();
    }
  });
  std::atomic<int> wrong{0};
  RunThreads(kThreads, [&](int i) {
    const int theirs = (i + 1) % kThreads;
    for (size_t n = 0; n < kBlocks; ++n) {
      unsigned char* const block = blocks[static_cast<size_t>(theirs)][n];
      if (*block != theirs) ++wrong;
      free(block);
      if (n % 20 == 0) thr_yield();
    }
  });
  EXPECT_EQ(wrong, 0);
}

}  // namespace
}  // namespace lt
