// SPDX-License-Identifier: MIT
//
// Calls that wait for descriptors.  Without any they are timed sleeps: only the
// thread parks.

#include <poll.h>
#include <sys/epoll.h>
#include <sys/select.h>

#include <cerrno>

#include "api/entry.h"
#include "interpose/blocking.h"
#include "interpose/real.h"
#include "interpose/sleep.h"

// The checked variants, which headers declare under _FORTIFY_SOURCE only.
extern "C" {
int __poll_chk(pollfd*, nfds_t, int, size_t);
int __ppoll_chk(pollfd*, nfds_t, const timespec*, const sigset_t*, size_t);
}

namespace {

constexpr long kNsPerUs = 1000;

// The result of a call whose time is up at `deadline`.
int Park(lt::Thread& self, lt::Deadline deadline) {
  const int error = lt::ParkUntil(self, deadline);
  if (error == 0) return 0;
  errno = error;
  return -1;
}

// A null `timeout`: for ever.  False: not an interval.
bool DeadlineOf(const timespec* timeout, lt::Deadline& deadline) {
  if (timeout == nullptr) return true;
  if (!lt::ValidTimespec(*timeout) || timeout->tv_sec < 0) return false;
  deadline = lt::Deadline::After(*timeout);
  return true;
}

}  // namespace

LT_EXPORT int poll(pollfd* fds, nfds_t count, int timeout) {
  if (timeout == 0) return LT_REAL(poll)(fds, count, timeout);
  lt::Thread* self = lt::ParkableSelf();
  if (self != nullptr && count == 0) {
    const timespec interval{timeout / 1000, timeout % 1000 * 1'000'000L};
    return Park(*self, timeout < 0 ? lt::Deadline::Never()
                                   : lt::Deadline::After(interval));
  }
  const lt::MillisecondCountdown countdown(timeout);
  return lt::Blocking(
      [&] { return LT_REAL(poll)(fds, count, countdown.Left()); });
}

LT_EXPORT int __poll_chk(pollfd* fds, nfds_t count, int timeout, size_t room) {
  // The real one does not return then.
  if (count > room / sizeof *fds) {
    return LT_REAL(__poll_chk)(fds, count, timeout, room);
  }
  return poll(fds, count, timeout);
}

// With a signal mask, the kernel exchanges masks and waits in one step: nothing
// parks then.
LT_EXPORT int ppoll(pollfd* fds, nfds_t count, const timespec* timeout,
                    const sigset_t* mask) {
  lt::Thread* self = lt::ParkableSelf();
  lt::Deadline deadline = lt::Deadline::Never();
  if (self != nullptr && count == 0 && mask == nullptr &&
      DeadlineOf(timeout, deadline)) {
    return Park(*self, deadline);
  }
  lt::Countdown countdown(timeout);
  return lt::Blocking(
      [&] { return LT_REAL(ppoll)(fds, count, countdown.Left(), mask); });
}

LT_EXPORT int __ppoll_chk(pollfd* fds, nfds_t count, const timespec* timeout,
                          const sigset_t* mask, size_t room) {
  if (count > room / sizeof *fds) {
    return LT_REAL(__ppoll_chk)(fds, count, timeout, mask, room);
  }
  return ppoll(fds, count, timeout, mask);
}

// Linux tells in `timeout` what is left of it.
LT_EXPORT int select(int count, fd_set* readable, fd_set* writable,
                     fd_set* exceptional, timeval* timeout) {
  constexpr long kMostUs = 1'000'000;
  lt::Thread* self = lt::ParkableSelf();
  const bool sleeps =
      count >= 0 &&
      (count == 0 || (readable == nullptr && writable == nullptr &&
                      exceptional == nullptr)) &&
      (timeout == nullptr || (timeout->tv_sec >= 0 && timeout->tv_usec >= 0 &&
                              timeout->tv_usec < kMostUs));
  if (self == nullptr || !sleeps) {
    return lt::Blocking(LT_REAL(select), count, readable, writable, exceptional,
                        timeout);
  }
  if (timeout == nullptr) return Park(*self, lt::Deadline::Never());
  const timespec interval{timeout->tv_sec, timeout->tv_usec * kNsPerUs};
  const lt::Deadline deadline = lt::Deadline::After(interval);
  const int result = Park(*self, deadline);
  const timespec left =
      lt::Deadline::AtNs(deadline.ns() - lt::NowNs()).ToTimespec();
  *timeout = {left.tv_sec, left.tv_nsec / kNsPerUs};
  return result;
}

LT_EXPORT int pselect(int count, fd_set* readable, fd_set* writable,
                      fd_set* exceptional, const timespec* timeout,
                      const sigset_t* mask) {
  lt::Thread* self = lt::ParkableSelf();
  lt::Deadline deadline = lt::Deadline::Never();
  if (self != nullptr && count == 0 && mask == nullptr &&
      DeadlineOf(timeout, deadline)) {
    return Park(*self, deadline);
  }
  // Descriptors are in the sets as before when the call was interrupted.
  lt::Countdown countdown(timeout);
  return lt::Blocking([&] {
    return LT_REAL(pselect)(count, readable, writable, exceptional,
                            countdown.Left(), mask);
  });
}

LT_EXPORT int epoll_wait(int fd, epoll_event* events, int room, int timeout) {
  if (timeout == 0) return LT_REAL(epoll_wait)(fd, events, room, timeout);
  const lt::MillisecondCountdown countdown(timeout);
  return lt::Blocking(
      [&] { return LT_REAL(epoll_wait)(fd, events, room, countdown.Left()); });
}

LT_EXPORT int epoll_pwait(int fd, epoll_event* events, int room, int timeout,
                          const sigset_t* mask) {
  const lt::MillisecondCountdown countdown(timeout);
  return lt::Blocking([&] {
    return LT_REAL(epoll_pwait)(fd, events, room, countdown.Left(), mask);
  });
}
