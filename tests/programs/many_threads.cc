// SPDX-License-Identifier: MIT
//
// usage: many_threads COUNT STACK_BYTES
//
// COUNT parked threads at once, each with a guard below its stack; then all go
// on and are joined.  Prints how many could be made, the error that stopped it
// (0 when none did), the resident memory of one and the times.
//
// A guard is looked for without touching it: write() from an address that
// cannot be read fails with EFAULT.

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <atomic>
#include <vector>

#include "programs/check.h"

namespace {

constexpr uintptr_t kPage = 4096;
sema_t gate = DEFAULTSEMA;
std::atomic<size_t> arrived{0};

struct Stack {
  uintptr_t low = 0;
  uintptr_t high = 0;
};

// How far below the reported end a guard may be: what sizes are rounded up by.
uintptr_t NearBytes(const Stack& stack) {
  return (stack.high - stack.low) / 8 + 8 * kPage;
}

extern "C" void* Park(void* arg) {
  stack_t segment{};
  LT_REQUIRE(thr_stksegment(&segment) == 0);
  auto* stack = static_cast<Stack*>(arg);
  stack->high = reinterpret_cast<uintptr_t>(segment.ss_sp);
  stack->low = stack->high - segment.ss_size;
  ++arrived;
  LT_REQUIRE(sema_wait(&gate) == 0);
  return nullptr;
}

bool IsReadable(const lt::Pipe& pipe, uintptr_t address) {
  const ssize_t written =
      write(pipe.in, reinterpret_cast<const void*>(address), 1);
  if (written == 1) {
    LT_REQUIRE(lt::RawRead(pipe.out) == 1);
    return true;
  }
  LT_REQUIRE(errno == EFAULT);
  return false;
}

size_t CountGuards(const std::vector<Stack>& stacks, size_t made) {
  const lt::Pipe pipe;
  size_t guarded = 0;
  for (size_t i = 0; i < made; ++i) {
    LT_REQUIRE(IsReadable(pipe, stacks[i].high - 1));
    LT_REQUIRE(IsReadable(pipe, stacks[i].low));
    for (uintptr_t below = 1; below <= NearBytes(stacks[i]); below += kPage) {
      if (!IsReadable(pipe, stacks[i].low - below)) {
        ++guarded;
        break;
      }
    }
  }
  return guarded;
}

}  // namespace

int main(int argc, char** argv) {
  LT_REQUIRE(argc == 3);
  const size_t count = strtoul(argv[1], nullptr, 10);
  const size_t stack_bytes = strtoul(argv[2], nullptr, 10);
  std::vector<Stack> stacks(count);
  std::vector<thread_t> ids;
  ids.reserve(count);
  const size_t resident_before = lt::ResidentBytes();

  const int64_t start_ns = lt::NowNs();
  int error = 0;
  while (ids.size() < count) {
    thread_t id = 0;
    error = thr_create(nullptr, stack_bytes, Park, &stacks[ids.size()], 0, &id);
    if (error != 0) break;
    ids.push_back(id);
    // Threads run and park while others are made, as they would in a server.
    if (ids.size() % 256 == 0) thr_yield();
  }
  lt::Await([&] { return arrived == ids.size(); });
  const int64_t parked_ns = lt::NowNs();
  const size_t resident = lt::ResidentBytes() - resident_before;
  const size_t guarded = CountGuards(stacks, ids.size());

  const int64_t release_ns = lt::NowNs();
  for (size_t i = 0; i < ids.size(); ++i) LT_REQUIRE(sema_post(&gate) == 0);
  for (const thread_t id : ids) lt::MustJoin(id);
  const int64_t end_ns = lt::NowNs();
  // The process goes on.
  Stack one_more;
  LT_REQUIRE(sema_post(&gate) == 0);
  lt::MustJoin(lt::MustCreate(Park, &one_more));

  const auto made = static_cast<double>(ids.size());
  printf(
      "made=%zu error=%d guarded=%zu resident_each=%.0f create_us=%.2f "
      "finish_us=%.2f\ndone\n",
      ids.size(), error, guarded, static_cast<double>(resident) / made,
      static_cast<double>(parked_ns - start_ns) / 1e3 / made,
      static_cast<double>(end_ns - release_ns) / 1e3 / made);
  return 0;
}
