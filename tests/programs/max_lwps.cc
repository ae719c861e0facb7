// SPDX-License-Identifier: MIT
//
// usage: max_lwps COUNT
//
// Six threads want to block in the kernel.  When COUNT of them got there, and
// the library has complained if that was not all, they are let go; three times
// over.  With LIBTHREAD_MAX_LWPS=4 the fourth is the last, and the complaint is
// one line however often the limit is met.  A bound thread, outside the pool,
// watches.
//
// stderr is a file in memory, so that the program can see what was written.

#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <string>
#include <vector>

#include "programs/check.h"

namespace {

constexpr int kReaders = 6;
constexpr int kRounds = 3;

int complaints_fd;
int expected;  // COUNT
std::atomic<int> entered{0};
std::atomic<int> most_kernel_threads{0};

std::string Complaints() {
  char text[4096];
  const ssize_t length = pread(complaints_fd, text, sizeof text, 0);
  LT_REQUIRE(length >= 0);
  return std::string(text, static_cast<size_t>(length));
}

extern "C" void* Read(void* arg) {
  ++entered;
  LT_REQUIRE(lt::RawRead(static_cast<lt::Pipe*>(arg)->out) == 1);
  return nullptr;
}

extern "C" void* WatchAndRelease(void* arg) {
  const auto* pipe = static_cast<lt::Pipe*>(arg);
  lt::Await([&] {
    return entered == expected &&
           (expected == kReaders || Complaints().ends_with('\n'));
  });
  most_kernel_threads = std::max<int>(most_kernel_threads, lt::KernelThreads());
  for (int i = 0; i < kReaders; ++i) LT_REQUIRE(lt::RawWrite(pipe->in) == 1);
  return nullptr;
}

}  // namespace

int main(int argc, char** argv) {
  LT_REQUIRE(argc == 2);
  expected = atoi(argv[1]);
  const int stderr_before = dup(STDERR_FILENO);
  complaints_fd = memfd_create("stderr", MFD_CLOEXEC);
  LT_REQUIRE(complaints_fd >= 0);
  LT_REQUIRE(dup2(complaints_fd, STDERR_FILENO) == STDERR_FILENO);

  lt::Pipe pipe;
  for (int round = 0; round < kRounds; ++round) {
    entered = 0;
    const thread_t watcher = lt::MustCreate(WatchAndRelease, &pipe, THR_BOUND);
    std::vector<thread_t> readers;
    for (int i = 0; i < kReaders; ++i)
      readers.push_back(lt::MustCreate(Read, &pipe));
    for (const thread_t id : readers) lt::MustJoin(id);
    lt::MustJoin(watcher);
  }

  const std::string complaints = Complaints();
  LT_REQUIRE(dup2(stderr_before, STDERR_FILENO) == STDERR_FILENO);
  fputs(complaints.c_str(), stderr);
  printf("kernel_threads=%d\ndone\n", most_kernel_threads.load());
  return 0;
}
