// SPDX-License-Identifier: MIT

#include "base/membarrier.h"

#include <linux/membarrier.h>

#include "base/syscall.h"

namespace lt {

bool g_no_membarrier = false;

void StartMembarrier() {
  g_no_membarrier =
      RawSyscall(SYS_membarrier, MEMBARRIER_CMD_REGISTER_PRIVATE_EXPEDITED, 0,
                 0) != 0;
}

bool MembarrierAll() {
  return !g_no_membarrier &&
         RawSyscall(SYS_membarrier, MEMBARRIER_CMD_PRIVATE_EXPEDITED, 0, 0) ==
             0;
}

}  // namespace lt
