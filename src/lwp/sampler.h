// SPDX-License-Identifier: MIT
//
// Does a kernel thread run, or is it blocked in the kernel?
//
// Any kind of block counts (raw system calls, page faults): the answer comes
// from /proc/self/task/N/stat, read through a descriptor that stays open.  The
// thread's CPU clock, ten times cheaper, filters: a thread that was blocked
// and has used no time since is blocked still.  Without /proc the CPU clock
// alone decides.
//
// The descriptors live in a file table of the sampling thread's own
// (UnshareFiles), so that the program never meets them.  One thread samples.

#ifndef LIBTHREAD_LWP_SAMPLER_H_
#define LIBTHREAD_LWP_SAMPLER_H_

#include <sys/types.h>

#include <cstdint>

namespace lt {

// Gives the calling kernel thread an empty file table of its own.  False when
// the kernel cannot: no descriptor may be kept open then.
bool UnshareFiles();

// Processor time so far of a kernel thread of the process, ns; -1: it is gone.
int64_t KernelThreadTimeNs(pid_t tid);

class Sampler {
 public:
  // Starts to watch another kernel thread.
  void Attach(pid_t tid);
  void Detach();
  // The answer for now.  `may_keep_open`: UnshareFiles() succeeded.
  bool Blocked(bool may_keep_open);

 private:
  bool ReadState(bool may_keep_open, char& state);

  pid_t tid_ = 0;
  int stat_fd_ = -1;
  int64_t cpu_ns_ = -1;
  bool blocked_ = false;
};

}  // namespace lt

#endif  // LIBTHREAD_LWP_SAMPLER_H_
