// SPDX-License-Identifier: MIT
//
// usage: preempt_libc THREADS SECONDS
//
// Unbound threads that compute long enough to be preempted, and use between
// what has locks inside libc and the C++ library: malloc, stdio, dlopen,
// exceptions.  Run with a short LIBTHREAD_QUANTUM.  If a thread were preempted
// while it holds one of those locks, all LWPs would soon wait for it in the
// kernel and the program would stop: a kernel thread that uses none of that
// watches.

#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <atomic>
#include <memory>
#include <random>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include "programs/check.h"

namespace {

constexpr int64_t kPatienceNs = 20'000'000'000;

FILE* sink;
std::atomic<bool> stop{false};
std::atomic<uint64_t> rounds{0};
thread_local uint64_t my_rounds;

void Compute(std::minstd_rand& random) {
  uint64_t sum = 0;
  const unsigned steps = random() % 20'000;
  for (unsigned i = 0; i < steps; ++i) {
    sum += i;
    asm volatile("" : "+r"(sum));
  }
}

void UseMalloc(std::minstd_rand& random) {
  std::vector<std::unique_ptr<char[]>> blocks;
  for (int i = 0; i < 8; ++i) {
    const size_t size = 1 + random() % (i == 0 ? 200'000 : 2000);
    blocks.push_back(std::make_unique<char[]>(size));
    memset(blocks.back().get(), i, size);
    LT_REQUIRE(blocks.back()[size - 1] == i);
  }
}

void UseStdio(std::minstd_rand& random) {
  const auto number = static_cast<unsigned>(random());
  char text[64];
  const int length = snprintf(text, sizeof text, "%u %f\n", number, 0.5);
  LT_REQUIRE(length > 0);
  LT_REQUIRE(fprintf(sink, "%s", text) == length);
  unsigned back = 0;
  LT_REQUIRE(sscanf(text, "%u", &back) == 1 && back == number);
}

void UseDynamicLinker() {
  void* const library = dlopen("libm.so.6", RTLD_NOW | RTLD_LOCAL);
  LT_REQUIRE(library != nullptr);
  LT_REQUIRE(dlsym(library, "cos") != nullptr);
  LT_REQUIRE(dlclose(library) == 0);
}

[[gnu::noinline]] void Throw(int depth, unsigned number) {
  const std::string keeps_a_destructor = std::to_string(number);
  if (depth == 0) throw std::runtime_error(keeps_a_destructor);
  Throw(depth - 1, number);
}

void UseExceptions(std::minstd_rand& random) {
  const auto number = static_cast<unsigned>(random());
  bool caught = false;
  try {
    Throw(3, number);
  } catch (const std::runtime_error& error) {
    caught = error.what() == std::to_string(number);
  }
  LT_REQUIRE(caught);
}

extern "C" void* Work(void* arg) {
  std::minstd_rand random(
      static_cast<unsigned>(reinterpret_cast<uintptr_t>(arg)));
  const thread_t self = thr_self();
  do {
    Compute(random);
    switch (random() % 4) {
      case 0:
        UseMalloc(random);
        break;
      case 1:
        UseStdio(random);
        break;
      case 2:
        UseDynamicLinker();
        break;
      default:
        UseExceptions(random);
        break;
    }
    LT_REQUIRE(thr_self() == self);
    ++my_rounds;
    ++rounds;
  } while (!stop);
  LT_REQUIRE(my_rounds > 0);
  return nullptr;
}

void Watch() {
  uint64_t seen = 0;
  int64_t last_ns = lt::NowNs();
  for (;;) {
    const timespec pause{0, 50'000'000};
    nanosleep(&pause, nullptr);
    if (rounds != seen) {
      seen = rounds;
      last_ns = lt::NowNs();
    } else if (lt::NowNs() - last_ns > kPatienceNs) {
      lt::Fail(__FILE__, __LINE__, "the threads came to a stop");
    }
  }
}

}  // namespace

int main(int argc, char** argv) {
  LT_REQUIRE(argc == 3);
  const auto threads = strtoul(argv[1], nullptr, 10);
  const double seconds = strtod(argv[2], nullptr);
  sink = fopen("/dev/null", "w");
  LT_REQUIRE(sink != nullptr);
  std::thread(Watch).detach();
  std::vector<thread_t> ids;
  for (uintptr_t i = 1; i <= threads; ++i) {
    ids.push_back(lt::MustCreate(Work, reinterpret_cast<void*>(i)));
  }
  const int64_t end_ns = lt::NowNs() + static_cast<int64_t>(seconds * 1e9);
  while (lt::NowNs() < end_ns) {
    const timespec pause{0, 10'000'000};
    nanosleep(&pause, nullptr);
  }
  stop = true;
  // The last one of this can also wait for everybody's first round.
  for (const thread_t id : ids) lt::MustJoin(id);
  printf("rounds=%lu\ndone\n", static_cast<unsigned long>(rounds.load()));
  return 0;
}
