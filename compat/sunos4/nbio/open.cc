// SPDX-License-Identifier: MIT
//
// open, where it waits for the other end of a pipe with a name; and close, of a
// descriptor that others wait for.

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <climits>
#include <cstdarg>
#include <cstring>

#include "nbio.h"

extern "C" {
int __open_2(const char*, int);
int __open64_2(const char*, int);
int __openat_2(int, const char*, int);
int __openat64_2(int, const char*, int);
}

namespace nbio {
namespace {

struct Request {
  int directory;
  int flags;
  mode_t mode;
  char path[PATH_MAX];
};

int64_t OpenElsewhere(void* argument) {
  const auto& request = *static_cast<const Request*>(argument);
  const int fd = NBIO_NEXT(openat)(request.directory, request.path,
                                   request.flags, request.mode);
  return fd >= 0 ? fd : -errno;
}

void CloseAgain(int64_t fd) {
  if (fd >= 0) syscall(SYS_close, static_cast<int>(fd));
}

bool MayWait(int directory, const char* path, int flags) {
  if (path == nullptr || __lwp_nbio_may_wait() == 0 ||
      (flags & (O_NONBLOCK | O_PATH)) != 0) {
    return false;
  }
  const int error = errno;
  struct stat status;
  const bool fifo =
      fstatat(directory, path, &status, 0) == 0 && S_ISFIFO(status.st_mode);
  errno = error;
  return fifo && strlen(path) < PATH_MAX;
}

int OpenAt(int directory, const char* path, int flags, mode_t mode) {
  if (!MayWait(directory, path, flags)) {
    return NBIO_NEXT(openat)(directory, path, flags, mode);
  }
  Request request = {directory, flags, mode, {}};
  strcpy(request.path, path);
  const Call call = {OpenElsewhere, CloseAgain, &request, sizeof request};
  int64_t fd;
  if (!MakeElsewhere(call, fd)) {
    return NBIO_NEXT(openat)(directory, path, flags, mode);
  }
  if (fd >= 0) return static_cast<int>(fd);
  errno = static_cast<int>(-fd);
  return -1;
}

mode_t Mode(int flags, va_list list) {
  return __OPEN_NEEDS_MODE(flags) ? va_arg(list, mode_t) : 0;
}

}  // namespace
}  // namespace nbio

// With 64-bit offsets all along, a name with 64 is the same function.
#define NBIO_ALIAS(name) NBIO_EXPORT __attribute__((alias(#name), copy(name)))

NBIO_EXPORT int open(const char* path, int flags, ...) {
  va_list list;
  va_start(list, flags);
  const mode_t mode = nbio::Mode(flags, list);
  va_end(list);
  return nbio::OpenAt(AT_FDCWD, path, flags, mode);
}
NBIO_ALIAS(open) int open64(const char*, int, ...);

NBIO_EXPORT int openat(int directory, const char* path, int flags, ...) {
  va_list list;
  va_start(list, flags);
  const mode_t mode = nbio::Mode(flags, list);
  va_end(list);
  return nbio::OpenAt(directory, path, flags, mode);
}
NBIO_ALIAS(openat) int openat64(int, const char*, int, ...);

NBIO_EXPORT int creat(const char* path, mode_t mode) {
  return nbio::OpenAt(AT_FDCWD, path, O_CREAT | O_WRONLY | O_TRUNC, mode);
}
NBIO_ALIAS(creat) int creat64(const char*, mode_t);

// Where a mode is needed the real ones do not return.

NBIO_EXPORT int __open_2(const char* path, int flags) {
  if (__OPEN_NEEDS_MODE(flags)) return NBIO_NEXT(__open_2)(path, flags);
  return nbio::OpenAt(AT_FDCWD, path, flags, 0);
}
NBIO_ALIAS(__open_2) int __open64_2(const char*, int);

NBIO_EXPORT int __openat_2(int directory, const char* path, int flags) {
  if (__OPEN_NEEDS_MODE(flags)) {
    return NBIO_NEXT(__openat_2)(directory, path, flags);
  }
  return nbio::OpenAt(directory, path, flags, 0);
}
NBIO_ALIAS(__openat_2) int __openat64_2(int, const char*, int);

NBIO_EXPORT int close(int fd) {
  const int result = NBIO_NEXT(close)(fd);
  if (result == 0 && __lwp_nbio_may_wait() != 0) __lwp_nbio_closed(fd);
  return result;
}
