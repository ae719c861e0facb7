// SPDX-License-Identifier: MIT
//
// What any thread can read and write of any other by its id: priority, name.
// All give ESRCH for an id that no living thread has.

#ifndef LIBTHREAD_THREAD_PROPERTIES_H_
#define LIBTHREAD_THREAD_PROPERTIES_H_

#include <cstddef>
#include <cstdint>

namespace lt {

// The assigned priority (sched/inherit.h).  EINVAL outside 0 to 127; EPERM when
// the thread holds a mutex with a lower ceiling.  Counts at once for a thread
// that runs, is runnable or waits for a mutex of a priority protocol, for
// others from the next time that they begin to wait.
[[nodiscard]] int SetPriority(uint32_t id, int priority);
[[nodiscard]] int GetPriority(uint32_t id, int& priority);

// ERANGE when the name with its terminator does not fit.
[[nodiscard]] int GetName(uint32_t id, char* buffer, size_t bytes);
// Null: no name.  ERANGE: longer than 31 bytes; EINVAL: unprintable bytes.
[[nodiscard]] int SetName(uint32_t id, const char* name);

}  // namespace lt

#endif  // LIBTHREAD_THREAD_PROPERTIES_H_
