// SPDX-License-Identifier: MIT
//
// Processes and their kernel threads, as /proc shows them.

#ifndef LIBTHREAD_COMPAT_LWP_PROCESSES_H_
#define LIBTHREAD_COMPAT_LWP_PROCESSES_H_

#include <sys/types.h>

#include "base/process_id.h"

namespace lt {

inline pid_t OwnProcess() {
  return static_cast<pid_t>(g_process_id);
}

// The entries of a directory whose names are numbers, in turn.
class NumberedEntries {
 public:
  explicit NumberedEntries(const char* path);
  ~NumberedEntries();
  NumberedEntries(const NumberedEntries&) = delete;
  NumberedEntries& operator=(const NumberedEntries&) = delete;

  // 0, or why the directory cannot be read.
  int error() const { return error_; }
  // The next one; 0: there is no other.
  int Next();

 private:
  static constexpr int kBytes = 2048;
  long descriptor_;
  int error_ = 0;
  int at_ = 0;
  int end_ = 0;
  alignas(8) char buffer_[kBytes];
};

struct Processes : NumberedEntries {
  Processes() : NumberedEntries("/proc") {}
};

// The kernel threads of a process.  Those that begin or end meanwhile may be
// left out: who changes all of them goes through them until none needs it.
class KernelThreads {
 public:
  explicit KernelThreads(pid_t process);
  int Next() { return entries_.Next(); }
  int error() const { return entries_.error(); }

 private:
  struct Path {
    explicit Path(pid_t process);
    char text[32];
  };
  Path path_;
  NumberedEntries entries_;
};

struct ProcessView {
  pid_t parent = 0;
  pid_t group = 0;
  pid_t session = 0;
  uid_t user = 0;  // effective, both
  gid_t of_group = 0;
  bool kernels = false;  // a part of the kernel
};
// ESRCH: there is no such process.
[[nodiscard]] int LookAtProcess(pid_t process, ProcessView& view);

// Reads a small file into a terminated text.  False: it cannot be read.
bool ReadText(const char* path, char* text, size_t room);

}  // namespace lt

#endif  // LIBTHREAD_COMPAT_LWP_PROCESSES_H_
