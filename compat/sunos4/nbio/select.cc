// SPDX-License-Identifier: MIT
//
// select and poll.  With a mask of signals (pselect, ppoll) a call goes
// straight on: what it promises is a step of the kernel.

#include <sys/select.h>

#include <algorithm>
#include <cstdlib>
#include <cstring>

#include "nbio.h"

// The checked variant, which headers declare under _FORTIFY_SOURCE only.
extern "C" int __poll_chk(pollfd*, nfds_t, int, size_t);

namespace nbio {
namespace {

constexpr int kMilliseconds = 1000;
constexpr int64_t kMillisecond = kSecond / kMilliseconds;
constexpr int64_t kMicrosecond = 1000;

int LookAll(pollfd* fds, nfds_t count) {
  return NBIO_NEXT(poll)(fds, count, 0);
}

// False: there is no room to wait.
bool Poll(pollfd* fds, nfds_t count, Nanoseconds deadline, int& ready) {
  for (;;) {
    ready = LookAll(fds, count);
    if (ready != 0) return true;
    const Wake wake = AwaitAll(fds, static_cast<unsigned>(count), deadline);
    if (wake == Wake::kNoRoom) return false;
    // What came in the last moment counts.
    if (wake == Wake::kTimeout) {
      ready = LookAll(fds, count);
      return true;
    }
  }
}

// The sets of a select, of as many words as its descriptors need.
class Sets {
 public:
  static constexpr int kSets = 3;
  static constexpr int kBits = 8 * sizeof(fd_mask);

  Sets(int count, fd_set* readable, fd_set* writable, fd_set* exceptional)
      : count_(count),
        bytes_((static_cast<size_t>(count) + kBits - 1) / kBits *
               sizeof(fd_mask)),
        sets_{readable, writable, exceptional} {}
  ~Sets() {
    free(fds_);
    free(saved_);
  }
  Sets(const Sets&) = delete;
  Sets& operator=(const Sets&) = delete;

  // What the program gave, kept aside, as poll(2) wants it.  False: no room.
  bool Prepare() {
    saved_ = static_cast<char*>(malloc(kSets * bytes_ + 1));
    fds_ = static_cast<pollfd*>(
        malloc((static_cast<size_t>(count_) + 1) * sizeof(pollfd)));
    if (saved_ == nullptr || fds_ == nullptr) return false;
    for (int i = 0; i < kSets; ++i) {
      if (sets_[i] != nullptr) memcpy(Saved(i), sets_[i], bytes_);
    }
    for (int fd = 0; fd < count_; ++fd) {
      short events = 0;
      if (Has(0, fd)) events |= POLLIN;
      if (Has(1, fd)) events |= POLLOUT;
      if (Has(2, fd)) events |= POLLPRI;
      if (events != 0) fds_[polled_++] = {fd, events, 0};
    }
    return true;
  }

  // select(2) without waiting, from what the program gave.
  int Look() {
    for (int i = 0; i < kSets; ++i) {
      if (sets_[i] != nullptr) memcpy(sets_[i], Saved(i), bytes_);
    }
    timeval none = {};
    return NBIO_NEXT(select)(count_, sets_[0], sets_[1], sets_[2], &none);
  }

  void Restore() {
    for (int i = 0; i < kSets; ++i) {
      if (sets_[i] != nullptr) memcpy(sets_[i], Saved(i), bytes_);
    }
  }

  const pollfd* fds() const { return fds_; }
  unsigned polled() const { return polled_; }

 private:
  char* Saved(int set) const { return saved_ + set * bytes_; }
  bool Has(int set, int fd) const {
    if (sets_[set] == nullptr) return false;
    fd_mask word;
    memcpy(&word, Saved(set) + fd / kBits * sizeof word, sizeof word);
    return (static_cast<unsigned long>(word) >> fd % kBits & 1) != 0;
  }

