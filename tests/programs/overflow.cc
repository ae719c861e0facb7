// SPDX-License-Identifier: MIT
//
// Threads that run out of stack, and one that dies of something else.

#include <stdio.h>

#include "programs/check.h"

namespace lt {
namespace {

volatile int depth_limit = 1 << 30;

[[gnu::noinline]] int Descend(int depth) {
  volatile char frame[512];
  frame[0] = static_cast<char>(depth);
  if (depth >= depth_limit) return frame[0];
  return Descend(depth + 1) + frame[0];
}

extern "C" void* Overflow(void*) {
  printf("thread=%d\n", static_cast<int>(thr_self()));
  fflush(stdout);
  Descend(0);
  return nullptr;
}

extern "C" void* OverflowAfterYields(void*) {
  for (int i = 0; i < 100; ++i) thr_yield();
  return Overflow(nullptr);
}

extern "C" void* DoNothing(void*) {
  return nullptr;
}

// UndefinedBehaviorSanitizer would see it coming.
extern "C" [[gnu::no_sanitize("undefined")]] void* FollowNull(void*) {
  volatile int* volatile nowhere = nullptr;
  *nowhere = 1;
  return nullptr;
}

int Run(void* (*start)(void*), size_t stack_bytes, long flags) {
  MustJoin(MustCreate(DoNothing, nullptr));
  thread_t id = 0;
  LT_REQUIRE(thr_create(nullptr, stack_bytes, start, nullptr, flags, &id) == 0);
  MustJoin(id);
  puts("survived");
  return 0;
}

int Unbound() {
  return Run(Overflow, 0, 0);
}
int Bound() {
  return Run(Overflow, 0, THR_BOUND);
}
int Small() {
  return Run(Overflow, size_t{64} << 10, 0);
}
int AfterYields() {
  return Run(OverflowAfterYields, size_t{64} << 10, 0);
}
int Null() {
  return Run(FollowNull, 0, 0);
}
int NullBound() {
  return Run(FollowNull, 0, THR_BOUND);
}

const Case kCases[] = {
    {"unbound", Unbound},          {"bound", Bound}, {"small", Small},
    {"after-yields", AfterYields}, {"null", Null},   {"null-bound", NullBound},
};

}  // namespace
}  // namespace lt

int main(int argc, char** argv) {
  return lt::RunCase(argc, argv, lt::kCases, std::size(lt::kCases));
}
