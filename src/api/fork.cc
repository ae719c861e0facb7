// SPDX-License-Identifier: MIT
//
// Solaris' names for forking.

#include <unistd.h>

#include <cerrno>

#include "api/entry.h"

LT_EXPORT pid_t fork1(void) {
  return fork();
}

// No kernel but Solaris' copies all threads.
LT_EXPORT pid_t forkall(void) {
  errno = ENOTSUP;
  return -1;
}
