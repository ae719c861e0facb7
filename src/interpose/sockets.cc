// SPDX-License-Identifier: MIT
//
// Calls on sockets that block.

#include <sys/socket.h>

#include "api/entry.h"
#include "interpose/blocking.h"
#include "interpose/polled.h"
#include "interpose/poller.h"
#include "interpose/real.h"

// The checked variants, which headers declare under _FORTIFY_SOURCE only.
extern "C" {
ssize_t __recv_chk(int, void*, size_t, size_t, int);
ssize_t __recvfrom_chk(int, void*, size_t, size_t, int, sockaddr*, socklen_t*);
}

LT_EXPORT int accept(int fd, sockaddr* address, socklen_t* length) {
  if (lt::Thread* self = lt::PollingSelf()) {
    return lt::PolledAccept(*self, fd, address, length, 0);
  }
  return lt::Blocking(LT_REAL(accept), fd, address, length);
}

LT_EXPORT int accept4(int fd, sockaddr* address, socklen_t* length, int flags) {
  if (lt::Thread* self = lt::PollingSelf()) {
    return lt::PolledAccept(*self, fd, address, length, flags);
  }
  return lt::Blocking(LT_REAL(accept4), fd, address, length, flags);
}

LT_EXPORT int connect(int fd, const sockaddr* address, socklen_t length) {
  if (lt::Thread* self = lt::PollingSelf()) {
    return lt::PolledConnect(*self, fd, address, length);
  }
  return lt::Blocking(LT_REAL(connect), fd, address, length);
}

LT_EXPORT ssize_t recv(int fd, void* data, size_t size, int flags) {
  if (lt::Thread* self = lt::PollingSelf()) {
    return lt::PolledRecvfrom(*self, fd, data, size, flags, nullptr, nullptr);
  }
  return lt::Blocking(LT_REAL(recv), fd, data, size, flags);
}

LT_EXPORT ssize_t __recv_chk(int fd, void* data, size_t size, size_t room,
                             int flags) {
  // The real one does not return then.
  if (size > room) return LT_REAL(__recv_chk)(fd, data, size, room, flags);
  return recv(fd, data, size, flags);
}

LT_EXPORT ssize_t recvfrom(int fd, void* data, size_t size, int flags,
                           sockaddr* address, socklen_t* length) {
  if (lt::Thread* self = lt::PollingSelf()) {
    return lt::PolledRecvfrom(*self, fd, data, size, flags, address, length);
  }
  return lt::Blocking(LT_REAL(recvfrom), fd, data, size, flags, address,
                      length);
}

LT_EXPORT ssize_t __recvfrom_chk(int fd, void* data, size_t size, size_t room,
                                 int flags, sockaddr* address,
                                 socklen_t* length) {
  if (size > room) {
    return LT_REAL(__recvfrom_chk)(fd, data, size, room, flags, address,
                                   length);
  }
  return recvfrom(fd, data, size, flags, address, length);
}

LT_EXPORT ssize_t recvmsg(int fd, msghdr* message, int flags) {
  if (lt::Thread* self = lt::PollingSelf()) {
    return lt::PolledRecvmsg(*self, fd, message, flags);
  }
  return lt::Blocking(LT_REAL(recvmsg), fd, message, flags);
}

LT_EXPORT int recvmmsg(int fd, mmsghdr* messages, unsigned count, int flags,
                       timespec* timeout) {
  return lt::Blocking(LT_REAL(recvmmsg), fd, messages, count, flags, timeout);
}

LT_EXPORT ssize_t send(int fd, const void* data, size_t size, int flags) {
  if (lt::Thread* self = lt::PollingSelf()) {
    return lt::PolledSend(*self, fd, data, size, flags);
  }
  return lt::Blocking(LT_REAL(send), fd, data, size, flags);
}

LT_EXPORT ssize_t sendto(int fd, const void* data, size_t size, int flags,
                         const sockaddr* address, socklen_t length) {
  // Whether the peer of an address has room, the own socket does not tell.
  if (lt::Thread* self = lt::PollingSelf();
      self != nullptr && address == nullptr) {
    return lt::PolledSend(*self, fd, data, size, flags);
  }
  return lt::Blocking(LT_REAL(sendto), fd, data, size, flags, address, length);
}

LT_EXPORT ssize_t sendmsg(int fd, const msghdr* message, int flags) {
  if (lt::Thread* self = lt::PollingSelf()) {
    return lt::PolledSendmsg(*self, fd, message, flags);
  }
  return lt::Blocking(LT_REAL(sendmsg), fd, message, flags);
}

LT_EXPORT int sendmmsg(int fd, mmsghdr* messages, unsigned count, int flags) {
  return lt::Blocking(LT_REAL(sendmmsg), fd, messages, count, flags);
}
