// SPDX-License-Identifier: MIT
//
// W8: Fibonacci numbers by fork and join: each call makes a thread for one
// branch, takes the other itself, and joins.  Time per thread made.

#include "peer.h"

namespace bench {
namespace {

long Fib(long depth);

void* FibThread(void* arg) {
  long& value = *static_cast<long*>(arg);
  value = Fib(value);
  return nullptr;
}

long Fib(long depth) {
  if (depth < 2) return depth;
  long forked = depth - 1;
  Peer::Thread thread;
  Check(Peer::Spawn(&thread, FibThread, &forked), "cannot create a thread");
  const long own = Fib(depth - 2);
  Peer::Join(thread);
  return forked + own;
}

// fib(depth) without threads; fib(depth + 1) - 1 is the number of threads that
// Fib(depth) makes.
long PlainFib(int depth) {
  long a = 0;
  long b = 1;
  for (int i = 0; i < depth; ++i) {
    const long next = a + b;
    a = b;
    b = next;
  }
  return a;
}

struct Work {
  long runs;
  int depth;
  int64_t elapsed;
};

// The root is a created thread as well: main's stack and scheduling may differ.
void* Root(void* arg) {
  Work& work = *static_cast<Work*>(arg);
  const int64_t start = NowNs();
  for (long i = 0; i < work.runs; ++i) {
    Check(Fib(work.depth) == PlainFib(work.depth), "wrong Fibonacci number");
  }
  work.elapsed = NowNs() - start;
  return nullptr;
}

int64_t ForkJoin(long n, const Options& options) {
  Work work = {n, options.depth, 0};
  Peer::Thread thread;
  Check(Peer::Spawn(&thread, Root, &work), "cannot create a thread");
  Peer::Join(thread);
  return work.elapsed;
}

}  // namespace
}  // namespace bench

int main(int argc, char** argv) {
  const bench::Options options = bench::Parse(argc, argv);
  return bench::Main<bench::Peer>(argc, argv, "W8", bench::ForkJoin,
                                  bench::PlainFib(options.depth + 1) - 1);
}
