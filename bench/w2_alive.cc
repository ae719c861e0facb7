// SPDX-License-Identifier: MIT
//
// W2: n threads with small, guarded stacks, all alive at once.
//
// Twice in one process: cold (stacks are new) and warm (stacks of the first
// round are used again).  A round's time runs from the first creation until the
// last thread has run and parked; taking the threads down is not part of it.
// `reached` tells how many the library could make; rss is what each one adds
// to the resident set while all of them are parked.
//
// Before that the program touches and frees as much memory as the threads will
// need.  A virtual machine may have given its free memory back to the host, and
// getting it again costs more than everything that is measured here.

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <atomic>
#include <vector>

#include "peer.h"

namespace bench {
namespace {

struct Round {
  std::atomic<long> missing;  // threads that have still to park, and main
  Peer::Sema all_parked;
  Peer::Sema gate;
};

// Takes `count` off; true for whoever takes the last one.
bool Arrive(Round& round, long count) {
  return round.missing.fetch_sub(count) == count;
}

void* Park(void* arg) {
  Round& round = *static_cast<Round*>(arg);
  if (Arrive(round, 1)) round.all_parked.Post();
  round.gate.Wait();
  return nullptr;
}

int64_t ResidentBytes() {
  char text[128] = {};
  const int fd = open("/proc/self/statm", O_RDONLY | O_CLOEXEC);
  Check(fd >= 0, "cannot open /proc/self/statm");
  Check(read(fd, text, sizeof text - 1) > 0, "cannot read /proc/self/statm");
  close(fd);
  const char* resident = strchr(text, ' ');
  Check(resident != nullptr, "no second field in /proc/self/statm");
  return strtoll(resident, nullptr, 10) * sysconf(_SC_PAGESIZE);
}

void PrimeMemory(long n) {
  // Kernel threads have a kernel stack besides; nobody makes many of them.
  const long heavy = n < 10000 ? n : 10000;
  const size_t bytes =
      static_cast<size_t>(n) * 12288 + static_cast<size_t>(heavy) * 24576;
  void* memory = mmap(nullptr, bytes, PROT_READ | PROT_WRITE,
                      MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  Check(memory != MAP_FAILED, "no memory");
  for (size_t i = 0; i < bytes; i += 4096) static_cast<char*>(memory)[i] = 1;
  munmap(memory, bytes);
}

struct Result {
  long reached = 0;
  int64_t ns = 0;
  int64_t bytes = 0;
};

Result OneRound(std::vector<Peer::Thread>& threads) {
  const long n = static_cast<long>(threads.size());
  Round round;
  round.missing = n + 1;
  Result result;
  const int64_t before = ResidentBytes();
  const int64_t start = NowNs();
  while (result.reached < n &&
         Peer::Spawn(&threads[static_cast<size_t>(result.reached)], Park,
                     &round, kSmallStack)) {
    ++result.reached;
  }
  // Main stands in for the threads that were refused.
  if (!Arrive(round, n - result.reached + 1)) round.all_parked.Wait();
  result.ns = NowNs() - start;
  result.bytes = ResidentBytes() - before;
  for (long i = 0; i < result.reached; ++i) round.gate.Post();
  for (long i = 0; i < result.reached; ++i) {
    Peer::Join(threads[static_cast<size_t>(i)]);
  }
  return result;
}

}  // namespace
}  // namespace bench

int main(int argc, char** argv) {
  using bench::Peer;
  bench::Options options = bench::Parse(argc, argv);
  if (options.n == 0) options.n = 10000;
  bench::ClearFloatFlags();
  bench::PrimeMemory(options.n);
  Peer::Start(options.lwps);
  {
    std::vector<Peer::Thread> threads(static_cast<size_t>(options.n));
    const bench::Result cold = bench::OneRound(threads);
    const bench::Result warm = bench::OneRound(threads);
    const long reached =
        cold.reached < warm.reached ? cold.reached : warm.reached;
    bench::Check(reached > 0, "not one thread could be created");
    bench::PrintHead("W2", Peer::kName, options, options.n);
    bench::PrintQuotient("ns", cold.ns, cold.reached);
    bench::PrintQuotient("warm", warm.ns, warm.reached);
    bench::PrintQuotient("rss", cold.bytes, cold.reached);
    printf(" reached=%ld\n", reached);
    fflush(stdout);
  }
  Peer::Stop();
  return 0;
}
