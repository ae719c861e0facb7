// SPDX-License-Identifier: MIT

#include "lwp/sampler.h"

#include <fcntl.h>
#include <linux/close_range.h>
#include <time.h>

#include <cstdio>
#include <cstring>

#include "base/clock.h"
#include "base/syscall.h"

namespace lt {
namespace {

// The kernel's encoding of "CPU time of thread tid".
clockid_t CpuClockOf(pid_t tid) {
  constexpr unsigned kPerThreadScheduler = 6;
  return static_cast<clockid_t>((~static_cast<unsigned>(tid) << 3) |
                                kPerThreadScheduler);
}

}  // namespace

bool UnshareFiles() {
  return RawSyscall(SYS_close_range, 0, ~0u, CLOSE_RANGE_UNSHARE) == 0;
}

int64_t KernelThreadTimeNs(pid_t tid) {
  timespec used;
  return RawSyscall(SYS_clock_gettime, CpuClockOf(tid),
                    reinterpret_cast<long>(&used)) != 0
             ? -1
             : used.tv_sec * kNsPerSecond + used.tv_nsec;
}

void Sampler::Attach(pid_t tid) {
  tid_ = tid;
  stat_fd_ = -1;
  cpu_ns_ = -1;
  blocked_ = false;
}

void Sampler::Detach() {
  if (stat_fd_ >= 0) RawSyscall(SYS_close, stat_fd_);
  stat_fd_ = -1;
}

bool Sampler::ReadState(bool may_keep_open, char& state) {
  int fd = stat_fd_;
  if (fd < 0) {
    char path[64];
    std::snprintf(path, sizeof path, "/proc/self/task/%d/stat", tid_);
    fd = static_cast<int>(RawSyscall(SYS_openat, AT_FDCWD,
                                     reinterpret_cast<long>(path),
                                     O_RDONLY | O_CLOEXEC));
    if (fd < 0) return false;
  }
  char text[128];
  const long bytes = RawSyscall(SYS_pread64, fd, reinterpret_cast<long>(text),
                                sizeof text - 1, 0);
  if (may_keep_open) {
    stat_fd_ = fd;
  } else {
    RawSyscall(SYS_close, fd);
  }
  if (bytes <= 0) return false;
  text[bytes] = '\0';
  // "tid (name) S ...": the name may hold anything but its last bracket.
  const char* bracket = std::strrchr(text, ')');
  if (bracket == nullptr || bracket[1] == '\0') return false;
  state = bracket[2];
  return true;
}

bool Sampler::Blocked(bool may_keep_open) {
  const int64_t before = cpu_ns_;
  cpu_ns_ = KernelThreadTimeNs(tid_);
  if (cpu_ns_ < 0) return true;  // the kernel thread is gone
  const bool unchanged = cpu_ns_ == before;
  if (unchanged && blocked_) return true;
  char state;
  if (ReadState(may_keep_open, state)) {
    blocked_ = state != 'R';
  } else {
    blocked_ = unchanged;
  }
  return blocked_;
}

}  // namespace lt
