// SPDX-License-Identifier: MIT
//
// Threads that park on the poller (LIBTHREAD_POLLER=1), many of them, and much
// data.  The other tests of blocking calls run with the poller too.

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/uio.h>

#include <vector>

#include "support/poller.h"

namespace lt {
namespace {

using BlockingPollerTest = PollerTest;

int KernelThreads() {
  int count = 0;
  for (const auto& task :
       std::filesystem::directory_iterator("/proc/self/task")) {
    static_cast<void>(task);
    ++count;
  }
  return count;
}

TEST_F(BlockingPollerTest, AThousandPipesOnAFewLwps) {
  rlimit limit = {};
  ASSERT_EQ(getrlimit(RLIMIT_NOFILE, &limit), 0);
  limit.rlim_cur = limit.rlim_max;
  ASSERT_EQ(setrlimit(RLIMIT_NOFILE, &limit), 0);
  const int pipes =
      limit.rlim_max < 2200 ? static_cast<int>(limit.rlim_max) / 2 - 50 : 1000;
  const int threads_before = KernelThreads();
  std::vector<TestPipe> all(static_cast<size_t>(pipes));
  std::vector<thread_t> ids;
  std::atomic<int> reading{0};
  std::atomic<int> got{0};
  for (int i = 0; i < pipes; ++i) {
    ids.push_back(Spawn([&, i] {
      ++reading;
      int data = -1;
      EXPECT_EQ(read(all[static_cast<size_t>(i)].out, &data, sizeof data),
                static_cast<ssize_t>(sizeof data));
      EXPECT_EQ(data, i);
      ++got;
    }));
  }
  EXPECT_TRUE(Eventually([&] { return reading == pipes; }));
  EXPECT_TRUE(Quiesce());
  EXPECT_EQ(got, 0);
  // The poller itself, and the pool's own few.
  EXPECT_LE(KernelThreads(), threads_before + 8);
  for (int i = pipes - 1; i >= 0; --i) {
    EXPECT_EQ(write(all[static_cast<size_t>(i)].in, &i, sizeof i),
              static_cast<ssize_t>(sizeof i));
  }
  for (const thread_t id : ids) Join(id);
  EXPECT_EQ(got, pipes);
}

TEST_F(BlockingPollerTest, SeveralReadersAndWritersOfOneSocket) {
  constexpr int kThreads = 8;
  constexpr int kMessages = 200;
  const Pair pair;
  std::atomic<int> received{0};
  std::vector<thread_t> ids;
  for (int i = 0; i < kThreads; ++i) {
    ids.push_back(Spawn([&] {
      char byte;
      for (int n = 0; n < kMessages; ++n) {
        EXPECT_EQ(recv(pair.here, &byte, 1, 0), 1);
        ++received;
        EXPECT_EQ(send(pair.here, &byte, 1, 0), 1);
      }
    }));
    ids.push_back(Spawn([&] {
      char byte = 'x';
      for (int n = 0; n < kMessages; ++n) {
        EXPECT_EQ(send(pair.there, &byte, 1, 0), 1);
        EXPECT_EQ(recv(pair.there, &byte, 1, 0), 1);
      }
    }));
  }
  for (const thread_t id : ids) Join(id);
  EXPECT_EQ(received, kThreads * kMessages);
}

// Both ends in threads of one LWP, perhaps: nobody may block it.
TEST_F(BlockingPollerTest, MuchDataBothWays) {
  const std::string much(4 << 20, 'm');
  struct Transport {
    const char* name;
    std::function<ssize_t(int, const char*, size_t)> write;
  };
  const Transport transports[] = {
      {"write",
       [](int fd, const char* data, size_t n) { return write(fd, data, n); }},
      {"writev",
       [](int fd, const char* data, size_t n) {
         const iovec parts[] = {{const_cast<char*>(data), n / 3},
                                {const_cast<char*>(data) + n / 3, n - n / 3}};
         return writev(fd, parts, 2);
       }},
      {"send",
       [](int fd, const char* data, size_t n) {
         const ssize_t sent = send(fd, data, n, 0);
         return sent == -1 && errno == ENOTSOCK ? write(fd, data, n) : sent;
       }},
      {"sendmsg",
       [](int fd, const char* data, size_t n) {
         iovec parts[] = {{const_cast<char*>(data), n / 3},
                          {const_cast<char*>(data) + n / 3, n - n / 3}};
         msghdr message = {};
         message.msg_iov = parts;
         message.msg_iovlen = 2;
         const ssize_t sent = sendmsg(fd, &message, 0);
         return sent == -1 && errno == ENOTSOCK ? writev(fd, parts, 2) : sent;
       }},
  };
  for (const Transport& transport : transports) {
    SCOPED_TRACE(transport.name);
    const Pair pair;
    const TestPipe pipe;
    const auto send_all = [&](int fd) {
      EXPECT_EQ(transport.write(fd, much.data(), much.size()),
                static_cast<ssize_t>(much.size()));
    };
    const auto receive_all = [&](int fd) {
      std::string piece(10'000, '\0');
      for (size_t left = much.size(); left > 0;) {
        const ssize_t size = read(fd, piece.data(), piece.size());
        ASSERT_GT(size, 0);
        left -= static_cast<size_t>(size);
      }
    };
    const thread_t ids[] = {
        Spawn([&] { send_all(pair.here); }),
        Spawn([&] { send_all(pair.there); }),
        Spawn([&] { receive_all(pair.here); }),
        Spawn([&] { receive_all(pair.there); }),
        Spawn([&] { send_all(pipe.in); }),
        Spawn([&] { receive_all(pipe.out); }),
    };
    for (const thread_t id : ids) Join(id);
  }
}

// A server and its clients, a thread for each connection at both ends.
TEST_F(BlockingPollerTest, ConnectionsWithinOneProcess) {
  constexpr int kConnections = 100;
  const Descriptor listener(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  sockaddr_in address = {};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  auto* generic = reinterpret_cast<sockaddr*>(&address);
  socklen_t length = sizeof address;
  ASSERT_EQ(bind(listener, generic, length), 0);
  ASSERT_EQ(listen(listener, 16), 0);
  ASSERT_EQ(getsockname(listener, generic, &length), 0);
  std::vector<thread_t> ids;
  for (int i = 0; i < kConnections; ++i) {
    ids.push_back(Spawn([&] {
      const Descriptor server(accept(listener, nullptr, nullptr));
      EXPECT_GE(server, 0);
      char data[16];
      ssize_t size;
      while ((size = read(server, data, sizeof data)) > 0) {
        EXPECT_EQ(write(server, data, static_cast<size_t>(size)), size);
      }
      EXPECT_EQ(size, 0);
    }));
    ids.push_back(Spawn([&, i] {
      const Descriptor client(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
      errno = 77;
      EXPECT_EQ(connect(client, generic, sizeof address), 0);
      EXPECT_EQ(errno, 77);
      EXPECT_EQ(fcntl(client, F_GETFL) & O_NONBLOCK, 0);
      for (int n = 0; n < 10; ++n) {
        int data = i * n;
        EXPECT_EQ(send(client, &data, sizeof data, 0),
                  static_cast<ssize_t>(sizeof data));
        data = -1;
        EXPECT_EQ(recv(client, &data, sizeof data, 0),
                  static_cast<ssize_t>(sizeof data));
        EXPECT_EQ(data, i * n);
      }
    }));
  }
  for (const thread_t id : ids) Join(id);
}

}  // namespace
}  // namespace lt
