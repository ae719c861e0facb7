// SPDX-License-Identifier: MIT
//
// Calls that wait for processes and for System V messages and semaphores.

#include <sys/msg.h>
#include <sys/sem.h>
#include <sys/wait.h>

#include <cstdlib>

#include "api/entry.h"
#include "interpose/blocking.h"
#include "interpose/real.h"

LT_EXPORT pid_t wait(int* status) {
  return lt::Blocking(LT_REAL(wait), status);
}

LT_EXPORT pid_t waitpid(pid_t process, int* status, int options) {
  return lt::Blocking(LT_REAL(waitpid), process, status, options);
}

LT_EXPORT pid_t wait3(int* status, int options, rusage* usage) noexcept {
  return lt::Blocking(LT_REAL(wait3), status, options, usage);
}

LT_EXPORT pid_t wait4(pid_t process, int* status, int options,
                      rusage* usage) noexcept {
  return lt::Blocking(LT_REAL(wait4), process, status, options, usage);
}

LT_EXPORT int waitid(idtype_t type, id_t id, siginfo_t* info, int options) {
  return lt::Blocking(LT_REAL(waitid), type, id, info, options);
}

LT_EXPORT int system(const char* command) {
  return lt::Announced(LT_REAL(system), command);
}

LT_EXPORT ssize_t msgrcv(int queue, void* message, size_t size, long type,
                         int flags) {
  return lt::Blocking(LT_REAL(msgrcv), queue, message, size, type, flags);
}

LT_EXPORT int msgsnd(int queue, const void* message, size_t size, int flags) {
  return lt::Blocking(LT_REAL(msgsnd), queue, message, size, flags);
}

LT_EXPORT int semop(int set, sembuf* operations, size_t count) noexcept {
  return lt::Blocking(LT_REAL(semop), set, operations, count);
}

LT_EXPORT int semtimedop(int set, sembuf* operations, size_t count,
                         const timespec* timeout) noexcept {
  lt::Countdown countdown(timeout);
  return lt::Blocking([&] {
    return LT_REAL(semtimedop)(set, operations, count, countdown.Left());
  });
}
