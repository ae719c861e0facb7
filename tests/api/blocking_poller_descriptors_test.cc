// SPDX-License-Identifier: MIT
//
// What happens to descriptors while threads park on the poller for them
// (LIBTHREAD_POLLER=1), and which descriptors nobody parks for.

#include <stdio.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <sys/wait.h>

#include <algorithm>
#include <cstring>
#include <vector>

#include "support/poller.h"

namespace lt {
namespace {

using BlockingPollerDescriptorsTest = PollerTest;

TEST_F(BlockingPollerDescriptorsTest, ClosingWakesWhoWaits) {
  const std::function<void(int)> closers[] = {
      [](int fd) { EXPECT_EQ(close(fd), 0); },
      [](int fd) {
        const Descriptor null(open("/dev/null", O_RDONLY | O_CLOEXEC));
        EXPECT_EQ(dup2(null, fd), fd);
      },
      [](int fd) {
        const Descriptor null(open("/dev/null", O_RDONLY | O_CLOEXEC));
        EXPECT_EQ(dup3(null, fd, O_CLOEXEC), fd);
      },
      [](int fd) { EXPECT_EQ(fclose(fdopen(fd, "r")), 0); },
  };
  for (const auto& closer : closers) {
    SCOPED_TRACE(&closer - closers);
    Pair pair;
    ssize_t result = 77;
    int error = 0;
    const thread_t id = Spawn([&] {
      char data;
      errno = 0;
      result = read(pair.here, &data, 1);
      error = errno;
    });
    EXPECT_TRUE(Quiesce());
    closer(pair.here);
    Join(id);
    // Closed, or now /dev/null.
    EXPECT_TRUE((result == -1 && error == EBADF) || (result == 0 && error == 0))
        << result << " " << error;
    if (result == -1) pair.here.Release();
  }
}

TEST_F(BlockingPollerDescriptorsTest,
       ANumberThatIsUsedAgainIsAnotherDescriptor) {
  for (int round = 0; round < 20; ++round) {
    TestPipe first;
    char data = 0;
    const thread_t id = Spawn([&] { EXPECT_EQ(read(first.out, &data, 1), 1); });
    EXPECT_TRUE(Eventually([&] {
      thr_yield();
      return write(first.in, "a", 1) == 1;
    }));
    Join(id);
    EXPECT_EQ(data, 'a');
    // Closed as the library does not see it.
    EXPECT_EQ(syscall(SYS_close, first.out.Release()), 0);
    EXPECT_EQ(syscall(SYS_close, first.in.Release()), 0);
    const TestPipe second;
    const thread_t other =
        Spawn([&] { EXPECT_EQ(read(second.out, &data, 1), 1); });
    EXPECT_TRUE(Quiesce());
    EXPECT_EQ(write(second.in, "b", 1), 1);
    Join(other);
    EXPECT_EQ(data, 'b');
  }
}

TEST_F(BlockingPollerDescriptorsTest, DuplicatesShareAnOpenFile) {
  const TestPipe pipe;
  const Descriptor copy(dup(pipe.out));
  std::atomic<int> got{0};
  std::vector<thread_t> ids;
  for (const int fd : {static_cast<int>(pipe.out), static_cast<int>(copy)}) {
    ids.push_back(Spawn([&, fd] {
      char data;
      EXPECT_EQ(read(fd, &data, 1), 1);
      ++got;
    }));
  }
  EXPECT_TRUE(Quiesce());
  EXPECT_EQ(write(pipe.in, "a", 1), 1);
  EXPECT_TRUE(Eventually([&] { return got == 1; }));
  EXPECT_EQ(write(pipe.in, "b", 1), 1);
  for (const thread_t id : ids) Join(id);
}

TEST_F(BlockingPollerDescriptorsTest, DescriptorsThatDoNotBlockDoNotPark) {
  const Pair pair;
  const TestPipe pipe;
  for (const int fd : {static_cast<int>(pair.here), static_cast<int>(pipe.out),
                       static_cast<int>(pipe.in)}) {
    ASSERT_EQ(fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) | O_NONBLOCK), 0);
  }
  char data[100] = {};
  const iovec part = {data, sizeof data};
  EXPECT_FAILS(read(pair.here, data, 1), EAGAIN);
  EXPECT_FAILS(readv(pair.here, &part, 1), EAGAIN);
  EXPECT_FAILS(recv(pair.here, data, 1, 0), EAGAIN);
  EXPECT_FAILS(read(pipe.out, data, 1), EAGAIN);
  EXPECT_FAILS(readv(pipe.out, &part, 1), EAGAIN);
  const std::string much(4 << 20, 'm');
  // What goes goes; then nothing.
  for (const int fd :
       {static_cast<int>(pair.here), static_cast<int>(pipe.in)}) {
    ssize_t size = write(fd, much.data(), much.size());
    EXPECT_GT(size, 0);
    EXPECT_LT(size, static_cast<ssize_t>(much.size()));
    while (size > 0) size = write(fd, much.data(), 100);
    EXPECT_FAILS(write(fd, much.data(), 100), EAGAIN);
    EXPECT_FAILS(writev(fd, &part, 1), EAGAIN);
  }
  EXPECT_TRUE((fcntl(pair.here, F_GETFL) & O_NONBLOCK) != 0);
  EXPECT_TRUE((fcntl(pair.there, F_GETFL) & O_NONBLOCK) == 0);
}

