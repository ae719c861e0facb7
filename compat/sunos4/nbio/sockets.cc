// SPDX-License-Identifier: MIT
//
// accept(2) has no flag not to block: if another process that shares the socket
// is quicker after poll(2) has said that somebody is there, the pod stops until
// the next one comes.

#include <fcntl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "nbio.h"
#include "transfer.h"

// The checked variants, which headers declare under _FORTIFY_SOURCE only.
extern "C" {
ssize_t __recv_chk(int, void*, size_t, size_t, int);
ssize_t __recvfrom_chk(int, void*, size_t, size_t, int, sockaddr*, socklen_t*);
}

namespace nbio {
namespace {

bool IsStream(int fd) {
  int type = 0;
  socklen_t bytes = sizeof type;
  return getsockopt(fd, SOL_SOCKET, SO_TYPE, &type, &bytes) == 0 &&
         type == SOCK_STREAM;
}

ssize_t RealSend(int fd, const msghdr& message, int flags) {
  return NBIO_NEXT(sendmsg)(fd, &message, flags);
}

ssize_t RealReceive(int fd, msghdr& message, int flags) {
  return NBIO_NEXT(recvmsg)(fd, &message, flags);
}

bool MayWait(int fd, int flags) {
  return (flags & (MSG_DONTWAIT | MSG_ERRQUEUE)) == 0 && MayWaitFor(fd);
}

// recvmsg(2) changes the message, also where it fails.
ssize_t ReceiveSome(int fd, msghdr& message, int flags) {
  const msghdr before = message;
  const short events = (flags & MSG_OOB) != 0 ? POLLPRI : POLLIN;
  return Repeat(
      fd, events, SO_RCVTIMEO,
      [&] {
        message = before;
        return RealReceive(fd, message, flags | MSG_DONTWAIT);
      },
      [&] {
        message = before;
        return RealReceive(fd, message, flags);
      });
}

// With MSG_WAITALL the address and what is beside the data come with the first
// of it.
ssize_t Receive(int fd, msghdr& message, int flags) {
  const iovec* parts = message.msg_iov;
  const size_t count = message.msg_iovlen;
  const bool all = (flags & MSG_WAITALL) != 0 && (flags & MSG_PEEK) == 0 &&
                   parts != nullptr && count > 0 && IsStream(fd);
  if (!all) return ReceiveSome(fd, message, flags);
  bool first = true;
  const ssize_t total =
      MoveAll(parts, count, SIZE_MAX, [&](iovec* some, int number) {
        msghdr more = {};
        msghdr& now = first ? message : more;
        now.msg_iov = some;
        now.msg_iovlen = static_cast<size_t>(number);
        first = false;
        return ReceiveSome(fd, now, flags & ~MSG_WAITALL);
      });
  message.msg_iov = const_cast<iovec*>(parts);
  message.msg_iovlen = count;
  return total;
}

ssize_t SendSome(int fd, const msghdr& message, int flags) {
  return Repeat(
      fd, POLLOUT, SO_SNDTIMEO,
      [&] { return RealSend(fd, message, flags | MSG_DONTWAIT); },
      [&] { return RealSend(fd, message, flags); });
}

// 0, or the error.
int FinishConnect(int fd) {
  const Nanoseconds deadline = SocketDeadline(fd, SO_SNDTIMEO);
  while (!IsReady(fd, POLLOUT)) {
    const Wake wake = Await(fd, POLLOUT, deadline);
    if (wake == Wake::kTimeout) return EINPROGRESS;
    if (wake == Wake::kNoRoom) {
      pollfd one = {fd, POLLOUT, 0};
      NBIO_NEXT(poll)(&one, 1, -1);
    }
  }
  int error = 0;
  socklen_t bytes = sizeof error;
  if (getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &bytes) != 0) return errno;
  return error;
}

struct Connection {
  int fd;
  socklen_t bytes;
  sockaddr_storage address;
};

int64_t ConnectElsewhere(void* argument) {
  auto& to = *static_cast<Connection*>(argument);
  const auto* address = reinterpret_cast<const sockaddr*>(&to.address);
  return NBIO_NEXT(connect)(to.fd, address, to.bytes) == 0 ? 0 : -errno;
}

// A local socket's queue is full, and no descriptor tells when it is not.
int WaitToConnect(int fd, const sockaddr* address, socklen_t bytes) {
  Connection to = {fd, bytes, {}};
  if (bytes > sizeof to.address) return EINVAL;
  __builtin_memcpy(&to.address, address, bytes);
  int64_t result;
  const Call call = {ConnectElsewhere, nullptr, &to, sizeof to};
  if (!MakeElsewhere(call, result)) result = ConnectElsewhere(&to);
  return static_cast<int>(-result);
}

int Connect(int fd, const sockaddr* address, socklen_t bytes) {
  const int before = errno;
  // For the time of the call itself: the socket is not to block in it.
  const long flags = syscall(SYS_fcntl, fd, F_GETFL);
  syscall(SYS_fcntl, fd, F_SETFL, flags | O_NONBLOCK);
  int error = NBIO_NEXT(connect)(fd, address, bytes) == 0 ? 0 : errno;
  syscall(SYS_fcntl, fd, F_SETFL, flags);
  if (error == EAGAIN) error = WaitToConnect(fd, address, bytes);
  if (error == EINPROGRESS) error = FinishConnect(fd);
  errno = error == 0 ? before : error;
  return error == 0 ? 0 : -1;
}

bool Listens(int fd) {
  const int error = errno;
  int listens = 0;
  socklen_t bytes = sizeof listens;
  const bool known =
      getsockopt(fd, SOL_SOCKET, SO_ACCEPTCONN, &listens, &bytes) == 0;
  errno = error;
  return known && listens != 0;
}

template <typename Accept>
int AcceptWith(int fd, Accept accept) {
  if (!Listens(fd)) return accept();  // which says why not
  return Repeat(
      fd, POLLIN, SO_RCVTIMEO,
      [&] {
        if (IsReady(fd, POLLIN)) return accept();
        errno = EAGAIN;
        return -1;
      },
      accept);
}

}  // namespace

