// SPDX-License-Identifier: MIT
//
// What the programs of this folder share.  They stand for programs of users:
// no test framework is linked in, and what a test wants to know they print.

#ifndef LIBTHREAD_TESTS_PROGRAMS_CHECK_H_
#define LIBTHREAD_TESTS_PROGRAMS_CHECK_H_

#include <synch.h>
#include <sys/types.h>
#include <thread.h>

#include <cstddef>
#include <cstdint>
#include <functional>

// Ends the process with status 99 and a line on stderr when `condition` does
// not hold.
#define LT_REQUIRE(condition) \
  ((condition) ? void(0) : ::lt::Fail(__FILE__, __LINE__, #condition))

namespace lt {

[[noreturn]] void Fail(const char* file, int line, const char* what);

// Monotonic time.
int64_t NowNs();

// Polls `condition`, yielding in between, until it holds; fails after 60 s.
void Await(const std::function<bool()>& condition);

// The number of kernel threads of the process.
int KernelThreads();

// Resident memory of the process.
size_t ResidentBytes();

// read() and write() of one byte without libc between: the library cannot know
// that the LWP blocks.
ssize_t RawRead(int fd);
ssize_t RawWrite(int fd);

struct Pipe {
  Pipe();
  int out = -1;  // read from here
  int in = -1;
};

// thr_create() on a stack of the library; fails when that fails.
thread_t MustCreate(void* (*start)(void*), void* arg, long flags = 0);
void MustJoin(thread_t id);

// A case of a program that holds several: main runs the one that is named by
// its first argument.
struct Case {
  const char* name;
  int (*run)();
};
int RunCase(int argc, char** argv, const Case* cases, size_t count);

}  // namespace lt

#endif  // LIBTHREAD_TESTS_PROGRAMS_CHECK_H_
