// SPDX-License-Identifier: MIT
//
// Helpers of the test programs: see check.h.

#include "programs/check.h"

#include <dirent.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

namespace lt {
namespace {

constexpr int64_t kPatienceNs = 60'000'000'000;

void ShortSleep() {
  const timespec pause{0, 200'000};
  nanosleep(&pause, nullptr);
}

}  // namespace

void Fail(const char* file, int line, const char* what) {
  dprintf(STDERR_FILENO, "%s:%d: failed: %s\n", file, line, what);
  _exit(99);
}

int64_t NowNs() {
  timespec now{};
  clock_gettime(CLOCK_MONOTONIC, &now);
  return int64_t{now.tv_sec} * 1'000'000'000 + now.tv_nsec;
}

void Await(const std::function<bool()>& condition) {
  const int64_t end = NowNs() + kPatienceNs;
  for (int polls = 0; !condition(); ++polls) {
    LT_REQUIRE(NowNs() < end);
    thr_yield();
    if (polls > 50) ShortSleep();
  }
}

int KernelThreads() {
  DIR* directory = opendir("/proc/self/task");
  LT_REQUIRE(directory != nullptr);
  int count = 0;
  while (const dirent* entry = readdir(directory)) {
    if (entry->d_name[0] != '.') ++count;
  }
  closedir(directory);
  return count;
}

size_t ResidentBytes() {
  FILE* file = fopen("/proc/self/statm", "r");
  LT_REQUIRE(file != nullptr);
  size_t total = 0;
  size_t resident = 0;
  LT_REQUIRE(fscanf(file, "%zu %zu", &total, &resident) == 2);
  fclose(file);
  return resident * static_cast<size_t>(sysconf(_SC_PAGESIZE));
}

ssize_t RawRead(int fd) {
  char byte = 0;
  return syscall(SYS_read, fd, &byte, 1);
}

ssize_t RawWrite(int fd) {
  const char byte = 'x';
  return syscall(SYS_write, fd, &byte, 1);
}

Pipe::Pipe() {
  int ends[2];
  LT_REQUIRE(pipe(ends) == 0);
  out = ends[0];
  in = ends[1];
}

thread_t MustCreate(void* (*start)(void*), void* arg, long flags) {
  thread_t id = 0;
  LT_REQUIRE(thr_create(nullptr, 0, start, arg, flags, &id) == 0);
  return id;
}

void MustJoin(thread_t id) {
  thread_t departed = 0;
  LT_REQUIRE(thr_join(id, &departed, nullptr) == 0);
  LT_REQUIRE(departed == id);
}

int RunCase(int argc, char** argv, const Case* cases, size_t count) {
  for (size_t i = 0; argc > 1 && i < count; ++i) {
    if (strcmp(cases[i].name, argv[1]) == 0) return cases[i].run();
  }
  dprintf(STDERR_FILENO, "usage: %s CASE, where CASE is one of\n", argv[0]);
  for (size_t i = 0; i < count; ++i) {
    dprintf(STDERR_FILENO, "  %s\n", cases[i].name);
  }
  return 98;
}

}  // namespace lt
