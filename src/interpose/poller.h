// SPDX-License-Identifier: MIT
//
// The poller (LIBTHREAD_POLLER=1): a helper kernel thread that waits for the
// descriptors of all threads, so that unbound threads which would block on
// sockets, pipes and terminals park, and give their LWPs to others.
//
// A call first tries without blocking.  If it would block, it arms the
// descriptor, parks, and tries again when something has happened.  For each
// descriptor and direction there is a count of what has happened:
//
// INV-PO1: no event is lost.  Who is about to try reads the count first; the
//   descriptor is armed after the attempt, and an event of an armed descriptor
//   raises the count, under the lock of the sleep queue on the count's address,
//   before it wakes who sleeps there.  The thread goes to sleep under that
//   lock, and only if the count is what it was.
//
// Descriptors are armed for one event (EPOLLONESHOT) in one of two epoll sets,
// one for each direction.  So arming again, by however many threads and in
// whatever order, changes nothing, and needs no lock.  Which descriptors are in
// the sets only the kernel knows: whoever closes one behind the library's back
// makes no record false.
//
// Rejected: edge-triggered events, which need arming only once.  They wake the
// helper for everything that comes while nobody waits for it, and the library
// would have to know of each descriptor that is closed and opened again.

#ifndef LIBTHREAD_INTERPOSE_POLLER_H_
#define LIBTHREAD_INTERPOSE_POLLER_H_

#include <cstdint>

#include "base/clock.h"
#include "base/config.h"
#include "interpose/sleep.h"

namespace lt {

enum class Direction : unsigned char { kIn, kOut };

// The calling thread, if what would block it is to park; else null.
inline Thread* PollingSelf() {
  return g_config.poller ? ParkableSelf() : nullptr;
}

// How much has happened to a descriptor.  To be read before an attempt.
uint32_t EventsSoFar(int fd, Direction direction);

// Parks until more than `seen` has happened.  0: try again; ETIME; EINTR: a
// handler of the program ran; ENOTSUP: this descriptor cannot be waited for.
[[nodiscard]] int AwaitEvent(Thread& self, int fd, Direction direction,
                             uint32_t seen, Deadline deadline);

// After `fd` was closed: who waits for it tries again, and sees that.
void NoteClosed(int fd);

// The helper's own descriptors are no business of the program's.
bool BelongsToPoller(int fd);

}  // namespace lt

#endif  // LIBTHREAD_INTERPOSE_POLLER_H_
