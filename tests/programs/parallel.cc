// SPDX-License-Identifier: MIT
//
// Real parallelism: two threads that spin for each other without a yield need
// an LWP each.  Run with LIBTHREAD_CONCURRENCY=1, so that the program itself
// must ask for the second one, in the ways there are.

#include <stdio.h>

#include <atomic>

#include "programs/check.h"

namespace lt {
namespace {

std::atomic<int> arrived{0};

extern "C" void* MeetTheOther(void*) {
  ++arrived;
  while (arrived < 2) smt_pause();
  return nullptr;
}

int Meet(long flags) {
  const thread_t first = MustCreate(MeetTheOther, nullptr, flags);
  const thread_t second = MustCreate(MeetTheOther, nullptr, flags);
  MustJoin(first);
  MustJoin(second);
  puts("met");
  return 0;
}

int BySetconcurrency() {
  LT_REQUIRE(thr_setconcurrency(2) == 0);
  return Meet(0);
}

int ByNewLwp() {
  return Meet(THR_NEW_LWP);
}

int ByBound() {
  return Meet(THR_BOUND);
}

int ByEnvironment() {
  return Meet(0);
}

int LevelsUpToTheLimit() {
  LT_REQUIRE(thr_getconcurrency() == 1);
  LT_REQUIRE(thr_setconcurrency(65536) == 0);
  LT_REQUIRE(thr_getconcurrency() == 65536);
  LT_REQUIRE(thr_setconcurrency(65537) == EAGAIN);
  LT_REQUIRE(thr_getconcurrency() == 65536);
  Meet(0);
  printf("kernel_threads=%d\n", KernelThreads());
  return 0;
}

const Case kCases[] = {
    {"setconcurrency", BySetconcurrency},
    {"new-lwp", ByNewLwp},
    {"bound", ByBound},
    {"environment", ByEnvironment},
    {"limit", LevelsUpToTheLimit},
};

}  // namespace
}  // namespace lt

int main(int argc, char** argv) {
  return lt::RunCase(argc, argv, lt::kCases, std::size(lt::kCases));
}
