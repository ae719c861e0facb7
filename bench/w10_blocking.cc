// SPDX-License-Identifier: MIT
//
// W10, W11: 64 threads sleep 1 ms ten times each while another thread computes
// for about 60 ms; wall time of the whole.
//   --what=raw    W10   the sleep is a raw system call: it blocks the LWP
//   --what=libc   W10n  the sleep is libc's nanosleep, which a library may
//   catch
//   --what=park   W11   the sleep is the library's own: it parks the thread
// --n is the number of sleeps per thread.

#include <sys/syscall.h>
#include <unistd.h>

#include "peer.h"

namespace bench {
namespace {

constexpr int kThreads = 64;
constexpr int64_t kComputeNs = 60'000'000;
constexpr long kSleepUs = 1000;

enum class How { kRaw, kLibc, kPark };

struct Shared {
  How how;
  long sleeps;
  long iterations;  // of the computing thread
};

void SleepOnce(How how) {
  const timespec delay = {0, kSleepUs * 1000};
  switch (how) {
    case How::kRaw:
      syscall(SYS_nanosleep, &delay, nullptr);
      break;
    case How::kLibc:
      nanosleep(&delay, nullptr);
      break;
    case How::kPark:
      Peer::Sleep(kSleepUs);
      break;
  }
}

void* Sleeper(void* arg) {
  const Shared& shared = *static_cast<Shared*>(arg);
  for (long i = 0; i < shared.sleeps; ++i) SleepOnce(shared.how);
  return nullptr;
}

void Compute(long iterations) {
  uint64_t x = 88172645463325252ULL;
  for (long i = 0; i < iterations; ++i) {
    x ^= x << 13;
    x ^= x >> 7;
    x ^= x << 17;
  }
  volatile uint64_t sink = x;
  static_cast<void>(sink);
}

void* Computer(void* arg) {
  Compute(static_cast<Shared*>(arg)->iterations);
  return nullptr;
}

// Iterations of Compute() that take kComputeNs on an undisturbed processor.
long Calibrate() {
  constexpr long kProbe = 2'000'000;
  int64_t best = INT64_MAX;
  for (int i = 0; i < 7; ++i) {
    const int64_t start = NowNs();
    Compute(kProbe);
    const int64_t elapsed = NowNs() - start;
    if (elapsed < best) best = elapsed;
  }
  return static_cast<long>(kProbe * kComputeNs / best);
}

int64_t Run(Shared& shared) {
  Peer::Thread threads[kThreads + 1];
  const int64_t start = NowNs();
  for (int i = 0; i < kThreads; ++i) {
    Check(Peer::Spawn(&threads[i], Sleeper, &shared), "cannot create a thread");
  }
  Check(Peer::Spawn(&threads[kThreads], Computer, &shared),
        "cannot create a thread");
  for (Peer::Thread& thread : threads) Peer::Join(thread);
  return NowNs() - start;
}

}  // namespace
}  // namespace bench

int main(int argc, char** argv) {
  using bench::How;
  using bench::Peer;
  bench::Options options = bench::Parse(argc, argv);
  bench::Shared shared = {};
  const char* workload;
  if (strcmp(options.what, "libc") == 0) {
    shared.how = How::kLibc;
    workload = "W10n";
  } else if (strcmp(options.what, "park") == 0) {
    shared.how = How::kPark;
    workload = "W11";
  } else if (*options.what == '\0' || strcmp(options.what, "raw") == 0) {
    shared.how = How::kRaw;
    workload = "W10";
  } else {
    bench::Die("--what is raw, libc or park");
  }
  bench::ClearFloatFlags();
  Peer::Start(options.lwps);
  // Warm-up: one sleep each, next to no computing.
  shared.sleeps = 1;
  shared.iterations = 1;
  bench::Run(shared);
  shared.sleeps = options.n != 0 ? options.n : 10;
  shared.iterations = bench::Calibrate();
  const int64_t elapsed = bench::Run(shared);
  bench::PrintHead(workload, Peer::kName, options, shared.sleeps);
  bench::PrintQuotient("ms", elapsed, 1'000'000);
  printf("\n");
  fflush(stdout);
  Peer::Stop();
  return 0;
}
