// SPDX-License-Identifier: MIT
//
// The rest of a thread's life, and who am I.

#include <pthread.h>

#include <cerrno>

#include "api/entry.h"
#include "sched/dispatch.h"
#include "thread/cancel.h"
#include "thread/census.h"
#include "thread/life.h"
#include "thread/lwps.h"

LT_EXPORT void thr_exit(void* status) {
  lt::Thread& self = lt::Self();
  if (self.kind == lt::Kind::kForeign) pthread_exit(status);
  lt::ExitThread(self, status);
}
LT_EXPORT LT_ALIAS(thr_exit) void _thr_exit(void*);

LT_EXPORT int thr_join(thread_t id, thread_t* departed, void** status) {
  lt::Thread& self = lt::Self();
  lt::TestCancel(self);
  return lt::JoinThread(self, id, departed, status);
}
LT_EXPORT LT_ALIAS(thr_join)
int _thr_join(thread_t, thread_t*, void**);

LT_EXPORT thread_t thr_self(void) {
  return lt::Self().id;
}
LT_EXPORT LT_ALIAS(thr_self)
thread_t _thr_self(void);
LT_EXPORT LT_ALIAS(thr_self)
thread_t _ti_thr_self(void);

LT_EXPORT int thr_main(void) {
  return lt::Self().id == 1 ? 1 : 0;
}
LT_EXPORT LT_ALIAS(thr_main)
int _thr_main(void);

// The number of the LWP that runs the caller now; an unbound thread's changes.
// Weak: the SunOS 4 library has another function of that name.
LT_EXPORT_WEAK int lwp_self(void) {
  return static_cast<int>(lt::OwnLwp());
}

LT_EXPORT void thr_yield(void) {
  lt::Yield(lt::Self());
}

LT_EXPORT int __nthreads(void) {
  lt::Self();  // the caller counts
  return lt::g_census.threads.load(std::memory_order_relaxed);
}
