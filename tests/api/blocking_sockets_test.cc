// SPDX-License-Identifier: MIT
//
// Calls on sockets: they block, and say what they say without the library.

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/uio.h>

#include <cstring>

#include "support/blocking.h"

extern "C" {
// What the checking headers make of recv and its kin.
ssize_t __recv_chk(int, void*, size_t, size_t, int);
ssize_t __recvfrom_chk(int, void*, size_t, size_t, int, sockaddr*, socklen_t*);
}

namespace lt {
namespace {

using BlockingSocketsTest = ApiTest;
LT_OVER_KINDS(BlockingSocketsTest);

struct SocketPair {
  explicit SocketPair(int type = SOCK_STREAM) {
    int fds[2] = {-1, -1};
    EXPECT_EQ(socketpair(AF_UNIX, type | SOCK_CLOEXEC, 0, fds), 0);
    here = Descriptor(fds[0]);
    there = Descriptor(fds[1]);
  }
  Descriptor here;
  Descriptor there;
};

sockaddr* Generic(sockaddr_in* address) {
  return reinterpret_cast<sockaddr*>(address);
}

// Listens on a free port of the loopback interface.
Descriptor Listen(sockaddr_in& address) {
  Descriptor listener(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  address = {};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t length = sizeof address;
  EXPECT_EQ(bind(listener, Generic(&address), length), 0);
  EXPECT_EQ(listen(listener, 16), 0);
  EXPECT_EQ(getsockname(listener, Generic(&address), &length), 0);
  return listener;
}

TEST_P(BlockingSocketsTest, ReceivingWaits) {
  Join(Spawn([] {
    const SocketPair pair;
    char data[8] = {};
    iovec part = {data, sizeof data};
    msghdr message = {};
    message.msg_iov = &part;
    message.msg_iovlen = 1;
    mmsghdr messages[1] = {};
    messages[0].msg_hdr = message;
    const std::function<ssize_t()> calls[] = {
        [&] { return recv(pair.here, data, sizeof data, 0); },
        [&] { return recvfrom(pair.here, data, 8, 0, nullptr, nullptr); },
        [&] { return recvmsg(pair.here, &message, 0); },
        [&] { return read(pair.here, data, sizeof data); },
        [&] { return readv(pair.here, &part, 1); },
        [&] { return __recv_chk(pair.here, data, 8, 8, 0); },
        [&] {
          return __recvfrom_chk(pair.here, data, 8, 8, 0, nullptr, nullptr);
        },
        [&] {
          EXPECT_EQ(recvmmsg(pair.here, messages, 1, 0, nullptr), 1);
          return static_cast<ssize_t>(messages[0].msg_len);
        },
    };
    for (const auto& call : calls) {
      SCOPED_TRACE(&call - calls);
      const WhenAsleep sender(
          [&] { EXPECT_EQ(send(pair.there, "ab", 2, 0), 2); });
      errno = 77;
      EXPECT_EQ(call(), 2);
      EXPECT_EQ(errno, 77);
      EXPECT_EQ(std::string(data, 2), "ab");
      std::memset(data, 0, sizeof data);
    }
  }));
}

TEST_P(BlockingSocketsTest, SendingWaits) {
  Join(Spawn([] {
    const SocketPair pair;
    const std::string much(1 << 20, 'm');
    iovec part = {const_cast<char*>(much.data()), much.size()};
    msghdr message = {};
    message.msg_iov = &part;
    message.msg_iovlen = 1;
    mmsghdr messages[1] = {};
    messages[0].msg_hdr = message;
    const std::function<ssize_t()> calls[] = {
        [&] { return send(pair.here, much.data(), much.size(), 0); },
        [&] {
          return sendto(pair.here, much.data(), much.size(), 0, nullptr, 0);
        },
        [&] { return sendmsg(pair.here, &message, 0); },
        [&] { return write(pair.here, much.data(), much.size()); },
        [&] { return writev(pair.here, &part, 1); },
        [&] {
          EXPECT_EQ(sendmmsg(pair.here, messages, 1, 0), 1);
          return static_cast<ssize_t>(messages[0].msg_len);
        },
    };
    for (const auto& call : calls) {
      SCOPED_TRACE(&call - calls);
      const WhenAsleep receiver([&] {
        std::string piece(1 << 16, '\0');
        for (size_t left = much.size(); left > 0;) {
          const ssize_t size = recv(pair.there, piece.data(), piece.size(), 0);
          ASSERT_GT(size, 0);
          left -= static_cast<size_t>(size);
        }
      });
      EXPECT_EQ(call(), static_cast<ssize_t>(much.size()));
    }
  }));
}

TEST_P(BlockingSocketsTest, AcceptWaitsForConnect) {
  Join(Spawn([] {
    sockaddr_in address;
    const Descriptor listener = Listen(address);
    for (const bool four : {false, true}) {
      Descriptor client(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
      sockaddr_in from = {};
      socklen_t length = sizeof from;
      const WhenAsleep connector([&] {
        EXPECT_EQ(connect(client, Generic(&address), sizeof address), 0);
      });
      const Descriptor server(
          four ? accept4(listener, Generic(&from), &length, SOCK_NONBLOCK)
               : accept(listener, Generic(&from), &length));
      EXPECT_GE(server, 0);
      EXPECT_EQ(from.sin_family, AF_INET);
      EXPECT_EQ((fcntl(server, F_GETFL) & O_NONBLOCK) != 0, four);
    }
  }));
}

TEST_P(BlockingSocketsTest, ErrorsAreLibcs) {
  Join(Spawn([] {
    sockaddr_in address;
    { const Descriptor closed = Listen(address); }
    const Descriptor client(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
    EXPECT_FAILS(connect(client, Generic(&address), sizeof address),
                 ECONNREFUSED);
    char data = 0;
    iovec part = {&data, 1};
    msghdr message = {};
    message.msg_iov = &part;
    message.msg_iovlen = 1;
    mmsghdr messages[1] = {};
    EXPECT_FAILS(accept(kNoDescriptor, nullptr, nullptr), EBADF);
    EXPECT_FAILS(accept4(0, nullptr, nullptr, -1), EINVAL);
    const TestPipe pipe;
    EXPECT_FAILS(accept(pipe.out, nullptr, nullptr), ENOTSOCK);
    EXPECT_FAILS(connect(kNoDescriptor, Generic(&address), sizeof address),
                 EBADF);
    EXPECT_FAILS(recv(pipe.out, &data, 1, 0), ENOTSOCK);
    EXPECT_FAILS(recvfrom(kNoDescriptor, &data, 1, 0, nullptr, nullptr), EBADF);
    EXPECT_FAILS(recvmsg(kNoDescriptor, &message, 0), EBADF);
    EXPECT_FAILS(recvmmsg(kNoDescriptor, messages, 1, 0, nullptr), EBADF);
    EXPECT_FAILS(send(pipe.in, &data, 1, 0), ENOTSOCK);
    EXPECT_FAILS(sendto(kNoDescriptor, &data, 1, 0, nullptr, 0), EBADF);
    EXPECT_FAILS(sendmsg(kNoDescriptor, &message, 0), EBADF);
    EXPECT_FAILS(sendmmsg(kNoDescriptor, messages, 1, 0), EBADF);
    SocketPair pair;
    EXPECT_FAILS(recv(pair.here, &data, 1, MSG_DONTWAIT), EAGAIN);
    pair.there = Descriptor();
    EXPECT_FAILS(send(pair.here, &data, 1, MSG_NOSIGNAL), EPIPE);
    EXPECT_EQ(recv(pair.here, &data, 1, 0), 0);
  }));
}

TEST_P(BlockingSocketsTest, ATimeoutOfTheSocketEndsTheWait) {
  Join(Spawn([] {
    const SocketPair pair;
    const timeval timeout = {0, 20'000};
    ASSERT_EQ(setsockopt(pair.here, SOL_SOCKET, SO_RCVTIMEO, &timeout,
                         sizeof timeout),
              0);
    char data;
    EXPECT_FAILS(recv(pair.here, &data, 1, 0), EAGAIN);
    EXPECT_FAILS(read(pair.here, &data, 1), EAGAIN);
  }));
}

}  // namespace
}  // namespace lt
