// SPDX-License-Identifier: MIT
//
// read and write.  What is no socket is asked whether it is ready; then the
// call itself may block still, if another thread was quicker, and that blocks
// the LWP.  A pipe that is ready has room for PIPE_BUF bytes: no more are
// written at a time.

#include <sys/stat.h>
#include <unistd.h>

#include <climits>

#include "interpose/blocking.h"
#include "interpose/polled.h"
#include "interpose/real.h"
#include "interpose/try_or_park.h"

namespace lt {
namespace {

// What may block for longer than a disk takes.
enum class Slow : unsigned char { kNo, kPipe, kTerminal };

Slow SlownessOf(int fd) {
  struct stat info;
  if (fstat(fd, &info) != 0) return Slow::kNo;
  if (S_ISFIFO(info.st_mode)) return Slow::kPipe;
  return S_ISCHR(info.st_mode) ? Slow::kTerminal : Slow::kNo;
}

// Makes `call` once the descriptor is ready.
template <typename Call>
ssize_t WhenReady(Thread& self, int fd, Direction direction, Call call) {
  return TryOrPark(
      self, fd, direction,
      [&]() -> ssize_t {
        if (IsReady(fd, direction)) return call();
        errno = EAGAIN;
        return -1;
      },
      call);
}

bool IsNoSocket(ssize_t result) {
  return result == -1 && errno == ENOTSOCK;
}

ssize_t WriteToPipe(Thread& self, int fd, const char* data, size_t size) {
  const int saved_errno = errno;
  size_t done = 0;
  while (done < size) {
    const size_t rest = size - done;
    const size_t piece = rest < PIPE_BUF ? rest : PIPE_BUF;
    const ssize_t written = WhenReady(self, fd, Direction::kOut, [&] {
      return Blocking(LT_REAL(write), fd, data + done, piece);
    });
    if (written < 0 && done == 0) return written;
    if (written < 0) break;
    done += static_cast<size_t>(written);
  }
  errno = saved_errno;
  return static_cast<ssize_t>(done);
}

// One part after the other.
ssize_t WritePartsToPipe(Thread& self, int fd, const iovec* parts, int count) {
  ssize_t done = 0;
  for (int i = 0; i < count; ++i) {
    const ssize_t written =
        WriteToPipe(self, fd, static_cast<const char*>(parts[i].iov_base),
                    parts[i].iov_len);
    if (written < 0) return done > 0 ? done : -1;
    done += written;
    if (static_cast<size_t>(written) < parts[i].iov_len) break;
  }
  return done;
}

size_t SizeOf(const iovec* parts, int count) {
  size_t size = 0;
  for (int i = 0; i < count; ++i) size += parts[i].iov_len;
  return size;
}

msghdr MessageOf(const iovec* parts, int count) {
  msghdr message = {};
  message.msg_iov = const_cast<iovec*>(parts);
  message.msg_iovlen = static_cast<size_t>(count);
  return message;
}

// Counts that the kernel refuses are left to it.
bool SaneCount(int count) {
  return count > 0 && count <= IOV_MAX;
}

}  // namespace

ssize_t PolledRead(Thread& self, int fd, void* data, size_t size) {
  const int saved_errno = errno;
  const auto block = [&] { return Blocking(LT_REAL(read), fd, data, size); };
  // Reading nothing is not the same for a socket as receiving nothing.
  if (size == 0) return block();
  const ssize_t result =
      PolledRecvfrom(self, fd, data, size, 0, nullptr, nullptr);
  if (!IsNoSocket(result)) return result;
  errno = saved_errno;
  if (SlownessOf(fd) == Slow::kNo) return block();
  return WhenReady(self, fd, Direction::kIn, block);
}

ssize_t PolledReadv(Thread& self, int fd, const iovec* parts, int count) {
  const int saved_errno = errno;
  const auto block = [&] { return Blocking(LT_REAL(readv), fd, parts, count); };
  if (!SaneCount(count) || SizeOf(parts, count) == 0) return block();
  msghdr message = MessageOf(parts, count);
  const ssize_t result = PolledRecvmsg(self, fd, &message, 0);
  if (!IsNoSocket(result)) return result;
  errno = saved_errno;
  if (SlownessOf(fd) == Slow::kNo) return block();
  return WhenReady(self, fd, Direction::kIn, block);
}

ssize_t PolledWrite(Thread& self, int fd, const void* data, size_t size) {
  const int saved_errno = errno;
  const auto block = [&] { return Blocking(LT_REAL(write), fd, data, size); };
  if (size == 0) return block();
  const ssize_t result = PolledSend(self, fd, data, size, 0);
  if (!IsNoSocket(result)) return result;
  errno = saved_errno;
  const Slow slow = SlownessOf(fd);
  if (slow == Slow::kNo) return block();
  if (slow == Slow::kTerminal) {
    return WhenReady(self, fd, Direction::kOut, block);
  }
  return WriteToPipe(self, fd, static_cast<const char*>(data), size);
}

ssize_t PolledWritev(Thread& self, int fd, const iovec* parts, int count) {
  const int saved_errno = errno;
  const auto block = [&] {
    return Blocking(LT_REAL(writev), fd, parts, count);
  };
  const size_t size = SaneCount(count) ? SizeOf(parts, count) : 0;
  if (size == 0) return block();
  const msghdr message = MessageOf(parts, count);
  const ssize_t result = PolledSendmsg(self, fd, &message, 0);
  if (!IsNoSocket(result)) return result;
  errno = saved_errno;
  const Slow slow = SlownessOf(fd);
  if (slow == Slow::kNo) return block();
  if (slow == Slow::kPipe && size > PIPE_BUF) {
    return WritePartsToPipe(self, fd, parts, count);
  }
  return WhenReady(self, fd, Direction::kOut, block);
}

}  // namespace lt