TEST_F(BlockingPollerDescriptorsTest, TimeoutsOfSocketsEndWaits) {
  const Pair pair;
  const timeval timeout = {0, 20'000};
  for (const int option : {SO_RCVTIMEO, SO_SNDTIMEO}) {
    ASSERT_EQ(
        setsockopt(pair.here, SOL_SOCKET, option, &timeout, sizeof timeout), 0);
  }
  char data;
  EXPECT_FAILS(recv(pair.here, &data, 1, 0), EAGAIN);
  const std::string much(4 << 20, 'm');
  const ssize_t sent = send(pair.here, much.data(), much.size(), 0);
  EXPECT_GT(sent, 0);
  EXPECT_LT(sent, static_cast<ssize_t>(much.size()));
  EXPECT_FAILS(send(pair.here, much.data(), 100'000, 0), EAGAIN);
}

TEST_F(BlockingPollerDescriptorsTest, RegularFilesAreReadAsEver) {
  const Descriptor file = TemporaryFile();
  const std::string much(1 << 20, 'm');
  EXPECT_EQ(write(file, much.data(), much.size()),
            static_cast<ssize_t>(much.size()));
  EXPECT_EQ(lseek(file, 0, SEEK_SET), 0);
  std::string got(much.size(), '\0');
  const iovec parts[] = {{got.data(), 10}, {got.data() + 10, got.size() - 10}};
  EXPECT_EQ(readv(file, parts, 2), static_cast<ssize_t>(got.size()));
  EXPECT_EQ(got, much);
  EXPECT_EQ(read(file, got.data(), 1), 0);
  EXPECT_EQ(writev(file, parts, 2), static_cast<ssize_t>(got.size()));
}

// The poller's descriptors are not there for the program.
TEST_F(BlockingPollerDescriptorsTest,
       ClosingAllDescriptorsLeavesThePollerAlone) {
  const TestPipe pipe;
  char data;
  const auto round_trip = [&] {
    const thread_t id = Spawn([&] { EXPECT_EQ(read(pipe.out, &data, 1), 1); });
    EXPECT_TRUE(Quiesce());
    EXPECT_EQ(write(pipe.in, "x", 1), 1);
    Join(id);
  };
  round_trip();
  rlimit limit = {};
  ASSERT_EQ(getrlimit(RLIMIT_NOFILE, &limit), 0);
  int last = 0;
  for (const auto& entry :
       std::filesystem::directory_iterator("/proc/self/fd")) {
    last = std::max(last, std::stoi(entry.path().filename()));
  }
  EXPECT_GT(last, pipe.in);
  EXPECT_FAILS(close(last), EBADF);
  EXPECT_FAILS(dup2(pipe.in, last), EBADF);
  EXPECT_FAILS(dup3(pipe.in, last, 0), EBADF);
  round_trip();
}

// The child has a poller of its own.
TEST_F(BlockingPollerDescriptorsTest, AChildGoesOnWithThePoller) {
  const TestPipe pipe;
  char data;
  const thread_t waits = Spawn([&] { EXPECT_EQ(read(pipe.out, &data, 1), 1); });
  EXPECT_TRUE(Quiesce());
  const pid_t child = fork();
  if (child == 0) {
    int fds[2];
    if (pipe2(fds, O_CLOEXEC) != 0) _exit(1);
    const thread_t writer =
        Spawn([&] { _exit(write(fds[1], "x", 1) == 1 ? 0 : 2); });
    static_cast<void>(writer);
    read(fds[0], fds, 1);
    thr_exit(nullptr);
  }
  ASSERT_GT(child, 0);
  int status = -1;
  EXPECT_EQ(waitpid(child, &status, 0), child);
  EXPECT_EQ(status, 0);
  EXPECT_EQ(write(pipe.in, "x", 1), 1);
  Join(waits);
}

}  // namespace
}  // namespace lt
