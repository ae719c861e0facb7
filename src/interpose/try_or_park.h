// SPDX-License-Identifier: MIT
//
// What the calls of polled.h have in common.

#ifndef LIBTHREAD_INTERPOSE_TRY_OR_PARK_H_
#define LIBTHREAD_INTERPOSE_TRY_OR_PARK_H_

#include <cerrno>

#include "interpose/poller.h"

namespace lt {

// The program wants EAGAIN where a call would block.
bool IsNonBlocking(int fd);

// True when a call in that direction would not block now.
bool IsReady(int fd, Direction direction);

// When the socket's own timeout (SO_RCVTIMEO, SO_SNDTIMEO) ends a wait that
// begins now.
Deadline SocketDeadline(int fd, Direction direction);

// Calls `attempt`, which fails with EAGAIN where it would block, until it does
// not; parks in between.  `block` is the call that blocks the LWP.
template <typename Attempt, typename Block>
inline auto TryOrPark(Thread& self, int fd, Direction direction,
                      Attempt attempt, Block block) {
  const int saved_errno = errno;
  Deadline deadline = Deadline::Never();
  for (bool first = true;; first = false) {
    const uint32_t seen = EventsSoFar(fd, direction);
    const auto result = attempt();
    if (result != -1 || errno != EAGAIN) return result;
    if (first) {
      if (IsNonBlocking(fd)) return result;
      deadline = SocketDeadline(fd, direction);
    }
    const int error = AwaitEvent(self, fd, direction, seen, deadline);
    if (error == ETIME || error == EINTR) {
      errno = error == ETIME ? EAGAIN : EINTR;
      return result;
    }
    errno = saved_errno;
    if (error != 0) return block();
  }
}

}  // namespace lt

#endif  // LIBTHREAD_INTERPOSE_TRY_OR_PARK_H_
