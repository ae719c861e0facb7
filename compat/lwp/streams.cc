// SPDX-License-Identifier: MIT
//
// The functions of <stropts.h>, of a system on which nothing is a stream.

#include <fcntl.h>

#include <cerrno>

#include "api/entry.h"
#include "base/syscall.h"
#include "compat/include/stropts.h"

namespace {

bool IsOpen(int fd) {
  return lt::RawSyscall(SYS_fcntl, fd, F_GETFD) >= 0;
}

int NoStream(int fd) {
  errno = IsOpen(fd) ? ENOSTR : EBADF;
  return -1;
}

}  // namespace

LT_EXPORT_WEAK int isastream(int fd) {
  if (IsOpen(fd)) return 0;
  errno = EBADF;
  return -1;
}

LT_EXPORT_WEAK int getmsg(int fd, strbuf*, strbuf*, int*) {
  return NoStream(fd);
}

LT_EXPORT_WEAK int getpmsg(int fd, strbuf*, strbuf*, int*, int*) {
  return NoStream(fd);
}

LT_EXPORT_WEAK int putmsg(int fd, const strbuf*, const strbuf*, int) {
  return NoStream(fd);
}

LT_EXPORT_WEAK int putpmsg(int fd, const strbuf*, const strbuf*, int, int) {
  return NoStream(fd);
}
