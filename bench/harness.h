// SPDX-License-Identifier: MIT
//
// What every benchmark program shares: options, the clock, the calibrated
// measurement, and the one line it prints.
//
// A program prints exactly one line on stdout:
//   W1 peer=libthread-unbound lwps=1 n=1048576 ns=88.12
// All arithmetic is in integers.  A single inexact floating-point operation
// leaves a sticky bit in MXCSR, threads made before and after it then differ in
// that register, and a switch between them costs 85 ns instead of 5: the
// measurement would show the register and not the library.

#ifndef LIBTHREAD_BENCH_HARNESS_H_
#define LIBTHREAD_BENCH_HARNESS_H_

#include <unistd.h>

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <ctime>

#if defined(__SSE__)
#include <xmmintrin.h>
#endif

namespace bench {

struct Options {
  long n = 0;             // operations; 0 means: calibrate
  int lwps = 1;           // processors the workload is meant to use
  int depth = 20;         // W8
  int threads = 1;        // W13: of each process
  const char* what = "";  // W10, W12, W13: which variant
};

[[noreturn]] inline void Die(const char* message) {
  fprintf(stderr, "bench: %s\n", message);
  _exit(2);  // no destructors: a library may wait in them for its threads
}

inline void Check(bool ok, const char* message) {
  if (!ok) Die(message);
}

inline int64_t NowNs() {
  timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return int64_t{now.tv_sec} * 1000000000 + now.tv_nsec;
}

inline void ClearFloatFlags() {
#if defined(__SSE__)
  _mm_setcsr(_mm_getcsr() & ~0x3fU);
#endif
}

// The value of "--name=value" in `arg`, or nullptr when it is another option.
inline const char* Value(const char* arg, const char* name) {
  const size_t length = strlen(name);
  if (strncmp(arg, name, length) != 0 || arg[length] != '=') return nullptr;
  return arg + length + 1;
}

inline long Number(const char* text) {
  char* end;
  const long number = strtol(text, &end, 10);
  if (end == text || *end != '\0' || number < 1) Die("bad number in option");
  return number;
}

inline Options Parse(int argc, char** argv) {
  Options options;
  for (int i = 1; i < argc; ++i) {
    if (const char* v = Value(argv[i], "--n")) {
      options.n = Number(v);
    } else if (const char* v = Value(argv[i], "--lwps")) {
      options.lwps = static_cast<int>(Number(v));
    } else if (const char* v = Value(argv[i], "--depth")) {
      options.depth = static_cast<int>(Number(v));
    } else if (const char* v = Value(argv[i], "--threads")) {
      options.threads = static_cast<int>(Number(v));
    } else if (const char* v = Value(argv[i], "--what")) {
      options.what = v;
    } else {
      Die("options: --n=N --lwps=N --depth=N --threads=N --what=NAME");
    }
  }
  return options;
}

// "name=123.45" for total / count, rounded down, without floating point.
inline void PrintQuotient(const char* name, int64_t total, int64_t count) {
  const auto hundredths =
      static_cast<long long>(static_cast<__int128>(total) * 100 / count);
  printf(" %s=%lld.%02lld", name, hundredths / 100, hundredths % 100);
}

inline void PrintHead(const char* workload, const char* peer,
                      const Options& options, long n) {
  printf("%s peer=%s lwps=%d n=%ld", workload, peer, options.lwps, n);
}

// A body performs about `n` operations, and returns the nanoseconds that they
// took.  What it returns leaves out its own set-up where the workload does.
using Body = int64_t (*)(long n, const Options& options);

constexpr int64_t kWarmUpNs = 30'000'000;
constexpr int64_t kMeasureNs = 200'000'000;

// Warms up, chooses n so that the measured loop takes about kMeasureNs (unless
// --n was given), measures once, prints.  `unit` is the number of operations
// that one n stands for.
template <typename Peer>
int Main(int argc, char** argv, const char* workload, Body body,
         long unit = 1) {
  const Options options = Parse(argc, argv);
  ClearFloatFlags();
  Peer::Start(options.lwps);
  long n = options.n;
  if (n != 0) {
    body(n / 10 + 1, options);
  } else {
    n = 1;
    int64_t elapsed = body(n, options);
    while (elapsed < kWarmUpNs) {
      n *= elapsed < kWarmUpNs / 8 ? 8 : 2;
      elapsed = body(n, options);
    }
    n = static_cast<long>(static_cast<__int128>(n) * kMeasureNs / elapsed) + 1;
  }
  const int64_t elapsed = body(n, options);
  PrintHead(workload, Peer::kName, options, n);
  PrintQuotient("ns", elapsed, int64_t{n} * unit);
  printf("\n");
  fflush(stdout);
  Peer::Stop();
  return 0;
}

}  // namespace bench

#endif  // LIBTHREAD_BENCH_HARNESS_H_
