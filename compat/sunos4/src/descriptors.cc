// SPDX-License-Identifier: MIT
//
// What libnbio needs: a thread of the pod waits for descriptors, and the others
// run.  Exported, and for libnbio only (nbio/nbio.h).
//
// A wait is an object of its own, because it may have to outlive the thread:
// the helper may have posted its event when the thread is destroyed, or its
// time is over.
//
// INV-DE1: a wait is freed by who finds that it is neither in the inbox nor
// that
//   of a thread: the thread itself, who destroys it, or Take().

#include <poll.h>
#include <sys/epoll.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <new>

#include "helper.h"
#include "parts.h"

namespace lwp4 {
namespace {

// Of Lwp::spare.
constexpr int kWaiting = 1;

struct Waiting : Event, Source {
  std::atomic<bool> posted{false};
  bool taken = false;
  Lwp* thread = nullptr;        // null: it does not wait any more
  const pollfd* fds = nullptr;  // the thread's
  unsigned count = 0;
  int epoll = -1;  // stands for several descriptors
  void (*abandoned)(void*) = nullptr;
  void* argument = nullptr;
};

void Take(Event& event) {
  auto& waiting = static_cast<Waiting&>(event);
  waiting.taken = true;
  if (waiting.thread != nullptr) {
    Unblock(*waiting.thread, kNoError);
  } else {
    free(&waiting);
  }
}

bool OnReady(Source& source, short) {
  auto& waiting = static_cast<Waiting&>(source);
  // Relaxed: the helper alone comes here, and whoever looks at it afterwards
  // has had the lock of the sources since.
  if (!waiting.posted.exchange(true, std::memory_order_relaxed)) {
    PostEvent(waiting);
  }
  return false;
}

// The thread does not wait any more.
void End(Waiting& waiting) {
  RemoveSource(waiting);
  if (waiting.epoll >= 0) syscall(SYS_close, waiting.epoll);
  waiting.thread->spare[kWaiting] = nullptr;
  waiting.thread = nullptr;
  if (!waiting.posted.load(std::memory_order_relaxed) || waiting.taken) {
    free(&waiting);
  }
}

// The events of all entries for a descriptor, which may have several.
uint32_t EventsFor(const Waiting& waiting, int fd) {
  uint32_t events = 0;
  for (unsigned i = 0; i < waiting.count; ++i) {
    if (waiting.fds[i].fd == fd) {
      events |= static_cast<uint16_t>(waiting.fds[i].events);
    }
  }
  return events;
}

bool WatchSeveral(Waiting& waiting) {
  waiting.epoll = epoll_create1(EPOLL_CLOEXEC);
  if (waiting.epoll < 0) return false;
  for (unsigned i = 0; i < waiting.count; ++i) {
    const int fd = waiting.fds[i].fd;
    if (fd < 0) continue;
    epoll_event event = {};
    event.events = EventsFor(waiting, fd);
    // What cannot be waited for (EPERM) has been looked at already, as has what
    // is none (EBADF).
    if (epoll_ctl(waiting.epoll, EPOLL_CTL_ADD, fd, &event) != 0 &&
        errno == ENOMEM) {
      return false;
    }
  }
  waiting.fd = waiting.epoll;
  waiting.wanted = POLLIN;
  return true;
}

bool Watch(Waiting& waiting) {
  waiting.ready = OnReady;
  if (waiting.count == 1) {
    waiting.fd = waiting.fds[0].fd;
    waiting.wanted = waiting.fds[0].events;
  } else if (!WatchSeveral(waiting)) {
    return false;
  }
  return AddSource(waiting);
}

int Await(Lwp& self, const pollfd* fds, unsigned count, Nanoseconds deadline,
          void (*abandoned)(void*), void* argument) {
  if (!AwaitsTime()) return -1;
  void* memory = malloc(sizeof(Waiting));
  if (memory == nullptr) return -1;
  auto& waiting = *new (memory) Waiting;
  waiting.take = Take;
  waiting.thread = &self;
  waiting.fds = fds;
  waiting.count = count;
  waiting.abandoned = abandoned;
  waiting.argument = argument;
  self.spare[kWaiting] = &waiting;
  AwaitDeaths();
  if (count != 0 && !Watch(waiting)) {
    End(waiting);
    return -1;
  }
  const int wake = Block(self, Wait::kDescriptor, nullptr, deadline);
  End(waiting);
  return wake == kTimeout ? 0 : 1;
}

bool IsWaitingFor(const Waiting& waiting, int fd) {
  for (unsigned i = 0; i < waiting.count; ++i) {
    if (waiting.fds[i].fd == fd) return true;
  }
  return false;
}

}  // namespace

void DropWaiting(Lwp& thread) {
  auto* waiting = static_cast<Waiting*>(thread.spare[kWaiting]);
  if (waiting == nullptr) return;
  if (waiting->abandoned != nullptr) waiting->abandoned(waiting->argument);
  End(*waiting);
}

}  // namespace lwp4

// The caller is a thread of the pod that runs, in code of the program.
LWP4_EXPORT int __lwp_nbio_may_wait() {
  const lwp4::Lwp* self = lwp4::t_self;
  return self != nullptr && self->in_library == 0 &&
         lwp4::pod.running.load(std::memory_order_relaxed) == self;
}

// Until a descriptor may be ready (1) or the point in time has come (0),
// nanoseconds of CLOCK_MONOTONIC.  -1: there is no room.  `abandoned` is called
// if the thread is destroyed meanwhile.
LWP4_EXPORT int __lwp_nbio_await(const pollfd* fds, unsigned count,
                                 int64_t deadline, void (*abandoned)(void*),
                                 void* argument) {
  const int error = errno;
  lwp4::Primitive primitive;
  if (!primitive) return -1;
  const int result =
      lwp4::Await(primitive.self(), fds, count, deadline, abandoned, argument);
  errno = error;
  return result;
}

// Whoever waits for the descriptor tries again.
LWP4_EXPORT void __lwp_nbio_closed(int fd) {
  lwp4::Primitive primitive;
  if (!primitive) return;
  for (lwp4::Object* at = lwp4::FirstOf(lwp4::Kind::kThread); at != nullptr;
       at = at->next) {
    auto& thread = *static_cast<lwp4::Lwp*>(at);
    const auto* waiting =
        static_cast<const lwp4::Waiting*>(thread.spare[lwp4::kWaiting]);
    if (waiting != nullptr && thread.wait == lwp4::Wait::kDescriptor &&
        lwp4::IsWaitingFor(*waiting, fd)) {
      lwp4::Unblock(thread, lwp4::kNoError);
    }
  }
}
