// SPDX-License-Identifier: MIT
//
// A program with much thread-local data of its own, and threads with little
// stack: the one must not be taken from the other.

#include <stdio.h>

#include <vector>

#include "programs/check.h"

namespace {

constexpr size_t kStack = size_t{64} << 10;
constexpr size_t kData = size_t{3} << 20;
// What the frames of a start function itself may take.
constexpr size_t kFrames = 1024;

__thread char data[kData];
__thread int initialised = 5;

[[gnu::noinline]] void UseStack(size_t bytes) {
  auto* room = static_cast<volatile char*>(__builtin_alloca(bytes));
  for (size_t i = 0; i < bytes; i += 64) room[i] = 's';
}

extern "C" void* UseBoth(void*) {
  LT_REQUIRE(initialised == 5);
  for (size_t i = 0; i < kData; i += 512) {
    LT_REQUIRE(data[i] == 0);
    data[i] = 'd';
  }
  UseStack(kStack - kFrames);
  thr_yield();
  for (size_t i = 0; i < kData; i += 512) LT_REQUIRE(data[i] == 'd');
  initialised = 6;
  return nullptr;
}

}  // namespace

int main() {
  std::vector<char> callers_stack(kStack);
  for (int generation = 0; generation < 3; ++generation) {
    for (const long kind : {0L, long{THR_BOUND}}) {
      std::vector<thread_t> ids;
      for (char* base : {static_cast<char*>(nullptr),
                         static_cast<char*>(nullptr), callers_stack.data()}) {
        thread_t id = 0;
        LT_REQUIRE(thr_create(base, kStack, UseBoth, nullptr, kind, &id) == 0);
        ids.push_back(id);
      }
      for (const thread_t id : ids) lt::MustJoin(id);
    }
  }
  LT_REQUIRE(data[0] == 0 && initialised == 5);
  puts("done");
  return 0;
}
