// SPDX-License-Identifier: MIT
//
// yield, Solaris' system call, which many programs have a function of their own
// of.

#include "api/entry.h"

LT_EXPORT_WEAK void yield(void) {
  thr_yield();
}
