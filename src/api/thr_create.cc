// SPDX-License-Identifier: MIT
//
// thr_create and the sizes of stacks.

#include <sys/auxv.h>
#include <sys/mman.h>

#include <cerrno>
#include <cstdint>

#include "api/entry.h"
#include "base/syscall.h"
#include "thread/life.h"
#include "thread/suspend.h"

namespace lt {
namespace {

constexpr size_t kDefaultStackBytes = size_t{2} << 20;  // 64-bit Solaris'
constexpr int kPopulateWrite = 23;                      // MADV_POPULATE_WRITE

bool Populates(const void* address) {
  const auto page = reinterpret_cast<uintptr_t>(address) & ~(kPage - 1);
  return RawSyscall(SYS_madvise, static_cast<long>(page), kPage,
                    kPopulateWrite) == 0;
}

// Can the top page of a caller's stack be written?  Kernels that cannot tell
// (before Linux 5.14) are believed to say yes.
bool Writable(const char* low, size_t bytes) {
  const auto start = reinterpret_cast<uintptr_t>(low);
  if (start + bytes < start) return false;
  return Populates(low + bytes - 1) || !Populates(&start);
}

}  // namespace
}  // namespace lt

LT_EXPORT size_t thr_min_stack(void) {
#ifndef AT_MINSIGSTKSZ
#define AT_MINSIGSTKSZ 51
#endif
  // Room for the frames of the library and of the kernel's signal delivery;
  // never so much that the 16 KiB of old programs would be refused.
  constexpr size_t kFrames = 8192;
  constexpr size_t kMost = 16384;
  const size_t bytes =
      (kFrames + getauxval(AT_MINSIGSTKSZ) + lt::kPage - 1) & ~(lt::kPage - 1);
  return bytes < kMost ? bytes : kMost;
}

LT_EXPORT int thr_create(void* stack, size_t bytes, void* (*start)(void*),
                         void* arg, long flags, thread_t* id) {
  if ((stack != nullptr || bytes != 0) && bytes < thr_min_stack()) {
    return EINVAL;
  }
  auto* low = static_cast<char*>(stack);
  if (low != nullptr && !lt::Writable(low, bytes)) return EFAULT;
  lt::Birth birth;
  birth.stack_low = low;
  birth.stack_bytes = bytes != 0 ? bytes : lt::kDefaultStackBytes;
  birth.start = start;
  birth.arg = arg;
  birth.flags = static_cast<uint32_t>(flags);
  birth.bound = (flags & THR_BOUND) != 0;
  birth.daemon = (flags & THR_DAEMON) != 0;
  birth.detached = (flags & THR_DETACHED) != 0 || birth.daemon;
  birth.suspended = (flags & THR_SUSPENDED) != 0;
  return lt::CreateThread(lt::Self(), birth, id);
}
LT_EXPORT LT_ALIAS(thr_create)
int _thr_create(void*, size_t, void* (*)(void*), void*, long, thread_t*);

LT_EXPORT int thr_stksegment(stack_t* segment) {
  return lt::StackOf(lt::Self(), *segment) ? 0 : EAGAIN;
}
LT_EXPORT LT_ALIAS(thr_stksegment)
int _thr_stksegment(stack_t*);
