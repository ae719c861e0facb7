// SPDX-License-Identifier: MIT
//
// Sockets are tried with MSG_DONTWAIT.

#include <fcntl.h>
#include <poll.h>

#include "interpose/blocking.h"
#include "interpose/polled.h"
#include "interpose/real.h"
#include "interpose/try_or_park.h"

namespace lt {
namespace {

// With these the poller has nothing to do.
constexpr int kNotPolledIn =
    MSG_DONTWAIT | MSG_WAITALL | MSG_OOB | MSG_ERRQUEUE;
constexpr int kNotPolledOut = MSG_DONTWAIT | MSG_OOB;

// The rest of what a call has sent in part, as a blocking call would send it:
// the number of bytes, or -1.
ssize_t SendRest(Thread& self, int fd, const char* data, size_t size,
                 int flags) {
  size_t done = 0;
  while (done < size) {
    // An error after a part has gone is for the next call, SIGPIPE too.
    const ssize_t sent = TryOrPark(
        self, fd, Direction::kOut,
        [&] {
          return LT_REAL(send)(fd, data + done, size - done,
                               flags | MSG_DONTWAIT | MSG_NOSIGNAL);
        },
        [&] {
          return Blocking(LT_REAL(send), fd, data + done, size - done,
                          flags | MSG_NOSIGNAL);
        });
    if (sent < 0) return done == 0 ? -1 : static_cast<ssize_t>(done);
    done += static_cast<size_t>(sent);
  }
  return static_cast<ssize_t>(done);
}

// How many bytes of `message` have gone in the end, when `sent` have.
ssize_t SendRestOf(Thread& self, int fd, const msghdr& message, ssize_t sent,
                   int flags) {
  const int saved_errno = errno;
  auto skip = static_cast<size_t>(sent);
  for (size_t i = 0; i < message.msg_iovlen; ++i) {
    const iovec& part = message.msg_iov[i];
    if (skip >= part.iov_len) {
      skip -= part.iov_len;
      continue;
    }
    const size_t size = part.iov_len - skip;
    const ssize_t more = SendRest(
        self, fd, static_cast<const char*>(part.iov_base) + skip, size, flags);
    if (more > 0) sent += more;
    if (more < 0 || static_cast<size_t>(more) < size) break;
    skip = 0;
  }
  errno = saved_errno;
  return sent;
}

bool Listens(int fd) {
  const int saved_errno = errno;
  int listens = 0;
  socklen_t length = sizeof listens;
  const int error =
      getsockopt(fd, SOL_SOCKET, SO_ACCEPTCONN, &listens, &length);
  errno = saved_errno;
  return error == 0 && listens != 0;
}

}  // namespace

bool IsNonBlocking(int fd) {
  const int flags = LT_REAL(fcntl)(fd, F_GETFL);
  return flags >= 0 && (flags & O_NONBLOCK) != 0;
}

bool IsReady(int fd, Direction direction) {
  pollfd entry = {};
  entry.fd = fd;
  entry.events = direction == Direction::kIn ? POLLIN : POLLOUT;
  // An error is for the call itself to find.
  return LT_REAL(poll)(&entry, 1, 0) != 0;
}

Deadline SocketDeadline(int fd, Direction direction) {
  timeval timeout = {};
  socklen_t length = sizeof timeout;
  const int option = direction == Direction::kIn ? SO_RCVTIMEO : SO_SNDTIMEO;
  if (getsockopt(fd, SOL_SOCKET, option, &timeout, &length) != 0 ||
      (timeout.tv_sec == 0 && timeout.tv_usec == 0)) {
    return Deadline::Never();
  }
  return Deadline::After({timeout.tv_sec, timeout.tv_usec * 1000});
}

ssize_t PolledRecvfrom(Thread& self, int fd, void* data, size_t size, int flags,
                       sockaddr* address, socklen_t* length) {
  const auto block = [&] {
    return Blocking(LT_REAL(recvfrom), fd, data, size, flags, address, length);
  };
  if ((flags & kNotPolledIn) != 0) return block();
  return TryOrPark(
      self, fd, Direction::kIn,
      [&] {
        return LT_REAL(recvfrom)(fd, data, size, flags | MSG_DONTWAIT, address,
                                 length);
      },
      block);
}

ssize_t PolledRecvmsg(Thread& self, int fd, msghdr* message, int flags) {
  const auto block = [&] {
    return Blocking(LT_REAL(recvmsg), fd, message, flags);
  };
  if ((flags & kNotPolledIn) != 0) return block();
  return TryOrPark(
      self, fd, Direction::kIn,
      [&] { return LT_REAL(recvmsg)(fd, message, flags | MSG_DONTWAIT); },
      block);
}

ssize_t PolledSend(Thread& self, int fd, const void* data, size_t size,
                   int flags) {
  const auto block = [&] {
    return Blocking(LT_REAL(send), fd, data, size, flags);
  };
  if ((flags & kNotPolledOut) != 0) return block();
  const ssize_t sent = TryOrPark(
      self, fd, Direction::kOut,
      [&] { return LT_REAL(send)(fd, data, size, flags | MSG_DONTWAIT); },
      block);
  if (sent < 0 || static_cast<size_t>(sent) == size) return sent;
  iovec part = {const_cast<void*>(data), size};
  msghdr message = {};
  message.msg_iov = &part;
  message.msg_iovlen = 1;
  return SendRestOf(self, fd, message, sent, flags);
}

ssize_t PolledSendmsg(Thread& self, int fd, const msghdr* message, int flags) {
  const auto block = [&] {
    return Blocking(LT_REAL(sendmsg), fd, message, flags);
  };
  // Whether the peer of an address has room, the own socket does not tell.
  if ((flags & kNotPolledOut) != 0 || message == nullptr ||
      message->msg_name != nullptr) {
    return block();
  }
  const ssize_t sent = TryOrPark(
      self, fd, Direction::kOut,
      [&] { return LT_REAL(sendmsg)(fd, message, flags | MSG_DONTWAIT); },
      block);
  return sent < 0 ? sent : SendRestOf(self, fd, *message, sent, flags);
}

// Another thread may be quicker to accept; then this one blocks its LWP.
int PolledAccept(Thread& self, int fd, sockaddr* address, socklen_t* length,
                 int flags) {
  const auto accept = [&] {
    return Blocking(LT_REAL(accept4), fd, address, length, flags);
  };
  // What is refused is refused at once.
  if (!Listens(fd) || (flags & ~(SOCK_CLOEXEC | SOCK_NONBLOCK)) != 0) {
    return accept();
  }
  return TryOrPark(
      self, fd, Direction::kIn,
      [&] {
        if (IsReady(fd, Direction::kIn)) return accept();
        errno = EAGAIN;
        return -1;
      },
      accept);
}

// There is no flag for one attempt: the socket, which nobody can use yet, does
// not block for the time of that system call.
int PolledConnect(Thread& self, int fd, const sockaddr* address,
                  socklen_t length) {
  const auto block = [&] {
    return Blocking(LT_REAL(connect), fd, address, length);
  };
  int type = 0;
  socklen_t type_length = sizeof type;
  const int saved_errno = errno;
  const bool by_tcp =
      address != nullptr && length >= sizeof address->sa_family &&
      (address->sa_family == AF_INET || address->sa_family == AF_INET6) &&
      getsockopt(fd, SOL_SOCKET, SO_TYPE, &type, &type_length) == 0 &&
      type == SOCK_STREAM;
  const int file_flags = by_tcp ? LT_REAL(fcntl)(fd, F_GETFL) : -1;
  errno = saved_errno;
  if (file_flags < 0 || (file_flags & O_NONBLOCK) != 0) return block();
  LT_REAL(fcntl)(fd, F_SETFL, file_flags | O_NONBLOCK);
  const int result = LT_REAL(connect)(fd, address, length);
  const int error = errno;
  LT_REAL(fcntl)(fd, F_SETFL, file_flags);
  errno = error;
  // EALREADY: an earlier call was interrupted.
  if (result == 0 || (error != EINPROGRESS && error != EALREADY)) return result;
  const Deadline deadline = SocketDeadline(fd, Direction::kOut);
  for (;;) {
    const uint32_t seen = EventsSoFar(fd, Direction::kOut);
    if (IsReady(fd, Direction::kOut)) break;
    const int wait = AwaitEvent(self, fd, Direction::kOut, seen, deadline);
    if (wait == ETIME || wait == EINTR) {
      errno = wait == ETIME ? EINPROGRESS : EINTR;
      return -1;
    }
    if (wait != 0) return block();
  }
  int outcome = 0;
  socklen_t outcome_length = sizeof outcome;
  if (getsockopt(fd, SOL_SOCKET, SO_ERROR, &outcome, &outcome_length) != 0) {
    return -1;
  }
  errno = outcome == 0 ? saved_errno : outcome;
  return outcome == 0 ? 0 : -1;
}

}  // namespace lt
