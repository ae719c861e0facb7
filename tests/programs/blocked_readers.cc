// SPDX-License-Identifier: MIT
//
// 32 threads block in read() system calls that the library does not see; every
// further thread must get an LWP all the same.
//
// In each round main makes a thread and blocks too, so that no LWP of the pool
// is free; the thread wakes main and blocks in its turn.  So each round needs a
// new LWP, and the time from the creation to the first instruction is the
// reaction of the pool.  Prints the longest and the median of it.

#include <stdio.h>

#include <algorithm>
#include <atomic>
#include <vector>

#include "programs/check.h"

namespace {

constexpr int kReaders = 32;
constexpr int kRounds = 20;

struct Reader {
  lt::Pipe own;
  int wakes_main = -1;
  thread_t id = 0;
  // Atomic: what goes through a raw system call orders nothing for tools.
  std::atomic<int64_t> started_ns{0};
};

std::atomic<int> reading{0};

extern "C" void* Read(void* arg) {
  auto* reader = static_cast<Reader*>(arg);
  reader->started_ns = lt::NowNs();
  ++reading;
  if (reader->wakes_main >= 0)
    LT_REQUIRE(lt::RawWrite(reader->wakes_main) == 1);
  LT_REQUIRE(lt::RawRead(reader->own.out) == 1);
  return nullptr;
}

}  // namespace

int main() {
  const lt::Pipe to_main;
  std::vector<Reader> readers(kReaders + kRounds);
  for (int i = 0; i < kReaders; ++i)
    readers[i].id = lt::MustCreate(Read, &readers[i]);
  const int64_t fill_start_ns = lt::NowNs();
  lt::Await([] { return reading == kReaders; });
  const int64_t fill_ns = lt::NowNs() - fill_start_ns;

  std::vector<double> reaction_ms;
  for (int i = kReaders; i < kReaders + kRounds; ++i) {
    readers[i].wakes_main = to_main.in;
    const int64_t created_ns = lt::NowNs();
    readers[i].id = lt::MustCreate(Read, &readers[i]);
    LT_REQUIRE(lt::RawRead(to_main.out) == 1);
    reaction_ms.push_back(
        static_cast<double>(readers[i].started_ns - created_ns) / 1e6);
  }
  std::sort(reaction_ms.begin(), reaction_ms.end());
  printf("fill_ms=%.3f max_ms=%.3f median_ms=%.3f kernel_threads=%d\n",
         static_cast<double>(fill_ns) / 1e6, reaction_ms.back(),
         reaction_ms[reaction_ms.size() / 2], lt::KernelThreads());

  for (const Reader& reader : readers) {
    LT_REQUIRE(lt::RawWrite(reader.own.in) == 1);
  }
  for (const Reader& reader : readers) lt::MustJoin(reader.id);
  puts("done");
  return 0;
}