  int count_;
  size_t bytes_;
  fd_set* sets_[kSets];
  char* saved_ = nullptr;
  pollfd* fds_ = nullptr;
  unsigned polled_ = 0;
};

// False: there is no room to wait.
bool Select(int count, fd_set* readable, fd_set* writable, fd_set* exceptional,
            Nanoseconds deadline, int& ready) {
  Sets sets(count, readable, writable, exceptional);
  if (!sets.Prepare()) return false;
  for (;;) {
    ready = sets.Look();
    if (ready != 0) return true;
    const Wake wake = AwaitAll(sets.fds(), sets.polled(), deadline);
    if (wake == Wake::kNoRoom) {
      sets.Restore();
      return false;
    }
    if (wake == Wake::kTimeout) {
      ready = sets.Look();
      return true;
    }
  }
}

bool MayWait(int64_t seconds, int64_t fraction, int64_t fractions) {
  return __lwp_nbio_may_wait() != 0 && seconds >= 0 && fraction >= 0 &&
         fraction < fractions && (seconds != 0 || fraction != 0);
}

Nanoseconds LeftUntil(Nanoseconds deadline) {
  return std::max<Nanoseconds>(deadline - Now(), 0);
}

}  // namespace
}  // namespace nbio

NBIO_EXPORT int poll(pollfd* fds, nfds_t count, int timeout) {
  int ready;
  const auto deadline =
      timeout < 0
          ? nbio::kNever
          : nbio::After(timeout / nbio::kMilliseconds,
                        timeout % nbio::kMilliseconds * nbio::kMillisecond);
  if (timeout == 0 || __lwp_nbio_may_wait() == 0 ||
      !nbio::Poll(fds, count, deadline, ready)) {
    return NBIO_NEXT(poll)(fds, count, timeout);
  }
  return ready;
}

NBIO_EXPORT int __poll_chk(pollfd* fds, nfds_t count, int timeout,
                           size_t room) {
  // The real one does not return then.
  if (room / sizeof *fds < count) {
    return NBIO_NEXT(__poll_chk)(fds, count, timeout, room);
  }
  return poll(fds, count, timeout);
}

NBIO_EXPORT int ppoll(pollfd* fds, nfds_t count, const timespec* timeout,
                      const sigset_t* mask) {
  int ready;
  if (mask != nullptr || __lwp_nbio_may_wait() == 0 ||
      (timeout != nullptr &&
       !nbio::MayWait(timeout->tv_sec, timeout->tv_nsec, nbio::kSecond)) ||
      !nbio::Poll(fds, count,
                  timeout != nullptr
                      ? nbio::After(timeout->tv_sec, timeout->tv_nsec)
                      : nbio::kNever,
                  ready)) {
    return NBIO_NEXT(ppoll)(fds, count, timeout, mask);
  }
  return ready;
}

NBIO_EXPORT int select(int count, fd_set* readable, fd_set* writable,
                       fd_set* exceptional, timeval* timeout) {
  constexpr int64_t kMicroseconds = 1000000;
  auto deadline = nbio::kNever;
  if (timeout != nullptr) {
    if (!nbio::MayWait(timeout->tv_sec, timeout->tv_usec, kMicroseconds)) {
      return NBIO_NEXT(select)(count, readable, writable, exceptional, timeout);
    }
    deadline =
        nbio::After(timeout->tv_sec, timeout->tv_usec * nbio::kMicrosecond);
  }
  int ready;
  if (count < 0 || __lwp_nbio_may_wait() == 0 ||
      !nbio::Select(count, readable, writable, exceptional, deadline, ready)) {
    return NBIO_NEXT(select)(count, readable, writable, exceptional, timeout);
  }
  // Linux says how much of the time is left.
  if (timeout != nullptr && ready >= 0 && deadline != nbio::kNever) {
    const auto left = nbio::LeftUntil(deadline);
    timeout->tv_sec = left / nbio::kSecond;
    timeout->tv_usec = left % nbio::kSecond / nbio::kMicrosecond;
  }
  return ready;
}

NBIO_EXPORT int pselect(int count, fd_set* readable, fd_set* writable,
                        fd_set* exceptional, const timespec* timeout,
                        const sigset_t* mask) {
  int ready;
  if (mask != nullptr || count < 0 || __lwp_nbio_may_wait() == 0 ||
      (timeout != nullptr &&
       !nbio::MayWait(timeout->tv_sec, timeout->tv_nsec, nbio::kSecond)) ||
      !nbio::Select(count, readable, writable, exceptional,
                    timeout != nullptr
                        ? nbio::After(timeout->tv_sec, timeout->tv_nsec)
                        : nbio::kNever,
                    ready)) {
    return NBIO_NEXT(pselect)(count, readable, writable, exceptional, timeout,
                              mask);
  }
  return ready;
}
