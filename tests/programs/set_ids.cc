// SPDX-License-Identifier: MIT
//
// setgid and its kin act on every kernel thread of the process, and wait for
// all of them.  They are called here by threads of all kinds, while others run
// on several LWPs, sleep in the kernel, or are parked.

#include <poll.h>
#include <stdio.h>
#include <unistd.h>

#include <atomic>
#include <vector>

#include "programs/check.h"

namespace {

constexpr int kOthers = 8;
constexpr int kCalls = 50;

std::atomic<bool> stop{false};

extern "C" void* Move(void*) {
  while (!stop) {
    poll(nullptr, 0, 1);
    thr_yield();
  }
  return nullptr;
}

void SetIds() {
  for (int i = 0; i < kCalls; ++i) {
    LT_REQUIRE(setgid(getgid()) == 0);
    LT_REQUIRE(setuid(getuid()) == 0);
    thr_yield();
  }
}

extern "C" void* SetIdsInThread(void*) {
  SetIds();
  return nullptr;
}

}  // namespace

int main() {
  LT_REQUIRE(thr_setconcurrency(4) == 0);
  std::vector<thread_t> others;
  for (int i = 0; i < kOthers; ++i) {
    others.push_back(lt::MustCreate(Move, nullptr, i % 4 == 0 ? THR_BOUND : 0));
  }
  lt::MustJoin(lt::MustCreate(SetIdsInThread, nullptr));
  lt::MustJoin(lt::MustCreate(SetIdsInThread, nullptr, THR_BOUND));
  SetIds();
  stop = true;
  for (const thread_t id : others) lt::MustJoin(id);
  puts("done");
  return 0;
}
