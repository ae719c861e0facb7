// SPDX-License-Identifier: MIT
//
// many-to-one: the pool has one LWP and never another.  A read() that blocks
// stops every unbound thread; a bound thread has an LWP of its own and goes on.

#include <stdio.h>
#include <time.h>

#include <atomic>
#include <vector>

#include "programs/check.h"

namespace {

lt::Pipe to_reader;
std::atomic<bool> reading{false};
std::atomic<bool> stop{false};
std::atomic<int64_t> turns{0};
int64_t turns_while_blocked = -1;
int more_kernel_threads = -1;

extern "C" void* DoNothing(void*) {
  return nullptr;
}

extern "C" void* Count(void*) {
  while (!stop) {
    ++turns;
    thr_yield();
  }
  return nullptr;
}

extern "C" void* Read(void*) {
  reading = true;
  LT_REQUIRE(lt::RawRead(to_reader.out) == 1);
  return nullptr;
}

// Watches for 300 ms, in which a pool that grows would have grown long ago.
extern "C" void* WatchThenWrite(void*) {
  const int kernel_threads = lt::KernelThreads();
  lt::Await([] { return reading.load(); });
  const int64_t before = turns;
  const timespec pause{0, 300'000'000};
  nanosleep(&pause, nullptr);
  turns_while_blocked = turns - before;
  more_kernel_threads = lt::KernelThreads() - kernel_threads;
  LT_REQUIRE(lt::RawWrite(to_reader.in) == 1);
  return nullptr;
}

}  // namespace

int main() {
  // Whatever the library starts with its first thread is there before.
  lt::MustJoin(lt::MustCreate(DoNothing, nullptr));
  const thread_t watcher = lt::MustCreate(WatchThenWrite, nullptr, THR_BOUND);
  std::vector<thread_t> counters;
  for (int i = 0; i < 10; ++i)
    counters.push_back(lt::MustCreate(Count, nullptr));
  lt::Await([] { return turns > 0; });
  const thread_t reader = lt::MustCreate(Read, nullptr);
  lt::MustJoin(reader);
  lt::MustJoin(watcher);
  stop = true;
  for (const thread_t id : counters) lt::MustJoin(id);
  printf("turns=%ld turns_while_blocked=%ld more_kernel_threads=%d\ndone\n",
         static_cast<long>(turns), static_cast<long>(turns_while_blocked),
         more_kernel_threads);
  return 0;
}
