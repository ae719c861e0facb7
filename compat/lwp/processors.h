// SPDX-License-Identifier: MIT
//
// Processors, sets of them, and the kernel threads' affinity masks.

#ifndef LIBTHREAD_COMPAT_LWP_PROCESSORS_H_
#define LIBTHREAD_COMPAT_LWP_PROCESSORS_H_

#include <sys/types.h>

#include <cstdint>

namespace lt {

class CpuMask {
 public:
  static constexpr int kMost = 8192;  // the kernel's own limit

  bool Has(int cpu) const {
    return cpu >= 0 && cpu < kMost && (words_[cpu / 64] >> cpu % 64 & 1) != 0;
  }
  void Add(int cpu) { words_[cpu / 64] |= uint64_t{1} << cpu % 64; }
  void Remove(int cpu) { words_[cpu / 64] &= ~(uint64_t{1} << cpu % 64); }
  int Count() const;
  bool Empty() const { return Count() == 0; }
  // The only one in it, or -1.
  int Only() const;
  // The next one from `cpu` on, or -1.
  int Next(int cpu) const;
  bool Within(const CpuMask& other) const;
  bool operator==(const CpuMask&) const = default;

  static CpuMask Of(int cpu);
  uint64_t* words() { return words_; }
  const uint64_t* words() const { return words_; }

 private:
  uint64_t words_[kMost / 64] = {};
};

// Of a kernel thread, 0 for the caller: 0 or an error number (ESRCH, EPERM,
// EINVAL: nothing in it is on line).
[[nodiscard]] int ReadAffinity(pid_t tid, CpuMask& mask);
[[nodiscard]] int SetAffinity(pid_t tid, const CpuMask& mask);

// What the process started with.
const CpuMask& StartMask();

// That the machine has, and those of them that run.
CpuMask PresentProcessors();
CpuMask OnlineProcessors();

}  // namespace lt

#endif  // LIBTHREAD_COMPAT_LWP_PROCESSORS_H_