ssize_t SendAll(int fd, const msghdr& message, int flags) {
  if (message.msg_iovlen == 0 || !IsStream(fd)) {
    return SendSome(fd, message, flags);
  }
  bool first = true;
  return MoveAll(message.msg_iov, message.msg_iovlen, SIZE_MAX,
                 [&](iovec* some, int number) {
                   msghdr part = message;
                   part.msg_iov = some;
                   part.msg_iovlen = static_cast<size_t>(number);
                   // What is beside the data goes with the first of it.
                   if (!first) part.msg_control = nullptr;
                   if (!first) part.msg_controllen = 0;
                   first = false;
                   return SendSome(fd, part, flags);
                 });
}

}  // namespace nbio

NBIO_EXPORT int accept(int fd, sockaddr* address, socklen_t* bytes) {
  const auto next = NBIO_NEXT(accept);
  if (!nbio::MayWaitFor(fd)) return next(fd, address, bytes);
  return nbio::AcceptWith(fd, [=] { return next(fd, address, bytes); });
}

NBIO_EXPORT int accept4(int fd, sockaddr* address, socklen_t* bytes,
                        int flags) {
  const auto next = NBIO_NEXT(accept4);
  if (!nbio::MayWaitFor(fd)) return next(fd, address, bytes, flags);
  return nbio::AcceptWith(fd, [=] { return next(fd, address, bytes, flags); });
}

NBIO_EXPORT int connect(int fd, const sockaddr* address, socklen_t bytes) {
  if (!nbio::MayWaitFor(fd)) return NBIO_NEXT(connect)(fd, address, bytes);
  return nbio::Connect(fd, address, bytes);
}

NBIO_EXPORT ssize_t recvmsg(int fd, msghdr* message, int flags) {
  if (message == nullptr || !nbio::MayWait(fd, flags)) {
    return NBIO_NEXT(recvmsg)(fd, message, flags);
  }
  return nbio::Receive(fd, *message, flags);
}

NBIO_EXPORT ssize_t recvfrom(int fd, void* data, size_t size, int flags,
                             sockaddr* address, socklen_t* bytes) {
  if (!nbio::MayWait(fd, flags)) {
    return NBIO_NEXT(recvfrom)(fd, data, size, flags, address, bytes);
  }
  iovec one = {data, size};
  msghdr message = {};
  message.msg_iov = &one;
  message.msg_iovlen = 1;
  if (address != nullptr && bytes != nullptr) {
    message.msg_name = address;
    message.msg_namelen = *bytes;
  }
  const ssize_t got = nbio::Receive(fd, message, flags);
  if (got >= 0 && message.msg_name != nullptr) *bytes = message.msg_namelen;
  return got;
}

NBIO_EXPORT ssize_t recv(int fd, void* data, size_t size, int flags) {
  return recvfrom(fd, data, size, flags, nullptr, nullptr);
}

NBIO_EXPORT ssize_t __recv_chk(int fd, void* data, size_t size, size_t room,
                               int flags) {
  // The real one does not return then.
  if (size > room) return NBIO_NEXT(__recv_chk)(fd, data, size, room, flags);
  return recv(fd, data, size, flags);
}

NBIO_EXPORT ssize_t __recvfrom_chk(int fd, void* data, size_t size, size_t room,
                                   int flags, sockaddr* address,
                                   socklen_t* bytes) {
  if (size > room) {
    return NBIO_NEXT(__recvfrom_chk)(fd, data, size, room, flags, address,
                                     bytes);
  }
  return recvfrom(fd, data, size, flags, address, bytes);
}

NBIO_EXPORT ssize_t sendmsg(int fd, const msghdr* message, int flags) {
  if (message == nullptr || !nbio::MayWait(fd, flags)) {
    return NBIO_NEXT(sendmsg)(fd, message, flags);
  }
  return nbio::SendAll(fd, *message, flags);
}

NBIO_EXPORT ssize_t sendto(int fd, const void* data, size_t size, int flags,
                           const sockaddr* address, socklen_t bytes) {
  if (!nbio::MayWait(fd, flags)) {
    return NBIO_NEXT(sendto)(fd, data, size, flags, address, bytes);
  }
  iovec one = {const_cast<void*>(data), size};
  msghdr message = {};
  message.msg_iov = &one;
  message.msg_iovlen = 1;
  message.msg_name = const_cast<sockaddr*>(address);
  message.msg_namelen = address != nullptr ? bytes : 0;
  return nbio::SendAll(fd, message, flags);
}

NBIO_EXPORT ssize_t send(int fd, const void* data, size_t size, int flags) {
  return sendto(fd, data, size, flags, nullptr, 0);
}
