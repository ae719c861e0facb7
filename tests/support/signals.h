// SPDX-License-Identifier: MIT
//
// What the tests of signals and suspension share: masks, handlers for the time
// of a test and what they saw, and bodies that block while somebody acts on
// them.
//
// In many-to-one an unbound thread that blocks in the kernel stops main too.
// Whoever acts on such a thread is therefore a kernel thread of its own.

#ifndef LIBTHREAD_TESTS_SUPPORT_SIGNALS_H_
#define LIBTHREAD_TESTS_SUPPORT_SIGNALS_H_

#include <gtest/gtest.h>
#include <signal.h>
#include <thread.h>

#include <atomic>
#include <functional>
#include <initializer_list>

#include "support/fixture.h"
#include "support/sync_objects.h"

namespace lt {

// An id that no thread has.
inline constexpr thread_t kNobody = 2'000'000'000;

inline sigset_t SetOf(std::initializer_list<int> signals) {
  sigset_t set;
  sigemptyset(&set);
  for (const int signal : signals) sigaddset(&set, signal);
  return set;
}

// Whether the caller blocks `signal`.  Async-signal-safe.
inline bool IsBlocked(int signal) {
  sigset_t mask;
  return thr_sigsetmask(0, nullptr, &mask) == 0 &&
         sigismember(&mask, signal) == 1;
}

// Whether `signal` is pending for the caller or for the process.
inline bool IsPending(int signal) {
  sigset_t pending;
  return sigpending(&pending) == 0 && sigismember(&pending, signal) == 1;
}

// The caller blocks some signals for as long as this lives; threads that it
// makes meanwhile inherit that.
class Blocked {
 public:
  explicit Blocked(std::initializer_list<int> signals) {
    const sigset_t set = SetOf(signals);
    EXPECT_EQ(thr_sigsetmask(SIG_BLOCK, &set, &before_), 0);
  }
  Blocked(const Blocked&) = delete;
  Blocked& operator=(const Blocked&) = delete;
  ~Blocked() { EXPECT_EQ(thr_sigsetmask(SIG_SETMASK, &before_, nullptr), 0); }

 private:
  sigset_t before_;
};

inline void Unblock(int signal) {
  const sigset_t set = SetOf({signal});
  EXPECT_EQ(thr_sigsetmask(SIG_UNBLOCK, &set, nullptr), 0);
}

// What the handler below saw.
struct Sightings {
  std::atomic<int> runs{0};
  std::atomic<int> signal{0};
  std::atomic<thread_t> thread{0};
};
inline Sightings seen;

// Counts last: who sees the count sees the rest.
extern "C" inline void See(int signal) {
  seen.signal = signal;
  seen.thread = thr_self();
  ++seen.runs;
}

// An action for `signal` for as long as this lives.
class ScopedAction {
 public:
  explicit ScopedAction(int signal, void (*handler)(int) = See, int flags = 0,
                        std::initializer_list<int> mask = {})
      : signal_(signal) {
    struct sigaction action {};
    action.sa_handler = handler;
    action.sa_flags = flags;
    action.sa_mask = SetOf(mask);
    EXPECT_EQ(sigaction(signal_, &action, &before_), 0);
  }
  ScopedAction(int signal, void (*handler)(int, siginfo_t*, void*), int flags)
      : signal_(signal) {
    struct sigaction action {};
    action.sa_sigaction = handler;
    action.sa_flags = flags | SA_SIGINFO;
    EXPECT_EQ(sigaction(signal_, &action, &before_), 0);
  }
  ScopedAction(const ScopedAction&) = delete;
  ScopedAction& operator=(const ScopedAction&) = delete;
  ~ScopedAction() { EXPECT_EQ(sigaction(signal_, &before_, nullptr), 0); }

 private:
  int signal_;
  struct sigaction before_ {};
};

class SignalTest : public SyncTest {
 protected:
  void SetUp() override {
    SyncTest::SetUp();
    seen.runs = 0;
    seen.signal = 0;
    seen.thread = 0;
  }

  // Runs `body` in a thread of the kind under test.  Once all of the process
  // sleeps, because the body has come to a call that blocks, `act` runs with
  // the id of that thread, in a kernel thread of its own.
  void WhileBlocked(const std::function<void()>& body,
                    const std::function<void(thread_t)>& act) const {
    std::atomic<thread_t> id{0};
    ForeignThread actor([&] {
      EXPECT_TRUE(Eventually([&] { return id != 0; }));
      EXPECT_TRUE(Quiesce());
      act(id);
    });
    InThread([&] {
      id = thr_self();
      body();
    });
    actor.Join();
  }
};

}  // namespace lt

#endif  // LIBTHREAD_TESTS_SUPPORT_SIGNALS_H_
