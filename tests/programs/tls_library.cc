// SPDX-License-Identifier: MIT
//
// A library for dlopen() with thread-local data of each sort.

#include "programs/tls_library.h"

#include <atomic>

namespace {

__thread int number = 42;
__thread char zeros[5000];
alignas(128) __thread int aligned = 7;

std::atomic<int> destroyed{0};

class Counted {
 public:
  ~Counted() { ++destroyed; }
  int value = 3;
};
thread_local Counted counted;

}  // namespace

extern "C" void GetTlsData(TlsData* data) {
  data->number = &number;
  data->zeros = zeros;
  data->zeros_size = sizeof zeros;
  data->aligned = &aligned;
  data->counted = &counted.value;
}

extern "C" int CountDestroyed(void) {
  return destroyed;
}
