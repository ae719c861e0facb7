// SPDX-License-Identifier: MIT

#include "compat/lwp/processors.h"

#include <cerrno>
#include <cstdlib>

#include "base/syscall.h"
#include "compat/lwp/processes.h"

namespace lt {
namespace {

constinit CpuMask g_start_mask;

// Before any code of the program that could change it.
__attribute__((constructor)) void RememberStartMask() {
  static_cast<void>(ReadAffinity(0, g_start_mask));
}

// "0-3,8\n".  Where the kernel does not say: what the process may use.
CpuMask Listed(const char* path) {
  char text[4096];
  if (!ReadText(path, text, sizeof text)) return g_start_mask;
  CpuMask mask;
  char* at = text;
  while (*at >= '0' && *at <= '9') {
    const long first = std::strtol(at, &at, 10);
    const long last = *at == '-' ? std::strtol(at + 1, &at, 10) : first;
    for (long cpu = first; cpu <= last && cpu < CpuMask::kMost; ++cpu) {
      mask.Add(static_cast<int>(cpu));
    }
    if (*at == ',') ++at;
  }
  return mask;
}

}  // namespace

int CpuMask::Count() const {
  int count = 0;
  // Bit by bit: the compiler's own count is a function of libgcc_s.so.
  for (uint64_t word : words_) {
    for (; word != 0; word &= word - 1) ++count;
  }
  return count;
}

int CpuMask::Only() const {
  return Count() == 1 ? Next(0) : -1;
}

int CpuMask::Next(int cpu) const {
  while (cpu < kMost && !Has(cpu)) {
    // Whole words at a time where they are empty.
    cpu = cpu % 64 == 0 && words_[cpu / 64] == 0 ? cpu + 64 : cpu + 1;
  }
  return cpu < kMost ? cpu : -1;
}

bool CpuMask::Within(const CpuMask& other) const {
  for (int i = 0; i < kMost / 64; ++i) {
    if ((words_[i] & ~other.words_[i]) != 0) return false;
  }
  return true;
}

CpuMask CpuMask::Of(int cpu) {
  CpuMask mask;
  mask.Add(cpu);
  return mask;
}

int ReadAffinity(pid_t tid, CpuMask& mask) {
  mask = {};
  const long result = RawSyscall(SYS_sched_getaffinity, tid, CpuMask::kMost / 8,
                                 reinterpret_cast<long>(mask.words()));
  return result < 0 ? static_cast<int>(-result) : 0;
}

int SetAffinity(pid_t tid, const CpuMask& mask) {
  return static_cast<int>(-RawSyscall(SYS_sched_setaffinity, tid,
                                      CpuMask::kMost / 8,
                                      reinterpret_cast<long>(mask.words())));
}

const CpuMask& StartMask() {
  return g_start_mask;
}

CpuMask PresentProcessors() {
  return Listed("/sys/devices/system/cpu/present");
}

CpuMask OnlineProcessors() {
  return Listed("/sys/devices/system/cpu/online");
}

}  // namespace lt
