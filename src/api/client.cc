// SPDX-License-Identifier: MIT
//
// For another threads library on top of this one (compat/sunos4): it learns of
// the end of main, and of threads that are stopped in the midst of the program.

#include "api/entry.h"
#include "sched/own_signal.h"
#include "thread/entry.h"

LT_EXPORT void _thr_client(void (*main_ended)(int),
                           void (*stopped)(void*, int)) {
  lt::g_main_hook = main_ended;
  lt::g_stop_hook = stopped;
}
