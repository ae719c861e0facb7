// SPDX-License-Identifier: MIT
//
// libnbio: calls that would stop the pod stop the calling thread only.
//
// Linked before liblwp, it stands in front of the C library's functions.  Each
// tries without blocking, and as long as that fails waits until the descriptor
// may be ready, while other threads of the pod run.  A call that waits for
// something else is made by a bound thread, for whose end the caller waits.
//
// What is not called by a running thread of a pod, or is not to block anyway,
// goes straight on.  Blocking calls from inside the C library (stdio) do not
// come here.

#ifndef LIBLWP_NBIO_NBIO_H_
#define LIBLWP_NBIO_NBIO_H_

#include <dlfcn.h>
#include <poll.h>
#include <sys/uio.h>

#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <ctime>

#define NBIO_EXPORT extern "C" __attribute__((visibility("default")))

// The next definition of a function that stands here: libthread's or libc's.
// Preferred to a raw system call, which may fail with EINTR for what libthread
// does with kernel threads, even where it does not block.
#define NBIO_NEXT(name) (::nbio::Next<#name>(name))

// Of liblwp (descriptors.cc).
extern "C" {
int __lwp_nbio_may_wait();
int __lwp_nbio_await(const pollfd* fds, unsigned count, int64_t deadline,
                     void (*abandoned)(void*), void* argument);
void __lwp_nbio_closed(int fd);
}

namespace nbio {

template <size_t kBytes>
struct Name {
  // Implicit: a string literal is the argument of the template.
  constexpr Name(const char (&name)[kBytes]) {  // NOLINT
    for (size_t i = 0; i < kBytes; ++i) text[i] = name[i];
  }
  char text[kBytes];
};

// The argument is there for its type.
template <Name kName, typename Function>
Function* Next(Function*) {
  // Who comes at the same time finds the same.
  static Function* next = nullptr;
  if (next == nullptr) {
    const int error = errno;
    next = reinterpret_cast<Function*>(dlsym(RTLD_NEXT, kName.text));
    errno = error;
  }
  return next;
}

using Nanoseconds = int64_t;  // of CLOCK_MONOTONIC
inline constexpr Nanoseconds kNever = INT64_MAX;
inline constexpr Nanoseconds kSecond = 1000000000;

Nanoseconds Now();
// The point in time; what lies beyond all of them is never.
Nanoseconds After(int64_t seconds, int64_t nanoseconds);

// May the caller wait, and does it not want to have it otherwise (O_NONBLOCK)?
bool MayWaitFor(int fd);

// True when poll(2) says so now, without waiting.
bool IsReady(int fd, short events);

enum class Wake : uint8_t {
  kTryAgain,
  kTimeout,
  kNoRoom,  // the caller has to block the pod
};
Wake Await(int fd, short events, Nanoseconds deadline = kNever);
Wake AwaitAll(const pollfd* fds, unsigned count, Nanoseconds deadline);

// Of a socket's SO_RCVTIMEO or SO_SNDTIMEO.
Nanoseconds SocketDeadline(int fd, int option);

// No socket option.
inline constexpr int kNoLimit = -1;

// `attempt` does not block; it fails with EAGAIN where it would have.  Until it
// fails otherwise or succeeds; or fails with EAGAIN when the time is over that
// the socket's option sets.  If there is no room to wait, `blocking`.
template <typename Attempt, typename Blocking>
auto Repeat(int fd, short events, int option, Attempt attempt,
            Blocking blocking) {
  const int error = errno;
  Nanoseconds deadline = kNever;
  for (bool first = true;; first = false) {
    const auto result = attempt();
    if (result != -1) errno = error;
    if (result != -1 || errno != EAGAIN) return result;
    if (first && option != kNoLimit) deadline = SocketDeadline(fd, option);
    const Wake wake = Await(fd, events, deadline);
    if (wake == Wake::kNoRoom) return blocking();
    if (wake == Wake::kTimeout) {
      errno = EAGAIN;
      return result;
    }
  }
}

// A call that no descriptor tells the end of.  `call` runs in a bound thread
// of its own; `undo` if nobody wants its result any more.  The result of `call`
// is 0 or more, or an error number, negated.
struct Call {
  int64_t (*call)(void* argument) = nullptr;
  void (*undo)(int64_t result) = nullptr;  // may be null
  const void* argument = nullptr;          // copied
  size_t bytes = 0;
};
// False: no room.
bool MakeElsewhere(const Call& call, int64_t& result);

}  // namespace nbio

#endif  // LIBLWP_NBIO_NBIO_H_
