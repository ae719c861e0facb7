// SPDX-License-Identifier: MIT
//
// System calls are made without the C library: nothing here is interposed, a
// cancellation point or allocates.

#include "compat/lwp/processes.h"

#include <fcntl.h>
#include <sys/stat.h>

#include <cerrno>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>

#include "base/syscall.h"

namespace lt {
namespace {

// What getdents64 writes.
struct Entry {
  uint64_t inode;
  int64_t offset;
  uint16_t bytes;
  uint8_t type;
  char name[1];
};

long Open(const char* path, int flags) {
  return RawSyscall(SYS_openat, AT_FDCWD, reinterpret_cast<long>(path),
                    O_RDONLY | O_CLOEXEC | flags);
}

}  // namespace

NumberedEntries::NumberedEntries(const char* path)
    : descriptor_(Open(path, O_DIRECTORY)) {
  if (descriptor_ < 0) error_ = static_cast<int>(-descriptor_);
}

NumberedEntries::~NumberedEntries() {
  if (descriptor_ >= 0) RawSyscall(SYS_close, descriptor_);
}

int NumberedEntries::Next() {
  if (error_ != 0) return 0;
  for (;;) {
    if (at_ == end_) {
      const long bytes = RawSyscall(SYS_getdents64, descriptor_,
                                    reinterpret_cast<long>(buffer_), kBytes);
      if (bytes <= 0) return 0;
      at_ = 0;
      end_ = static_cast<int>(bytes);
    }
    const auto* entry = reinterpret_cast<const Entry*>(buffer_ + at_);
    at_ += entry->bytes;
    const int number = std::atoi(entry->name);
    if (number > 0) return number;
  }
}

KernelThreads::Path::Path(pid_t process) {
  if (process == OwnProcess()) {
    std::strcpy(text, "/proc/self/task");  // whatever /proc numbers it
  } else {
    std::snprintf(text, sizeof text, "/proc/%d/task", process);
  }
}

KernelThreads::KernelThreads(pid_t process)
    : path_(process), entries_(path_.text) {}

int LookAtProcess(pid_t process, ProcessView& view) {
  char path[32];
  char text[512];
  std::snprintf(path, sizeof path, "/proc/%d/stat", process);
  if (!ReadText(path, text, sizeof text)) return ESRCH;
  // The name, in parentheses, may hold anything.
  const char* rest = std::strrchr(text, ')');
  unsigned flags = 0;
  if (rest == nullptr ||
      std::sscanf(rest + 1, " %*c %d %d %d %*d %*d %u", &view.parent,
                  &view.group, &view.session, &flags) != 4) {
    return ESRCH;
  }
  constexpr unsigned kKernelsOwn = 0x00200000;  // PF_KTHREAD
  view.kernels = (flags & kKernelsOwn) != 0;
  struct stat owner;
  if (RawSyscall(SYS_newfstatat, AT_FDCWD, reinterpret_cast<long>(path),
                 reinterpret_cast<long>(&owner), 0) != 0) {
    return ESRCH;
  }
  view.user = owner.st_uid;
  view.of_group = owner.st_gid;
  return 0;
}

bool ReadText(const char* path, char* text, size_t room) {
  const long descriptor = Open(path, 0);
  if (descriptor < 0) return false;
  size_t length = 0;
  long bytes;
  do {
    bytes =
        RawSyscall(SYS_read, descriptor, reinterpret_cast<long>(text + length),
                   static_cast<long>(room - 1 - length));
    if (bytes > 0) length += static_cast<size_t>(bytes);
  } while (bytes > 0 && length < room - 1);
  RawSyscall(SYS_close, descriptor);
  text[length] = '\0';
  return bytes >= 0;
}

}  // namespace lt
