// SPDX-License-Identifier: MIT
//
// Calls that close descriptors.  Threads that wait for one through the poller
// must notice.  The poller's own descriptors count as not open.

#include <stdio.h>
#include <unistd.h>

#include <cerrno>

#include "api/entry.h"
#include "interpose/blocking.h"
#include "interpose/poller.h"
#include "interpose/real.h"

namespace {

int RefuseAsClosed() {
  errno = EBADF;
  return -1;
}

// Not to be repeated: after EINTR the descriptor is closed all the same.
int CloseOnce(int fd) {
  const lt::Thread* self = lt::Current();
  if (self == nullptr) return LT_REAL(close)(fd);
  const int saved_errno = errno;
  const lt::Interruptions interruptions(*self);
  const int result = lt::Announced(LT_REAL(close), fd);
  if (result == 0 || errno != EINTR || interruptions.HandlerRan()) {
    return result;
  }
  errno = saved_errno;
  return 0;
}

}  // namespace

LT_EXPORT int close(int fd) {
  if (lt::BelongsToPoller(fd)) return RefuseAsClosed();
  const int result = CloseOnce(fd);
  lt::NoteClosed(fd);
  return result;
}

// These close what was there before.

LT_EXPORT int dup2(int from, int to) noexcept {
  if (lt::BelongsToPoller(to)) return RefuseAsClosed();
  const int result = LT_REAL(dup2)(from, to);
  if (from != to) lt::NoteClosed(to);
  return result;
}

LT_EXPORT int dup3(int from, int to, int flags) noexcept {
  if (lt::BelongsToPoller(to)) return RefuseAsClosed();
  const int result = LT_REAL(dup3)(from, to, flags);
  lt::NoteClosed(to);
  return result;
}

LT_EXPORT int fclose(FILE* file) {
  const int saved_errno = errno;
  const int fd = lt::g_config.poller ? fileno(file) : -1;
  errno = saved_errno;  // a stream without a descriptor
  // Not announced: it holds the lock of the stream.
  const int result = LT_REAL(fclose)(file);
  lt::NoteClosed(fd);
  return result;
}
