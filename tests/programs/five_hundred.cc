// SPDX-License-Identifier: MIT
//
// 500 unbound threads on four LWPs use malloc, stdio, exceptions and errno side
// by side, each with a result that can be foretold.

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <atomic>
#include <exception>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

#include "programs/check.h"

namespace {

constexpr int kThreads = 500;
constexpr int kRounds = 20;

FILE* lines;
std::atomic<int> ended{0};
thread_local int rounds_done = 0;

// Deterministic per thread, so that a failing run can be repeated.
class Random {
 public:
  explicit Random(uint32_t seed) : state_(seed * 2654435761U + 1) {}
  uint32_t Below(uint32_t limit) {
    state_ = state_ * 1664525U + 1013904223U;
    return (state_ >> 8) % limit;
  }

 private:
  uint32_t state_;
};

void UseMalloc(Random& random, int thread) {
  std::vector<std::unique_ptr<unsigned char, decltype(&free)>> blocks;
  std::vector<size_t> sizes;
  for (int i = 0; i < 16; ++i) {
    const size_t size = 1 + random.Below(i % 8 == 0 ? 200'000 : 2'000);
    auto* block = static_cast<unsigned char*>(malloc(size));
    LT_REQUIRE(block != nullptr);
    memset(block, thread & 0xff, size);
    blocks.emplace_back(block, &free);
    sizes.push_back(size);
    if (i % 4 == 0) thr_yield();
  }
  for (size_t i = 0; i < blocks.size(); ++i) {
    LT_REQUIRE(blocks[i].get()[0] == (thread & 0xff));
    LT_REQUIRE(blocks[i].get()[sizes[i] - 1] == (thread & 0xff));
  }
}

void UseErrno(int thread) {
  errno = 10'000 + thread;
  thr_yield();
  LT_REQUIRE(errno == 10'000 + thread);
  LT_REQUIRE(fopen("/nonexistent/file", "r") == nullptr);
  thr_yield();
  LT_REQUIRE(errno == ENOENT);
}

[[gnu::noinline]] void ThrowFrom(int depth, const std::string& what) {
  const std::string keeps_a_destructor = what;
  if (depth == 0) throw std::runtime_error(what);
  ThrowFrom(depth - 1, keeps_a_destructor);
}

void UseExceptions(int thread, int round) {
  const std::string what = std::to_string(thread) + ":" + std::to_string(round);
  int caught = 0;
  try {
    try {
      ThrowFrom(5, what);
    } catch (const std::exception& error) {
      thr_yield();
      LT_REQUIRE(error.what() == what);
      ++caught;
      throw;
    }
  } catch (const std::runtime_error& error) {
    LT_REQUIRE(std::uncaught_exceptions() == 0);
    thr_yield();
    LT_REQUIRE(error.what() == what);
    ++caught;
  }
  LT_REQUIRE(caught == 2);
}

void UseStdio(int thread, int round) {
  char text[64];
  const int length =
      snprintf(text, sizeof text, "%d %d %d", thread, round, thread * round);
  LT_REQUIRE(length > 0);
  thr_yield();
  LT_REQUIRE(fprintf(lines, "%s end\n", text) == length + 5);
}

extern "C" void* Work(void* arg) {
  const int thread = static_cast<int>(reinterpret_cast<intptr_t>(arg));
  Random random(static_cast<uint32_t>(thread));
  for (int round = 0; round < kRounds; ++round) {
    UseMalloc(random, thread);
    UseErrno(thread);
    UseExceptions(thread, round);
    UseStdio(thread, round);
    ++rounds_done;
  }
  LT_REQUIRE(rounds_done == kRounds);
  ++ended;
  return arg;
}

// Each line is whole and there once.
void CheckLines() {
  rewind(lines);
  std::vector<int> seen(kThreads * kRounds);
  int thread = 0;
  int round = 0;
  int product = 0;
  char end[8];
  while (fscanf(lines, "%d %d %d %7s", &thread, &round, &product, end) == 4) {
    LT_REQUIRE(thread >= 0 && thread < kThreads);
    LT_REQUIRE(round >= 0 && round < kRounds);
    LT_REQUIRE(product == thread * round);
    LT_REQUIRE(strcmp(end, "end") == 0);
    ++seen[static_cast<size_t>(thread * kRounds + round)];
  }
  for (const int count : seen) LT_REQUIRE(count == 1);
}

}  // namespace

int main() {
  lines = tmpfile();
  LT_REQUIRE(lines != nullptr);
  std::vector<thread_t> ids;
  for (intptr_t i = 0; i < kThreads; ++i) {
    ids.push_back(lt::MustCreate(Work, reinterpret_cast<void*>(i)));
  }
  for (size_t i = 0; i < ids.size(); ++i) {
    void* status = nullptr;
    LT_REQUIRE(thr_join(ids[i], nullptr, &status) == 0);
    LT_REQUIRE(status == reinterpret_cast<void*>(i));
  }
  LT_REQUIRE(ended == kThreads);
  LT_REQUIRE(rounds_done == 0);
  CheckLines();
  printf("threads=%d\ndone\n", ended.load());
  return 0;
}
