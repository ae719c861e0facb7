// SPDX-License-Identifier: MIT
//
// The smallest program with a thread, and what a fresh process looks like.

#include <stdio.h>

#include "programs/check.h"

namespace {

extern "C" void* Hello(void*) {
  printf("thread=%d main=%d\n", static_cast<int>(thr_self()), thr_main());
  return nullptr;
}

}  // namespace

int main() {
  printf("level=%d\n", thr_getconcurrency());
  // Internal kernel threads take no ids: ours are 2, 3 and 4.
  for (int i = 0; i < 3; ++i) lt::MustJoin(lt::MustCreate(Hello, nullptr));
  int priority = -1;
  LT_REQUIRE(thr_getprio(1, &priority) == 0);
  printf("self=%d main=%d priority=%d\n", static_cast<int>(thr_self()),
         thr_main(), priority);
  return 0;
}
