// SPDX-License-Identifier: MIT

#include "base/signal_set.h"

extern "C" int __libc_allocate_rtsig(int high);

namespace lt {

int g_own_signal = 0;

void StartOwnSignal() {
  // From the top: programs count from SIGRTMIN.
  if (g_own_signal == 0) g_own_signal = __libc_allocate_rtsig(0);
}

}  // namespace lt
