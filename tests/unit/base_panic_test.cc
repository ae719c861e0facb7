// SPDX-License-Identifier: MIT

#include <fcntl.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <string>

#include "base/panic.h"

namespace lt {
namespace {

// What one write to standard error brought.  A pipe of packets keeps writes
// apart, so a line that was written in two pieces is not whole.
class ErrorPipe {
 public:
  ErrorPipe() {
    EXPECT_EQ(pipe2(ends_, O_DIRECT | O_NONBLOCK | O_CLOEXEC), 0);
    saved_ = fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, 3);
    dup2(ends_[1], STDERR_FILENO);
  }
  ~ErrorPipe() {
    dup2(saved_, STDERR_FILENO);
    for (int fd : {ends_[0], ends_[1], saved_}) close(fd);
  }
  std::string Read() {
    char text[4096];
    const ssize_t bytes = read(ends_[0], text, sizeof text);
    return bytes <= 0 ? "" : std::string(text, bytes);
  }

 private:
  int ends_[2];
  int saved_;
};

TEST(PanicTest, ComplainWritesOneLine) {
  std::string line, rest;
  {
    ErrorPipe pipe;
    Complain("%s is %d", "x", 42);
    line = pipe.Read();
    rest = pipe.Read();
  }
  EXPECT_EQ(line, "libthread: x is 42\n");
  EXPECT_EQ(rest, "");
}

TEST(PanicTest, PrintLineHasNoPrefix) {
  std::string line;
  {
    ErrorPipe pipe;
    PrintLine("  %d LWPs", 3);
    line = pipe.Read();
  }
  EXPECT_EQ(line, "  3 LWPs\n");
}

TEST(PanicTest, LongLinesAreCut) {
  const std::string text(5000, 'x');
  std::string line, rest;
  {
    ErrorPipe pipe;
    Complain("%s", text.c_str());
    line = pipe.Read();
    rest = pipe.Read();
  }
  EXPECT_EQ(rest, "");
  ASSERT_GT(line.size(), 900u);
  ASSERT_LE(line.size(), 1024u);
  EXPECT_EQ(line.back(), '\n');
  EXPECT_EQ(line.substr(0, line.size() - 1),
            "libthread: " + text.substr(0, line.size() - 12));
}

// Each length around the limit: nothing but the text, then the line's end.
TEST(PanicTest, LinesAroundTheLimit) {
  for (size_t length = 980; length < 1040; ++length) {
    const std::string text(length, 'y');
    std::string line;
    {
      ErrorPipe pipe;
      PrintLine("%s", text.c_str());
      line = pipe.Read();
    }
    ASSERT_FALSE(line.empty());
    EXPECT_EQ(line, text.substr(0, line.size() - 1) + "\n") << length;
  }
}

TEST(PanicTest, ComplainLeavesErrnoAlone) {
  int after;
  {
    ErrorPipe pipe;
    errno = EXDEV;
    Complain("%d", 1);
    after = errno;
  }
  EXPECT_EQ(after, EXDEV);
}

TEST(PanicDeathTest, TellsAndAborts) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  EXPECT_EXIT(Panic("value %d", 7), testing::KilledBySignal(SIGABRT),
              "libthread: panic: value 7\n");
}

TEST(PanicDeathTest, BrokenInvariant) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  const int one = 1;
  LT_CHECK(one == 1);  // holds: nothing happens
  EXPECT_EXIT(LT_CHECK(one == 2), testing::KilledBySignal(SIGABRT),
              "panic_test.cc:[0-9]+: broken: one == 2");
}

}  // namespace
}  // namespace lt
