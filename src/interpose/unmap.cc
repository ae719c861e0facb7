// SPDX-License-Identifier: MIT
//
// Calls that take memory away: robust mutexes in it that threads of this
// process hold are the next locker's.

#include <sys/ipc.h>
#include <sys/mman.h>
#include <sys/shm.h>
#include <unistd.h>

#include <cerrno>
#include <cstdarg>
#include <cstdio>

#include "api/entry.h"
#include "base/sanitizer.h"
#include "base/syscall.h"
#include "interpose/real.h"
#include "sync/robust_memory.h"

namespace lt {
namespace {

constexpr uintptr_t kPageMask = 4095;

void Abandoning(const void* start, size_t bytes) {
  const auto low = reinterpret_cast<uintptr_t>(start);
  // What the kernel refuses takes nothing away.
  if (ABSL_PREDICT_TRUE(!RobustUsed()) || bytes == 0 ||
      (low & kPageMask) != 0 || low + bytes < low) {
    return;
  }
  AbandonRange(Self(), low, low + bytes);
}

// Bytes of the System V segment that is attached at `start`, 0 if none is; as
// the kernel's list of mappings tells.
size_t AttachedBytes(const void* start) {
  const int saved_errno = errno;
  std::FILE* maps = std::fopen("/proc/self/maps", "re");
  if (maps == nullptr) {
    errno = saved_errno;
    return 0;
  }
  const auto wanted = reinterpret_cast<unsigned long>(start);
  char line[512];
  size_t bytes = 0;
  while (bytes == 0 && std::fgets(line, sizeof line, maps) != nullptr) {
    unsigned long low;
    unsigned long high;
    if (std::sscanf(line, "%lx-%lx", &low, &high) == 2 && low == wanted) {
      bytes = high - low;
    }
  }
  std::fclose(maps);
  errno = saved_errno;
  return bytes;
}

}  // namespace
}  // namespace lt

// ThreadSanitizer calls these two before it is ready.
LT_EXPORT LT_UNINSTRUMENTED int munmap(void* start, size_t bytes) noexcept {
#if defined(__SANITIZE_THREAD__)
  if (!lt::g_initialised) {
    return static_cast<int>(lt::RawSyscall(
        SYS_munmap, reinterpret_cast<long>(start), static_cast<long>(bytes)));
  }
#endif
  lt::Abandoning(start, bytes);
  return LT_REAL(munmap)(start, bytes);
}

LT_EXPORT LT_UNINSTRUMENTED void* mmap(void* start, size_t bytes,
                                       int protection, int flags, int fd,
                                       off_t offset) noexcept {
#if defined(__SANITIZE_THREAD__)
  if (!lt::g_initialised) {
    const long result =
        lt::RawSyscall(SYS_mmap, reinterpret_cast<long>(start),
                       static_cast<long>(bytes), protection, flags, fd, offset);
    constexpr long kLeastError = -4095;
    return result < 0 && result >= kLeastError
               ? MAP_FAILED
               : reinterpret_cast<void*>(result);
  }
#endif
  if ((flags & MAP_FIXED) != 0 && (flags & MAP_FIXED_NOREPLACE) == 0) {
    lt::Abandoning(start, bytes);
  }
  return LT_REAL(mmap)(start, bytes, protection, flags, fd, offset);
}
// No alias: gcc 12 fails on one of a function without a sanitizer.
LT_EXPORT void* mmap64(void* start, size_t bytes, int protection, int flags,
                       int fd, off64_t offset) noexcept {
  return mmap(start, bytes, protection, flags, fd, offset);
}

LT_EXPORT void* mremap(void* start, size_t bytes, size_t new_bytes, int flags,
                       ...) noexcept {
  void* to = nullptr;
  if ((flags & MREMAP_FIXED) != 0) {
    va_list arguments;
    va_start(arguments, flags);
    to = va_arg(arguments, void*);
    va_end(arguments);
    lt::Abandoning(to, new_bytes);
  }
  if (new_bytes < bytes) {
    lt::Abandoning(static_cast<char*>(start) + new_bytes, bytes - new_bytes);
  }
  // What moves is at its old place no longer.
  if ((flags & MREMAP_MAYMOVE) != 0) lt::Abandoning(start, bytes);
  return LT_REAL(mremap)(start, bytes, new_bytes, flags, to);
}

LT_EXPORT int shmdt(const void* start) noexcept {
  if (lt::RobustUsed()) lt::Abandoning(start, lt::AttachedBytes(start));
  return LT_REAL(shmdt)(start);
}
