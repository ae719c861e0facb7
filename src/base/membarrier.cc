// SPDX-License-Identifier: MIT

#include "base/membarrier.h"

#include <linux/membarrier.h>
#include <sys/mman.h>

#include "base/spinlock.h"
#include "base/syscall.h"

namespace lt {

bool g_no_membarrier = false;

namespace {

// Taking away a permission of a page in use makes the kernel interrupt every
// processor that runs a thread of the process.
alignas(4096) char g_page[4096];
SpinLock g_page_lock;  // no rank: nothing is locked under it

void InterruptProcessors() {
  const long page = reinterpret_cast<long>(g_page);
  SpinLockHolder hold(g_page_lock);
  *const_cast<volatile char*>(g_page) = 1;
  RawSyscall(SYS_mprotect, page, sizeof g_page, PROT_READ);
  RawSyscall(SYS_mprotect, page, sizeof g_page, PROT_READ | PROT_WRITE);
}

bool Barrier() {
  return RawSyscall(SYS_membarrier, MEMBARRIER_CMD_PRIVATE_EXPEDITED, 0, 0) ==
         0;
}

}  // namespace

void StartMembarrier() {
  g_no_membarrier =
      RawSyscall(SYS_membarrier, MEMBARRIER_CMD_REGISTER_PRIVATE_EXPEDITED, 0,
                 0) != 0;
}

bool MembarrierAll() {
  return !g_no_membarrier && Barrier();
}

void BarrierAll() {
  if (MembarrierAll()) return;
  // Nobody has registered yet, where there is no pool.
  if (!g_no_membarrier) StartMembarrier();
  if (!MembarrierAll()) InterruptProcessors();
}

}  // namespace lt
