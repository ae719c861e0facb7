// SPDX-License-Identifier: MIT

#include <fcntl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <unistd.h>

#include "nbio.h"

namespace nbio {

Nanoseconds Now() {
  timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return now.tv_sec * kSecond + now.tv_nsec;
}

Nanoseconds After(int64_t seconds, int64_t nanoseconds) {
  constexpr int64_t kMostSeconds = 4000000000;
  if (seconds > kMostSeconds) return kNever;
  return Now() + seconds * kSecond + nanoseconds;
}

bool MayWaitFor(int fd) {
  if (__lwp_nbio_may_wait() == 0) return false;
  const int error = errno;
  const long flags = syscall(SYS_fcntl, fd, F_GETFL);
  errno = error;
  return flags >= 0 && (flags & O_NONBLOCK) == 0;
}

bool IsReady(int fd, short events) {
  pollfd one = {fd, events, 0};
  return NBIO_NEXT(poll)(&one, 1, 0) != 0;
}

Wake AwaitAll(const pollfd* fds, unsigned count, Nanoseconds deadline) {
  switch (__lwp_nbio_await(fds, count, deadline, nullptr, nullptr)) {
    case 0:
      return Wake::kTimeout;
    case 1:
      return Wake::kTryAgain;
    default:
      return Wake::kNoRoom;
  }
}

Wake Await(int fd, short events, Nanoseconds deadline) {
  const pollfd one = {fd, events, 0};
  return AwaitAll(&one, 1, deadline);
}

Nanoseconds SocketDeadline(int fd, int option) {
  const int error = errno;
  timeval limit = {};
  socklen_t bytes = sizeof limit;
  if (getsockopt(fd, SOL_SOCKET, option, &limit, &bytes) != 0) limit = {};
  errno = error;
  if (limit.tv_sec == 0 && limit.tv_usec == 0) return kNever;
  constexpr int64_t kMicrosecond = 1000;
  return After(limit.tv_sec, limit.tv_usec * kMicrosecond);
}

}  // namespace nbio
