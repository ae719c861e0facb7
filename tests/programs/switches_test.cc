// SPDX-License-Identifier: MIT
//
// The switches of Solaris: what each changes, and that the default is what
// holds without it.

#include <errno.h>

#include <thread>

#include "programs/run_program.h"

namespace lt {
namespace {

using SwitchesTest = ProgramTest;
LT_OVER_MODELS(SwitchesTest);

// --- Spinning ---

class SpinSwitchesTest : public SwitchesTest {
 protected:
  // The processor time of a wait of 20 ms for a mutex whose owner seems to run.
  static double WaitNs(const std::string& program_case,
                       Environment environment) {
    environment.emplace("LIBTHREAD_CONCURRENCY", "2");
    const ProgramResult result = Run("switches", {program_case}, environment);
    EXPECT_TRUE(EndedWith(0, result));
    return result.Value("ns");
  }
};
LT_OVER_MODELS(SpinSwitchesTest);

TEST_P(SpinSwitchesTest, AdaptiveSpinSaysHowLong) {
  const double most = WaitNs("spin", {{"_THREAD_ADAPTIVE_SPIN", "1000000"}});
  const double none = WaitNs("spin", {{"_THREAD_ADAPTIVE_SPIN", "0"}});
  EXPECT_GT(most, 5 * none);
}

TEST_P(SpinSwitchesTest, WithoutSpinnersNobodySpins) {
  const double one = WaitNs("spin", {{"_THREAD_ADAPTIVE_SPIN", "1000000"},
                                     {"_THREAD_MAX_SPINNERS", "1"}});
  const double none = WaitNs("spin", {{"_THREAD_ADAPTIVE_SPIN", "1000000"},
                                      {"_THREAD_MAX_SPINNERS", "0"}});
  EXPECT_GT(one, 5 * none);
}

// Where no other processor could run the owner, a process-shared mutex is not
// spun for.
TEST_P(SpinSwitchesTest, QueueSpinSaysHowLongForSharedMutexes) {
  if (std::thread::hardware_concurrency() < 2) {
    GTEST_SKIP() << "one processor";
  }
  const double most =
      WaitNs("spin_shared", {{"_THREAD_QUEUE_SPIN", "1000000"}});
  const double none = WaitNs("spin_shared", {{"_THREAD_QUEUE_SPIN", "0"}});
  EXPECT_GT(most, 3 * none);
}

// --- Order ---

class QueueFifoTest : public SwitchesTest {
 protected:
  static std::string Order(const std::string& kind, const char* queue_fifo) {
    Environment environment;
    if (queue_fifo != nullptr) environment["_THREAD_QUEUE_FIFO"] = queue_fifo;
    const ProgramResult result = Run("queue_order", {kind}, environment);
    EXPECT_TRUE(EndedWith(0, result));
    return result.out;
  }
};
LT_OVER_MODELS(QueueFifoTest);

constexpr const char* kMixedKinds[] = {"mutex", "rwlock", "cond"};

TEST_P(QueueFifoTest, InTheOrderOfTheirComingByDefault) {
  for (const char* kind : kMixedKinds) {
    EXPECT_EQ(Order(kind, nullptr), "012345\n") << kind;
    EXPECT_EQ(Order(kind, "8"), "012345\n") << kind;
  }
}

TEST_P(QueueFifoTest, TheLastFirstWithZero) {
  for (const char* kind : kMixedKinds) {
    EXPECT_EQ(Order(kind, "0"), "543210\n") << kind;
  }
}

TEST_P(QueueFifoTest, ByTurnsWithFour) {
  for (const char* kind : kMixedKinds) {
    EXPECT_EQ(Order(kind, "4"), "504132\n") << kind;
  }
}

TEST_P(QueueFifoTest, SemaphoresAreFirstComeFirstServed) {
  for (const char* queue_fifo : {"0", "4"}) {
    EXPECT_EQ(Order("sema", queue_fifo), "012345\n") << queue_fifo;
  }
}

// --- Stacks ---

class StackCacheTest : public SwitchesTest {
 protected:
  // Of a hundred that ended, in multiples of what each had touched.
  static double Kept(const std::string& program_case, const char* limit) {
    Environment environment;
    if (limit != nullptr) environment["_THREAD_STACK_CACHE"] = limit;
    const ProgramResult result = Run("switches", {program_case}, environment);
    EXPECT_TRUE(EndedWith(0, result));
    return result.Value("stacks");
  }
};
LT_OVER_MODELS(StackCacheTest);

TEST_P(StackCacheTest, AllOfAHundredByDefault) {
  for (const char* program_case : {"stacks", "bound_stacks"}) {
    EXPECT_GE(Kept(program_case, nullptr), 90) << program_case;
    EXPECT_GE(Kept(program_case, "10000"), 90) << program_case;
  }
}

TEST_P(StackCacheTest, AsManyAsItSays) {
  for (const char* program_case : {"stacks", "bound_stacks"}) {
    EXPECT_LE(Kept(program_case, "0"), 10) << program_case;
    const double kept = Kept(program_case, "40");
    EXPECT_GE(kept, 38) << program_case;
    EXPECT_LE(kept, 50) << program_case;
  }
}

// --- The others ---

TEST_P(SwitchesTest, CondWaitDefer) {
  for (const char* program_case : {"cond", "cond_bound", "cond_shared"}) {
    const ProgramResult usual = Run("switches", {program_case});
    EXPECT_TRUE(EndedWith(0, usual)) << program_case;
    EXPECT_EQ(usual.out, "meanwhile=1 in_all=1 held=0 result=EINTR\n")
        << program_case;
    const ProgramResult deferred =
        Run("switches", {program_case}, {{"_THREAD_COND_WAIT_DEFER", "1"}});
    EXPECT_TRUE(EndedWith(0, deferred)) << program_case;
    EXPECT_EQ(deferred.out, "meanwhile=0 in_all=1 held=1 result=EINTR\n")
        << program_case;
  }
}

TEST_P(SwitchesTest, AsyncSafe) {
  const ProgramResult usual = Run("switches", {"lock_twice"});
  EXPECT_TRUE(EndedWith(0, usual));
  EXPECT_EQ(usual.Value("result"), EDEADLK);
  const ProgramResult safe =
      Run("switches", {"lock_twice"}, {{"_THREAD_ASYNC_SAFE", "1"}});
  EXPECT_TRUE(EndedWith(0, safe));
  EXPECT_EQ(safe.out, "result=0 handled=1\n");
}

TEST_P(SwitchesTest, LocksMisaligned) {
  constexpr int kObjects = 8 * 5;
  const ProgramResult usual = Run("switches", {"misaligned"});
  EXPECT_TRUE(EndedWith(0, usual));
  EXPECT_EQ(usual.Value("refused"), kObjects);
#if defined(__x86_64__) && !defined(LT_UNDEFINED_SANITIZED)
  const ProgramResult meant =
      Run("switches", {"misaligned"}, {{"_THREAD_LOCKS_MISALIGNED", "1"}});
  EXPECT_TRUE(EndedWith(0, meant));
  EXPECT_EQ(meant.out, "refused=0 right=1\n");
#endif
}

}  // namespace
}  // namespace lt
