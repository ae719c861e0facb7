// SPDX-License-Identifier: MIT

#include <fcntl.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <thread>

#include "base/clock.h"
#include "lwp/sampler.h"

namespace lt {
namespace {

// A kernel thread that reads from a pipe, and spins once it got its byte.
class Reader {
 public:
  Reader() {
    EXPECT_EQ(pipe2(ends_, O_CLOEXEC), 0);
    thread_ = std::thread([this] {
      tid_ = gettid();
      char byte;
      got_ = read(ends_[0], &byte, 1);
      while (!stop_) turns_ = turns_ + 1;
    });
    while (tid_ == 0) std::this_thread::yield();
  }
  ~Reader() {
    Stop();
    close(ends_[0]);
    close(ends_[1]);
  }
  pid_t tid() const { return tid_; }
  // Lets it spin; returns when it does.
  void Spin() {
    EXPECT_EQ(write(ends_[1], "x", 1), 1);
    while (turns_ < 10) std::this_thread::yield();
    EXPECT_EQ(got_, 1);
  }
  void Stop() {
    if (!thread_.joinable()) return;
    stop_ = true;
    if (turns_ == 0) {
      EXPECT_EQ(write(ends_[1], "x", 1), 1);
    }
    thread_.join();
  }

 private:
  int ends_[2];
  std::atomic<pid_t> tid_{0};
  std::atomic<ssize_t> got_{0};
  std::atomic<bool> stop_{false};
  std::atomic<uint64_t> turns_{0};
  std::thread thread_;
};

// Samples until the answer is `blocked`; false after ten seconds.
bool Becomes(Sampler& sampler, bool may_keep_open, bool blocked) {
  const Deadline deadline = Deadline::After({10, 0});
  while (sampler.Blocked(may_keep_open) != blocked) {
    if (deadline.Passed()) return false;
    std::this_thread::yield();
  }
  return true;
}

// The parameter: may the sampler keep its descriptor open?
class SamplerTest : public testing::TestWithParam<bool> {};

TEST_P(SamplerTest, AThreadInReadIsBlocked) {
  Reader reader;
  Sampler sampler;
  sampler.Attach(reader.tid());
  EXPECT_TRUE(Becomes(sampler, GetParam(), true));
  for (int i = 0; i < 100; ++i) ASSERT_TRUE(sampler.Blocked(GetParam())) << i;
  sampler.Detach();
}

TEST_P(SamplerTest, ASpinningThreadIsNot) {
  Reader reader;
  reader.Spin();
  Sampler sampler;
  sampler.Attach(reader.tid());
  for (int i = 0; i < 100; ++i) ASSERT_FALSE(sampler.Blocked(GetParam())) << i;
  sampler.Detach();
}

TEST_P(SamplerTest, SeesTheEndOfABlock) {
  Reader reader;
  Sampler sampler;
  sampler.Attach(reader.tid());
  EXPECT_TRUE(Becomes(sampler, GetParam(), true));
  reader.Spin();
  EXPECT_TRUE(Becomes(sampler, GetParam(), false));
  sampler.Detach();
}

TEST_P(SamplerTest, AThreadThatIsGoneCountsAsBlocked) {
  Reader reader;
  reader.Spin();
  Sampler sampler;
  sampler.Attach(reader.tid());
  EXPECT_FALSE(sampler.Blocked(GetParam()));
  reader.Stop();
  // The kernel takes the thread down a little after its join.
  EXPECT_TRUE(Becomes(sampler, GetParam(), true));
  sampler.Detach();
}

INSTANTIATE_TEST_SUITE_P(Descriptor, SamplerTest, testing::Bool(),
                         [](const testing::TestParamInfo<bool>& info) {
                           return info.param ? "Kept" : "Closed";
                         });

// The lowest free descriptor tells whether another one was left open.
int LowestFree() {
  const int fd = open("/dev/null", O_RDONLY | O_CLOEXEC);
  close(fd);
  return fd;
}

TEST(SamplerDescriptorTest, NoneIsLeftOpen) {
  Reader reader;
  const int before = LowestFree();
  Sampler closing;
  closing.Attach(reader.tid());
  closing.Blocked(false);
  EXPECT_EQ(LowestFree(), before);
  Sampler keeping;
  keeping.Attach(reader.tid());
  keeping.Blocked(true);
  EXPECT_NE(LowestFree(), before);
  keeping.Detach();
  EXPECT_EQ(LowestFree(), before);
}

TEST(SamplerDescriptorTest, UnshareFilesConcernsTheCallerOnly) {
  const int fd = open("/dev/null", O_RDONLY | O_CLOEXEC);
  ASSERT_GE(fd, 0);
  bool unshared = false;
  int there = 0;
  int there_error = 0;
  int first = -1;
  std::thread thread([&] {
    unshared = UnshareFiles();
    there = fcntl(fd, F_GETFD);
    there_error = errno;
    first = open("/dev/null", O_RDONLY);
  });
  thread.join();
  EXPECT_TRUE(unshared);
  EXPECT_EQ(there, -1);
  EXPECT_EQ(there_error, EBADF);
  EXPECT_EQ(first, 0) << "the table was not empty";
  EXPECT_EQ(fcntl(fd, F_GETFD), FD_CLOEXEC);
  EXPECT_EQ(LowestFree(), fd + 1) << "a descriptor came into our table";
  close(fd);
}

}  // namespace
}  // namespace lt
