// SPDX-License-Identifier: MIT
//
// For another threads library on top of this one (compat/sunos4).

#include "api/entry.h"
#include "sched/own_signal.h"
#include "sync/sema.h"
#include "thread/entry.h"

// It learns of the end of main, and of threads that are stopped in the midst of
// the program.
LT_EXPORT void _thr_client(void (*main_ended)(int),
                           void (*stopped)(void*, int)) {
  lt::g_main_hook = main_ended;
  lt::g_stop_hook = stopped;
}

// sema_post(next) and sema_wait(own) of private semaphores in one call: a
// switch to a thread that waits.  No cancellation point at its begin.  0,
// EINTR.
LT_EXPORT int _thr_handoff(sema_t* next, sema_t* own) {
  lt::Thread& self = lt::Self();
  if (ABSL_PREDICT_FALSE(lt::g_watch != 0)) {
    static_cast<void>(lt::SemaPost(lt::Of(next)));
    return lt::SemaWait(lt::Of(own), lt::Limit::kNone, nullptr);
  }
  lt::Critical critical(self);
  if (!lt::PrivateSema::PostPlain(lt::Of(next))) {
    static_cast<void>(lt::PrivateSema::PostSlow(self, lt::Of(next)));
  }
  if (lt::PrivateSema::TakePlain(lt::Of(own))) return 0;
  return lt::PrivateSema::Wait(self, lt::Of(own), lt::Deadline::Never());
}
