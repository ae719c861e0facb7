// SPDX-License-Identifier: MIT
//
// Calls on descriptors for threads that have the poller: instead of blocking
// the LWP, the thread parks.  Arguments and results are libc's.
//
// Some calls block the LWP all the same: those for which a descriptor that is
// ready says little (a message for a peer whose queue is full, all the bytes
// that MSG_WAITALL asks for), and whatever cannot be polled.

#ifndef LIBTHREAD_INTERPOSE_POLLED_H_
#define LIBTHREAD_INTERPOSE_POLLED_H_

#include <sys/socket.h>
#include <sys/uio.h>

#include "sched/thread.h"

namespace lt {

ssize_t PolledRecvfrom(Thread& self, int fd, void* data, size_t size, int flags,
                       sockaddr* address, socklen_t* length);
ssize_t PolledRecvmsg(Thread& self, int fd, msghdr* message, int flags);
ssize_t PolledSend(Thread& self, int fd, const void* data, size_t size,
                   int flags);
ssize_t PolledSendmsg(Thread& self, int fd, const msghdr* message, int flags);
int PolledAccept(Thread& self, int fd, sockaddr* address, socklen_t* length,
                 int flags);
int PolledConnect(Thread& self, int fd, const sockaddr* address,
                  socklen_t length);

ssize_t PolledRead(Thread& self, int fd, void* data, size_t size);
ssize_t PolledReadv(Thread& self, int fd, const iovec* parts, int count);
ssize_t PolledWrite(Thread& self, int fd, const void* data, size_t size);
ssize_t PolledWritev(Thread& self, int fd, const iovec* parts, int count);

}  // namespace lt

#endif  // LIBTHREAD_INTERPOSE_POLLED_H_
