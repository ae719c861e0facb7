// SPDX-License-Identifier: MIT
//
// The program's memory, as a kernel sees it: calls that are system calls on
// Solaris give EFAULT where an address is none, and do not end the process.

#ifndef LIBTHREAD_COMPAT_LWP_USER_MEMORY_H_
#define LIBTHREAD_COMPAT_LWP_USER_MEMORY_H_

#include <cerrno>
#include <cstddef>

namespace lt {

// 0 or EFAULT.  `errno` is left alone.
[[nodiscard]] int CopyIn(void* to, const void* from, size_t bytes);
[[nodiscard]] int CopyOut(void* to, const void* from, size_t bytes);
// At most `room` bytes, the last of which is a terminator.  EINVAL: longer.
[[nodiscard]] int CopyInString(char* to, const char* from, size_t room);

// A place that may be null: nothing is wanted then.
template <typename T>
[[nodiscard]] int CopyOut(T* to, const T& value) {
  return to == nullptr ? 0 : CopyOut(to, &value, sizeof value);
}

// How these calls end.
inline int SystemResult(int error) {
  if (error == 0) return 0;
  errno = error;
  return -1;
}

}  // namespace lt

#endif  // LIBTHREAD_COMPAT_LWP_USER_MEMORY_H_
