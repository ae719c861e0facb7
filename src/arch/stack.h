// SPDX-License-Identifier: MIT
//
// Stack blocks: address space for the stacks of threads, in slabs of many,
// each block with a guard page at its low end.
//
//   low                                                             high
//   | guard page | stack, grows down ......... | room for TLS (or not) |
//
// Sizes come in classes (eight to a doubling), so that blocks are exchangeable.
// Memory is reserved, not committed.  A block is carved once and never given
// back: who has no use for it keeps it in the thread cache.  Guards are made by
// MADV_GUARD_INSTALL where the kernel has it (Linux 6.13: no mapping of their
// own), else by mprotect, which ends at the kernel's limit of mappings.

#ifndef LIBTHREAD_ARCH_STACK_H_
#define LIBTHREAD_ARCH_STACK_H_

#include <cstddef>

#include "base/spinlock.h"

namespace lt {

inline constexpr size_t kPage = 4096;

struct StackBlock {
  char* low = nullptr;  // the guard page
  size_t bytes = 0;     // guard included; a class size

  char* usable_low() const { return low + kPage; }
  char* high() const { return low + bytes; }
};

// The class size for a stack of `usable` bytes below `extra` bytes of TLS,
// guard included; 0 when no address space could hold it.
size_t StackClassBytes(size_t usable, size_t extra);

// Number of a class size, from 0 to kStackClasses - 1.
inline constexpr int kStackClasses = 8 * 34;
int StackClassIndex(size_t class_bytes);

// Carves a block of a class size.  Returns 0, ENOMEM (no address space) or
// EAGAIN (no guard to be had: the kernel's limit of mappings).  May enter the
// kernel; takes no other lock.
[[nodiscard]] int CarveStack(size_t class_bytes, StackBlock& block);

// In the child of a fork: starts anew.  What the threads that are gone had, and
// was half changed perhaps, is address space that nobody uses.
void ForgetStacks();

// Gives the pages of [low, high) back to the kernel; the addresses stay.
void ReleasePages(char* low, char* high);

// True when `address` lies in the guard page of `block`.
inline bool InGuard(const StackBlock& block, const void* address) {
  auto* at = static_cast<const char*>(address);
  return block.low != nullptr && at >= block.low && at < block.low + kPage;
}

}  // namespace lt

#endif  // LIBTHREAD_ARCH_STACK_H_
