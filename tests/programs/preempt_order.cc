// SPDX-License-Identifier: MIT
//
// Who gets the LWP while a thread computes and never yields.  Each case prints
// what it saw; what that must be depends on model and time slice.

#include <errno.h>
#include <stdio.h>

#include <atomic>
#include <iterator>

#include "programs/check.h"

namespace {

constexpr int kHigher = 10;
constexpr int64_t kMs = 1'000'000;

std::atomic<bool> ran{false};
std::atomic<bool> spinning{false};

extern "C" void* Run(void*) {
  ran = true;
  return nullptr;
}

// A thread that does not run yet.
thread_t MakeSuspended(int priority) {
  const thread_t id = lt::MustCreate(Run, nullptr, THR_SUSPENDED);
  LT_REQUIRE(thr_setprio(id, priority) == 0);
  return id;
}

// Computes until the other thread ran, but not longer than this.
void SpinAtMost(int64_t ns) {
  const int64_t end_ns = lt::NowNs() + ns;
  spinning = true;
  while (!ran && lt::NowNs() < end_ns) {
  }
}

int Report(thread_t id) {
  printf("ran=%d\n", ran ? 1 : 0);
  lt::MustJoin(id);
  LT_REQUIRE(ran);
  return 0;
}

// Main itself makes a better thread runnable.
int ReadiesHigher() {
  const thread_t id = MakeSuspended(kHigher);
  LT_REQUIRE(thr_continue(id) == 0);
  SpinAtMost(30'000 * kMs);
  return Report(id);
}

extern "C" void* ContinueWhenMainSpins(void* arg) {
  lt::Await([] { return spinning.load(); });
  LT_REQUIRE(thr_continue(*static_cast<thread_t*>(arg)) == 0);
  return nullptr;
}

// Somebody on another LWP makes a better thread runnable.
int HigherIsReadied() {
  thread_t id = MakeSuspended(kHigher);
  const thread_t bound = lt::MustCreate(ContinueWhenMainSpins, &id, THR_BOUND);
  SpinAtMost(30'000 * kMs);
  lt::MustJoin(bound);
  return Report(id);
}

sema_t wake = DEFAULTSEMA;

extern "C" void* RunWhenWoken(void*) {
  const timespec_t interval{0, 20 * kMs};
  LT_REQUIRE(sema_reltimedwait(&wake, &interval) == ETIME);
  return Run(nullptr);
}

// The better thread's wait ends by itself.
int HigherWaitEnds() {
  const thread_t id = lt::MustCreate(RunWhenWoken, nullptr, THR_SUSPENDED);
  LT_REQUIRE(thr_setprio(id, kHigher) == 0);
  LT_REQUIRE(thr_continue(id) == 0);
  SpinAtMost(30'000 * kMs);
  return Report(id);
}

// With time slices it runs long before this is over.
int EqualWaits() {
  const thread_t id = lt::MustCreate(Run, nullptr);
  SpinAtMost(30'000 * kMs);
  return Report(id);
}

// Without them it does not run at all, nor would a lower one with them.
int EqualWaitsShortly() {
  const thread_t id = lt::MustCreate(Run, nullptr);
  SpinAtMost(100 * kMs);
  return Report(id);
}

int LowerWaitsShortly() {
  LT_REQUIRE(thr_setprio(thr_self(), kHigher) == 0);
  const thread_t id = MakeSuspended(0);
  LT_REQUIRE(thr_continue(id) == 0);
  SpinAtMost(100 * kMs);
  return Report(id);
}

}  // namespace

int main(int argc, char** argv) {
  constexpr lt::Case kCases[] = {
      {"readies_higher", ReadiesHigher},
      {"higher_is_readied", HigherIsReadied},
      {"higher_wait_ends", HigherWaitEnds},
      {"equal_waits", EqualWaits},
      {"equal_waits_shortly", EqualWaitsShortly},
      {"lower_waits_shortly", LowerWaitsShortly},
  };
  return lt::RunCase(argc, argv, kCases, std::size(kCases));
}
