// SPDX-License-Identifier: MIT
//
// usage: dlopen_tls LIBRARY
//
// Thread-local data of a library that is opened while threads run: threads from
// before and from after see its initial values, their own copies of them, and
// their destructors; blocks that are used again show no trace of their past.

#include <dlfcn.h>
#include <stdio.h>
#include <string.h>

#include <atomic>
#include <vector>

#include "programs/check.h"
#include "programs/tls_library.h"

namespace {

constexpr int kThreads = 64;

decltype(GetTlsData)* get_tls_data;
decltype(CountDestroyed)* count_destroyed;
std::atomic<int> arrived{0};
std::atomic<bool> opened{false};
mutex_t addresses_lock = DEFAULTMUTEX;
std::vector<int*> addresses;

void UseTls(int value) {
  TlsData data{};
  get_tls_data(&data);
  LT_REQUIRE(*data.number == 42);
  LT_REQUIRE(*data.aligned == 7);
  LT_REQUIRE(reinterpret_cast<uintptr_t>(data.aligned) % 128 == 0);
  LT_REQUIRE(*data.counted == 3);
  for (size_t i = 0; i < data.zeros_size; ++i) LT_REQUIRE(data.zeros[i] == 0);

  *data.number = value;
  *data.aligned = value;
  *data.counted = value;
  memset(data.zeros, value, data.zeros_size);
  for (int turn = 0; turn < 20; ++turn) {
    thr_yield();
    TlsData again{};
    get_tls_data(&again);
    LT_REQUIRE(again.number == data.number);
    LT_REQUIRE(*again.number == value && *again.counted == value);
    LT_REQUIRE(data.zeros[data.zeros_size - 1] == static_cast<char>(value));
  }
  LT_REQUIRE(mutex_lock(&addresses_lock) == 0);
  addresses.push_back(data.number);
  LT_REQUIRE(mutex_unlock(&addresses_lock) == 0);
}

// Nobody leaves before all have come: their blocks are live at once.
extern "C" void* UseTogether(void* arg) {
  lt::Await([] { return opened.load(); });
  UseTls(static_cast<int>(reinterpret_cast<intptr_t>(arg)));
  ++arrived;
  lt::Await([] { return arrived == kThreads; });
  return nullptr;
}

std::vector<thread_t> MakeThreads(long flags) {
  std::vector<thread_t> ids;
  arrived = 0;
  for (intptr_t i = 1; i <= kThreads; ++i) {
    ids.push_back(
        lt::MustCreate(UseTogether, reinterpret_cast<void*>(i), flags));
  }
  return ids;
}

void JoinAndCheckAddresses(const std::vector<thread_t>& ids) {
  for (const thread_t id : ids) lt::MustJoin(id);
  LT_REQUIRE(addresses.size() == ids.size());
  for (size_t i = 0; i < addresses.size(); ++i) {
    for (size_t j = 0; j < i; ++j) LT_REQUIRE(addresses[i] != addresses[j]);
  }
  addresses.clear();
}

}  // namespace

int main(int argc, char** argv) {
  LT_REQUIRE(argc == 2);
  const std::vector<thread_t> early = MakeThreads(0);
  for (int i = 0; i < 10; ++i) thr_yield();
  void* library = dlopen(argv[1], RTLD_NOW);
  LT_REQUIRE(library != nullptr);
  get_tls_data =
      reinterpret_cast<decltype(GetTlsData)*>(dlsym(library, "GetTlsData"));
  count_destroyed = reinterpret_cast<decltype(CountDestroyed)*>(
      dlsym(library, "CountDestroyed"));
  LT_REQUIRE(get_tls_data != nullptr && count_destroyed != nullptr);
  opened = true;
  JoinAndCheckAddresses(early);
  LT_REQUIRE(count_destroyed() == kThreads);

  for (int generation = 0; generation < 3; ++generation) {
    JoinAndCheckAddresses(MakeThreads(0));
    JoinAndCheckAddresses(MakeThreads(THR_BOUND));
  }
  LT_REQUIRE(count_destroyed() == 7 * kThreads);
  UseTls(99);  // main's own
  puts("done");
  return 0;
}
