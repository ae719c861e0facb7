// SPDX-License-Identifier: MIT
//
// What the tests of blocking calls share.
//
// In many-to-one an unbound thread that blocks in the kernel stops all others.
// Who lets it go on is therefore a kernel thread of its own.

#ifndef LIBTHREAD_TESTS_SUPPORT_BLOCKING_H_
#define LIBTHREAD_TESTS_SUPPORT_BLOCKING_H_

#include <errno.h>
#include <fcntl.h>
#include <gtest/gtest.h>
#include <sched.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <functional>
#include <string>
#include <thread>
#include <utility>

#include "support/fixture.h"

namespace lt {

// A descriptor that is closed at the end.
class Descriptor {
 public:
  explicit Descriptor(int fd = -1) : fd_(fd) {}
  Descriptor(Descriptor&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  Descriptor& operator=(Descriptor&& other) noexcept {
    std::swap(fd_, other.fd_);
    return *this;
  }
  ~Descriptor() {
    if (fd_ >= 0) close(fd_);
  }
  operator int() const { return fd_; }  // NOLINT(google-explicit-constructor)
  int Release() { return std::exchange(fd_, -1); }

 private:
  int fd_;
};

struct TestPipe {
  TestPipe() {
    int fds[2] = {-1, -1};
    EXPECT_EQ(pipe2(fds, O_CLOEXEC), 0);
    out = Descriptor(fds[0]);
    in = Descriptor(fds[1]);
  }
  Descriptor out;  // read from here
  Descriptor in;
};

// An empty file without a name.
inline Descriptor TemporaryFile() {
  const std::string directory = std::filesystem::temp_directory_path();
  std::string path = directory + "/blocking.XXXXXX";
  Descriptor file(mkostemp(path.data(), O_CLOEXEC));
  EXPECT_GE(file, 0);
  unlink(path.c_str());
  return file;
}

// A descriptor number that is not open.
inline constexpr int kNoDescriptor = 1'000'000;

inline char KernelState(int tid) {
  std::ifstream file("/proc/self/task/" + std::to_string(tid) + "/stat");
  std::string text;
  std::getline(file, text);
  const size_t end = text.rfind(')');
  return end != std::string::npos && end + 2 < text.size() ? text[end + 2]
                                                           : '?';
}

// Acts once the kernel thread of the caller sleeps: in the call that the caller
// makes next.  Join() before what `act` needs goes away.
class WhenAsleep {
 public:
  explicit WhenAsleep(std::function<void()> act)
      : thread_([act = std::move(act),
                 tid = static_cast<int>(syscall(SYS_gettid))] {
          for (int looks = 0; looks < kLooks; ++looks) {
            looks = KernelState(tid) == 'S' ? looks : -1;
            sched_yield();
          }
          act();
        }) {}
  WhenAsleep(const WhenAsleep&) = delete;
  WhenAsleep& operator=(const WhenAsleep&) = delete;
  ~WhenAsleep() { thread_.join(); }

 private:
  // Looks in a row: a page fault sleeps, too.
  static constexpr int kLooks = 20;
  std::thread thread_;
};

// EXPECT_FAILS(call, ENOENT): it returns -1 and sets errno.
#define EXPECT_FAILS(call, error) \
  do {                            \
    errno = 0;                    \
    EXPECT_EQ(call, -1);          \
    EXPECT_EQ(errno, error);      \
  } while (false)

}  // namespace lt

#endif  // LIBTHREAD_TESTS_SUPPORT_BLOCKING_H_
