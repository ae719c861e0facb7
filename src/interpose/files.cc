// SPDX-License-Identifier: MIT
//
// Calls on files and terminals that block.

#include <fcntl.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/uio.h>
#include <termios.h>
#include <unistd.h>

#include <cstdarg>

#include "api/entry.h"
#include "interpose/blocking.h"
#include "interpose/polled.h"
#include "interpose/poller.h"
#include "interpose/real.h"

// The checked variants, which headers declare under _FORTIFY_SOURCE only.
extern "C" {
ssize_t __read_chk(int, void*, size_t, size_t);
ssize_t __pread_chk(int, void*, size_t, off_t, size_t);
ssize_t __pread64_chk(int, void*, size_t, off64_t, size_t);
int __open_2(const char*, int);
int __open64_2(const char*, int);
int __openat_2(int, const char*, int);
int __openat64_2(int, const char*, int);
}

namespace {

mode_t ModeArgument(int flags, va_list arguments) {
  return __OPEN_NEEDS_MODE(flags) ? va_arg(arguments, mode_t) : 0;
}

}  // namespace

LT_EXPORT ssize_t read(int fd, void* data, size_t size) {
  if (lt::Thread* self = lt::PollingSelf()) {
    return lt::PolledRead(*self, fd, data, size);
  }
  return lt::Blocking(LT_REAL(read), fd, data, size);
}

LT_EXPORT ssize_t __read_chk(int fd, void* data, size_t size, size_t room) {
  // The real one does not return then.
  if (size > room) return LT_REAL(__read_chk)(fd, data, size, room);
  return read(fd, data, size);
}

LT_EXPORT ssize_t write(int fd, const void* data, size_t size) {
  if (lt::Thread* self = lt::PollingSelf()) {
    return lt::PolledWrite(*self, fd, data, size);
  }
  return lt::Blocking(LT_REAL(write), fd, data, size);
}

LT_EXPORT ssize_t readv(int fd, const iovec* parts, int count) {
  if (lt::Thread* self = lt::PollingSelf()) {
    return lt::PolledReadv(*self, fd, parts, count);
  }
  return lt::Blocking(LT_REAL(readv), fd, parts, count);
}

LT_EXPORT ssize_t writev(int fd, const iovec* parts, int count) {
  if (lt::Thread* self = lt::PollingSelf()) {
    return lt::PolledWritev(*self, fd, parts, count);
  }
  return lt::Blocking(LT_REAL(writev), fd, parts, count);
}

// With 64-bit offsets all along, a name with 64 is the same function.

LT_EXPORT ssize_t pread(int fd, void* data, size_t size, off_t offset) {
  return lt::Blocking(LT_REAL(pread), fd, data, size, offset);
}
LT_EXPORT LT_ALIAS(pread)
ssize_t pread64(int, void*, size_t, off64_t);

LT_EXPORT ssize_t __pread_chk(int fd, void* data, size_t size, off_t offset,
                              size_t room) {
  if (size > room) return LT_REAL(__pread_chk)(fd, data, size, offset, room);
  return pread(fd, data, size, offset);
}
LT_EXPORT LT_ALIAS(__pread_chk)
ssize_t __pread64_chk(int, void*, size_t, off64_t, size_t);

LT_EXPORT ssize_t pwrite(int fd, const void* data, size_t size, off_t offset) {
  return lt::Blocking(LT_REAL(pwrite), fd, data, size, offset);
}
LT_EXPORT LT_ALIAS(pwrite)
ssize_t pwrite64(int, const void*, size_t, off64_t);

LT_EXPORT ssize_t preadv(int fd, const iovec* parts, int count, off_t offset) {
  return lt::Blocking(LT_REAL(preadv), fd, parts, count, offset);
}
LT_EXPORT LT_ALIAS(preadv)
ssize_t preadv64(int, const iovec*, int, off64_t);

LT_EXPORT ssize_t pwritev(int fd, const iovec* parts, int count, off_t offset) {
  return lt::Blocking(LT_REAL(pwritev), fd, parts, count, offset);
}
LT_EXPORT LT_ALIAS(pwritev)
ssize_t pwritev64(int, const iovec*, int, off64_t);

LT_EXPORT int open(const char* path, int flags, ...) {
  va_list arguments;
  va_start(arguments, flags);
  const mode_t mode = ModeArgument(flags, arguments);
  va_end(arguments);
  return lt::Blocking(LT_REAL(open), path, flags, mode);
}
LT_EXPORT LT_ALIAS(open)
int open64(const char*, int, ...);

LT_EXPORT int __open_2(const char* path, int flags) {
  return lt::Blocking(LT_REAL(__open_2), path, flags);
}
LT_EXPORT LT_ALIAS(__open_2)
int __open64_2(const char*, int);

LT_EXPORT int openat(int directory, const char* path, int flags, ...) {
  va_list arguments;
  va_start(arguments, flags);
  const mode_t mode = ModeArgument(flags, arguments);
  va_end(arguments);
  return lt::Blocking(LT_REAL(openat), directory, path, flags, mode);
}
LT_EXPORT LT_ALIAS(openat)
int openat64(int, const char*, int, ...);

LT_EXPORT int __openat_2(int directory, const char* path, int flags) {
  return lt::Blocking(LT_REAL(__openat_2), directory, path, flags);
}
LT_EXPORT LT_ALIAS(__openat_2)
int __openat64_2(int, const char*, int);

LT_EXPORT int creat(const char* path, mode_t mode) {
  return lt::Blocking(LT_REAL(creat), path, mode);
}
LT_EXPORT LT_ALIAS(creat)
int creat64(const char*, mode_t);

LT_EXPORT int fcntl(int fd, int command, ...) {
  va_list arguments;
  va_start(arguments, command);
  // An int or a pointer, if anything: read as libc does.
  void* argument = va_arg(arguments, void*);
  va_end(arguments);
  if (command == F_SETLKW || command == F_OFD_SETLKW) {
    return lt::Blocking(LT_REAL(fcntl), fd, command, argument);
  }
  return LT_REAL(fcntl)(fd, command, argument);
}
LT_EXPORT LT_ALIAS(fcntl)
int fcntl64(int, int, ...);

LT_EXPORT int lockf(int fd, int command, off_t size) {
  return lt::Blocking(LT_REAL(lockf), fd, command, size);
}
LT_EXPORT LT_ALIAS(lockf)
int lockf64(int, int, off64_t);

LT_EXPORT int flock(int fd, int operation) noexcept {
  return lt::Blocking(LT_REAL(flock), fd, operation);
}

LT_EXPORT int fsync(int fd) {
  return lt::Blocking(LT_REAL(fsync), fd);
}

LT_EXPORT int fdatasync(int fd) {
  return lt::Blocking(LT_REAL(fdatasync), fd);
}

LT_EXPORT int msync(void* address, size_t size, int flags) {
  return lt::Blocking(LT_REAL(msync), address, size, flags);
}

LT_EXPORT int tcdrain(int fd) {
  return lt::Blocking(LT_REAL(tcdrain), fd);
}
