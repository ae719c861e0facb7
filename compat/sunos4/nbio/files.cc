// SPDX-License-Identifier: MIT
//
// read and write, on whatever has descriptors.
//
// The kernel is asked not to block (RWF_NOWAIT).  Where it cannot promise that,
// as for terminals, poll(2) is asked before; if another process is quicker than
// we are then, the pod stops until the next data.  Files and directories are
// not waited for.

#include <limits.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "nbio.h"
#include "transfer.h"

// The checked variants, which headers declare under _FORTIFY_SOURCE only.
extern "C" ssize_t __read_chk(int, void*, size_t, size_t);

namespace nbio {
namespace {

#ifndef RWF_NOWAIT
#define RWF_NOWAIT 8
#endif

// poll(2) says that a pipe is ready when that much fits; a terminal less.
constexpr size_t kPipePart = PIPE_BUF;
constexpr size_t kDevicePart = 256;

struct stat StatOf(int fd) {
  struct stat status;
  if (fstat(fd, &status) != 0) status.st_mode = S_IFREG;
  return status;
}

bool IsWaitedFor(const struct stat& status) {
  return !S_ISREG(status.st_mode) && !S_ISDIR(status.st_mode) &&
         !S_ISBLK(status.st_mode);
}

bool CannotPromise() {
  return errno == EOPNOTSUPP || errno == ENOSYS || errno == EINVAL;
}

using Vector = ssize_t (*)(int fd, const iovec* parts, int count);

// One transfer that does not block: -1 and EAGAIN if it would have.
ssize_t Try(long call, Vector plain, int fd, short events, const iovec* parts,
            int count) {
  constexpr long kHere = -1;  // the file's own position
  const ssize_t moved =
      syscall(call, fd, parts, count, kHere, kHere, RWF_NOWAIT);
  if (moved != -1 || !CannotPromise()) return moved;
  if (!IsReady(fd, events)) {
    errno = EAGAIN;
    return -1;
  }
  return plain(fd, parts, count);
}

// Nothing is asked about the descriptor where there is something to read.
ssize_t Read(int fd, const iovec* parts, int count) {
  const int error = errno;
  const Vector plain = NBIO_NEXT(readv);
  const ssize_t got = Try(SYS_preadv2, plain, fd, POLLIN, parts, count);
  if (got != -1 || errno != EAGAIN) return got;
  errno = error;
  if (!MayWaitFor(fd) || !IsWaitedFor(StatOf(fd))) {
    return plain(fd, parts, count);
  }
  return Repeat(
      fd, POLLIN, SO_RCVTIMEO,
      [=] { return Try(SYS_preadv2, plain, fd, POLLIN, parts, count); },
      [=] { return plain(fd, parts, count); });
}

// A call that does not block writes all, however long that takes.
ssize_t Write(int fd, const iovec* parts, int count) {
  const Vector plain = NBIO_NEXT(writev);
  const struct stat status = StatOf(fd);
  if (!IsWaitedFor(status)) return plain(fd, parts, count);
  if (S_ISSOCK(status.st_mode)) {
    msghdr message = {};
    message.msg_iov = const_cast<iovec*>(parts);
    message.msg_iovlen = static_cast<size_t>(count);
    return SendAll(fd, message, 0);
  }
  const size_t part = S_ISFIFO(status.st_mode) ? kPipePart : kDevicePart;
  return MoveAll(parts, count, part, [=](const iovec* some, int number) {
    return Repeat(
        fd, POLLOUT, kNoLimit,
        [=] { return Try(SYS_pwritev2, plain, fd, POLLOUT, some, number); },
        [=] { return plain(fd, some, number); });
  });
}

bool IsVector(const iovec* parts, int count) {
  return parts != nullptr && count > 0 && count <= IOV_MAX;
}

}  // namespace
}  // namespace nbio

NBIO_EXPORT ssize_t read(int fd, void* data, size_t size) {
  if (__lwp_nbio_may_wait() == 0) return NBIO_NEXT(read)(fd, data, size);
  const iovec one = {data, size};
  return nbio::Read(fd, &one, 1);
}

NBIO_EXPORT ssize_t __read_chk(int fd, void* data, size_t size, size_t room) {
  // The real one does not return then.
  if (size > room) return NBIO_NEXT(__read_chk)(fd, data, size, room);
  return read(fd, data, size);
}

NBIO_EXPORT ssize_t readv(int fd, const iovec* parts, int count) {
  if (__lwp_nbio_may_wait() == 0 || !nbio::IsVector(parts, count)) {
    return NBIO_NEXT(readv)(fd, parts, count);
  }
  return nbio::Read(fd, parts, count);
}

NBIO_EXPORT ssize_t write(int fd, const void* data, size_t size) {
  if (!nbio::MayWaitFor(fd)) return NBIO_NEXT(write)(fd, data, size);
  const iovec one = {const_cast<void*>(data), size};
  return nbio::Write(fd, &one, 1);
}

NBIO_EXPORT ssize_t writev(int fd, const iovec* parts, int count) {
  if (!nbio::MayWaitFor(fd) || !nbio::IsVector(parts, count)) {
    return NBIO_NEXT(writev)(fd, parts, count);
  }
  return nbio::Write(fd, parts, count);
}
