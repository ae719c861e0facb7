// SPDX-License-Identifier: MIT
//
// Signals of threads.

#include <csignal>

#include "api/entry.h"
#include "process/action.h"
#include "process/kill.h"
#include "process/mask.h"

LT_EXPORT int thr_kill(thread_t id, int signal) {
  return lt::SendToThread(lt::Self(), id, signal);
}
LT_EXPORT LT_ALIAS(thr_kill)
int _thr_kill(thread_t, int);

LT_EXPORT int thr_sigsetmask(int how, const sigset_t* set, sigset_t* before) {
  return lt::ChangeMask(how, set, before);
}
LT_EXPORT LT_ALIAS(thr_sigsetmask)
int _thr_sigsetmask(int, const sigset_t*, sigset_t*);

LT_EXPORT void thr_sighndlrinfo(void (**start)(void), int* bytes) {
  lt::HandlerCode(start, bytes);
}
LT_EXPORT LT_ALIAS(thr_sighndlrinfo) void _thr_sighndlrinfo(void (**)(void),
                                                            int*);
