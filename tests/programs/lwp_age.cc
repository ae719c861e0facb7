// SPDX-License-Identifier: MIT
//
// With LIBTHREAD_LWP_AGE=1 the LWPs that a burst of blocked threads needed end
// when they have been idle for a second.  Prints the number of kernel threads
// before, at the height and at the end.

#include <stdio.h>
#include <time.h>

#include <atomic>
#include <vector>

#include "programs/check.h"

namespace {

constexpr int kReaders = 16;
constexpr int64_t kPatienceNs = 30'000'000'000;

std::atomic<int> reading{0};

extern "C" void* Read(void* arg) {
  ++reading;
  LT_REQUIRE(lt::RawRead(static_cast<lt::Pipe*>(arg)->out) == 1);
  return nullptr;
}

extern "C" void* DoNothing(void*) {
  return nullptr;
}

}  // namespace

int main() {
  lt::MustJoin(lt::MustCreate(DoNothing, nullptr));
  const int before = lt::KernelThreads();

  lt::Pipe pipe;
  std::vector<thread_t> readers;
  for (int i = 0; i < kReaders; ++i) {
    readers.push_back(lt::MustCreate(Read, &pipe));
  }
  lt::Await([] { return reading == kReaders; });
  const int height = lt::KernelThreads();
  for (int i = 0; i < kReaders; ++i) LT_REQUIRE(lt::RawWrite(pipe.in) == 1);
  for (const thread_t id : readers) lt::MustJoin(id);

  // Nothing runs any more: the library must do it by itself.  While main sleeps
  // on one LWP the pool keeps another for whoever may come.
  const int64_t start = lt::NowNs();
  int now = lt::KernelThreads();
  while (now > before + 1 && lt::NowNs() - start < kPatienceNs) {
    const timespec pause{0, 100'000'000};
    nanosleep(&pause, nullptr);
    now = lt::KernelThreads();
  }
  printf("before=%d height=%d end=%d seconds=%.1f\n", before, height, now,
         static_cast<double>(lt::NowNs() - start) / 1e9);
  // The pool grows again after it has shrunk.
  lt::MustJoin(lt::MustCreate(DoNothing, nullptr));
  puts("done");
  return 0;
}
