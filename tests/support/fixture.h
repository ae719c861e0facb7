// SPDX-License-Identifier: MIT
//
// Fixtures of the API tests.
//
// The model (two-level, one-to-one, many-to-one) comes from LIBTHREAD_MODEL,
// which ctest sets; the kind of the threads made (unbound, bound) is the test
// parameter.  The body of a test runs in thread 1, which is unbound.
//
// Waiting.  In many-to-one only one unbound thread runs at a time and nobody
// preempts it, so a test that waits for another thread must let it run: every
// helper here that waits calls thr_yield().  The bound of 30 s is there to turn
// a hang into a failure; no test measures time with it.
//
// Nothing here uses the library's own locks: a broken mutex must not be able to
// hide itself.

#ifndef LIBTHREAD_TESTS_SUPPORT_FIXTURE_H_
#define LIBTHREAD_TESTS_SUPPORT_FIXTURE_H_

#include <gtest/gtest.h>
#include <signal.h>
#include <synch.h>
#include <thread.h>
#include <time.h>

#include <atomic>
#include <functional>
#include <ostream>
#include <string>
#include <thread>
#include <utility>

namespace lt {

enum class Kind { kUnbound, kBound };

std::ostream& operator<<(std::ostream& out, Kind kind);

// "unbound" or "bound": the name of an instantiated case.
std::string KindName(const ::testing::TestParamInfo<Kind>& info);

// The model that LIBTHREAD_MODEL asks for; "two-level" when unset or empty.
std::string ModelName();

// The number of live threads, the caller included.
int LiveThreads();

// Polls `condition`, yielding in between, until it holds (success) or 30 s are
// over (failure).  Use: EXPECT_TRUE(Eventually([&] { return n == 3; })).
::testing::AssertionResult Eventually(const std::function<bool()>& condition);

// Waits until nothing in the process can go on by itself: every other kernel
// thread sleeps and thr_yield() finds nothing to run.  A thread that announced
// itself before a blocking call is then inside that call.  Fails after 30 s,
// for instance while a thread spins; slow while one polls (Eventually, Gate).
::testing::AssertionResult Quiesce();

// One turn of a busy wait.  thr_yield() alone goes on at once where no thread
// waits for this LWP, though the one that is waited for may need its processor.
void LetOthersRun();

// A door that starts closed and stays open once opened.
class Gate {
 public:
  void Open() { open_.store(true, std::memory_order_release); }
  bool IsOpen() const { return open_.load(std::memory_order_acquire); }
  // Fails the test when nobody opens the gate for 30 s.
  void Wait() const;

 private:
  std::atomic<bool> open_{false};
};

// `milliseconds` as an interval, for the relative forms.
timespec_t Interval(long milliseconds);
// The time of day `milliseconds` from now (may be negative), for the absolute
// forms.
timespec_t TimeOfDayIn(long milliseconds);

// Makes a thread that runs `body`.  The caller joins it with Join(), unless
// `flags` detach it.  Returns 0 and fails the test when thr_create() fails.
thread_t SpawnWithFlags(std::function<void()> body, long flags);

// thr_join() of exactly this thread; fails the test when that is not 0.
void Join(thread_t id);

// A thread of the program's pthread_create.  Join() lets the library's
// threads run meanwhile, which std::thread::join() would not in many-to-one.
class ForeignThread {
 public:
  explicit ForeignThread(std::function<void()> body);
  ForeignThread(const ForeignThread&) = delete;
  ForeignThread& operator=(const ForeignThread&) = delete;
  ~ForeignThread();
  void Join();

 private:
  Gate done_;
  std::thread thread_;
};

// A kernel thread that the C library makes for itself (to tell of a timer): the
// library meets it at its first call.
class LibcThread {
 public:
  explicit LibcThread(std::function<void()> body);
  LibcThread(const LibcThread&) = delete;
  LibcThread& operator=(const LibcThread&) = delete;
  ~LibcThread();  // waits for the end of `body`

 private:
  static void Run(sigval value);

  std::function<void()> body_;
  Gate done_;
  timer_t timer_;
};

// Checks at the end of each test that it left no thread behind.
class ModelTest : public ::testing::Test {
 protected:
  void SetUp() override;
  void TearDown() override;

 private:
  int threads_at_start_ = 0;
};

// A test over both kinds of threads.
class ApiTest : public ModelTest, public ::testing::WithParamInterface<Kind> {
 protected:
  // `flags`, with THR_BOUND where this run of the test is about bound threads.
  long Flags(long flags = 0) const {
    return GetParam() == Kind::kBound ? flags | THR_BOUND : flags;
  }

  // thr_create() on a stack of the library; the id goes to `*id` if given.
  int Create(void* (*start)(void*), void* arg = nullptr, long flags = 0,
             thread_t* id = nullptr) const {
    return thr_create(nullptr, 0, start, arg, Flags(flags), id);
  }

  thread_t Spawn(std::function<void()> body, long flags = 0) const {
    return SpawnWithFlags(std::move(body), Flags(flags));
  }

  // Runs body(0) … body(count - 1) in a thread each and joins them all.
  void RunThreads(int count, const std::function<void(int)>& body) const;
};

}  // namespace lt

// Runs the cases of `Suite` (a class or alias derived from lt::ApiTest) over
// both kinds.  At namespace scope of the test file.
#define LT_OVER_KINDS(Suite)                                       \
  INSTANTIATE_TEST_SUITE_P(                                        \
      Kinds, Suite,                                                \
      ::testing::Values(::lt::Kind::kUnbound, ::lt::Kind::kBound), \
      ::lt::KindName)

#endif  // LIBTHREAD_TESTS_SUPPORT_FIXTURE_H_
