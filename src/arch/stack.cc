// SPDX-License-Identifier: MIT

#include "arch/stack.h"

#include <sys/mman.h>

#include <atomic>
#include <cerrno>
#include <cstdint>
#include <new>

#include "base/syscall.h"

namespace lt {
namespace {

constexpr int kAdviseGuardInstall = 102;  // MADV_GUARD_INSTALL
constexpr size_t kSmallest = 16 * 1024;
constexpr size_t kLargest = size_t{1} << 46;
constexpr size_t kSlabBytes = size_t{64} << 20;
constexpr size_t kMostPerSlab = 512;

// Blocks of a class that nobody has: what is left of the newest slab, and those
// that could not get their guard, each linked through its first word.
struct SizeClass {
  SpinLock lock;  // rank 7
  char* next ABSL_GUARDED_BY(lock) = nullptr;
  char* end ABSL_GUARDED_BY(lock) = nullptr;
  char* returned ABSL_GUARDED_BY(lock) = nullptr;
};
constinit SizeClass g_classes[kStackClasses];

// Relaxed: every thread may find out by itself.
std::atomic<bool> g_use_mprotect{false};

// Raw system calls: errno belongs to the program.
char* Map(size_t bytes) {
  const long result = RawSyscall(
      SYS_mmap, 0, static_cast<long>(bytes), PROT_READ | PROT_WRITE,
      MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_STACK, -1, 0);
  if (result < 0 && result > -4096) return nullptr;
  // One huge page a stack would commit 2 MiB for each thread.
  RawSyscall(SYS_madvise, result, static_cast<long>(bytes), MADV_NOHUGEPAGE);
  return reinterpret_cast<char*>(result);
}

void Unmap(char* low, size_t bytes) {
  if (bytes > 0) {
    RawSyscall(SYS_munmap, reinterpret_cast<long>(low),
               static_cast<long>(bytes));
  }
}

bool InstallGuard(char* low) {
  const long at = reinterpret_cast<long>(low);
  if (!g_use_mprotect.load(std::memory_order_relaxed)) {
    const long error = RawSyscall(SYS_madvise, at, kPage, kAdviseGuardInstall);
    if (error == 0) return true;
    if (error != -EINVAL) return false;
    g_use_mprotect.store(true, std::memory_order_relaxed);
  }
  return RawSyscall(SYS_mprotect, at, kPage, PROT_NONE) == 0;
}

// A new slab: as many blocks as are usual, fewer where address space is short.
char* MapSlab(size_t class_bytes, size_t& slab_bytes) {
  size_t count = kSlabBytes / class_bytes;
  if (count < 1) count = 1;
  if (count > kMostPerSlab) count = kMostPerSlab;
  for (; count > 0; count /= 2) {
    slab_bytes = count * class_bytes;
    if (char* slab = Map(slab_bytes)) return slab;
  }
  return nullptr;
}

char* TakeBlock(SizeClass& size_class, size_t class_bytes) {
  SpinLockHolder hold(size_class.lock);
  char* low = size_class.returned;
  if (low != nullptr) {
    size_class.returned = *reinterpret_cast<char**>(low);
  } else if (size_class.next != size_class.end) {
    low = size_class.next;
    size_class.next += class_bytes;
  }
  return low;
}

// False when the class has blocks left.
bool Adopt(SizeClass& size_class, char* next, char* end) {
  SpinLockHolder hold(size_class.lock);
  if (size_class.next != size_class.end) return false;
  size_class.next = next;
  size_class.end = end;
  return true;
}

}  // namespace

int StackClassIndex(size_t class_bytes) {
  const int log = 63 - __builtin_clzl(class_bytes);
  const size_t step = size_t{1} << (log - 3);
  return (log - 14) * 8 +
         static_cast<int>((class_bytes - (size_t{1} << log)) / step);
}

size_t StackClassBytes(size_t usable, size_t extra) {
  if (usable > kLargest) return 0;
  size_t bytes = usable + extra + kPage;
  if (bytes < kSmallest) return kSmallest;
  const int log = 63 - __builtin_clzl(bytes);
  size_t step = size_t{1} << (log - 3);
  if (step < kPage) step = kPage;
  return (bytes + step - 1) / step * step;
}

int CarveStack(size_t class_bytes, StackBlock& block) {
  SizeClass& size_class = g_classes[StackClassIndex(class_bytes)];
  char* low = TakeBlock(size_class, class_bytes);
  if (low == nullptr) {
    // The kernel is entered without the lock, so two threads may map a slab
    // each.  The second keeps the one block that it came for.
    size_t slab_bytes;
    low = MapSlab(class_bytes, slab_bytes);
    if (low == nullptr) return ENOMEM;
    if (!Adopt(size_class, low + class_bytes, low + slab_bytes)) {
      Unmap(low + class_bytes, slab_bytes - class_bytes);
    }
  }
  if (!InstallGuard(low)) {
    SpinLockHolder hold(size_class.lock);
    *reinterpret_cast<char**>(low) = size_class.returned;
    size_class.returned = low;
    return EAGAIN;
  }
  block = {low, class_bytes};
  return 0;
}

void ForgetStacks() {
  for (SizeClass& size_class : g_classes) new (&size_class) SizeClass();
}

void ReleasePages(char* low, char* high) {
  if (low < high) {
    RawSyscall(SYS_madvise, reinterpret_cast<long>(low), high - low,
               MADV_DONTNEED);
  }
}

}  // namespace lt
