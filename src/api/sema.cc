// SPDX-License-Identifier: MIT
//
// Semaphores.

#include "sync/sema.h"

#include <cerrno>
#include <cstring>

#include "api/entry.h"
#include "sync/watch.h"

LT_EXPORT int sema_init(sema_t* sema, unsigned int count, int type, void*) {
  if (count > lt::kSemaMost) return EINVAL;
  if (const int error = lt::CheckSimpleType(type)) return error;
  if (lt::g_watch != 0) {
    lt::WatchInit(lt::Self(), "sema_init", "semaphore", sema);
  }
  sema_t made = {};
  lt::Of(&made).count = count;
  lt::Of(&made).type = static_cast<uint16_t>(type);
  lt::Of(&made).magic = lt::kSemaMagic;
  std::memcpy(static_cast<void*>(sema), &made, sizeof made);
  return lt::Misaligned(sema, type) ? EINVAL : 0;
}

LT_EXPORT int sema_destroy(sema_t* sema) {
  const bool shared = (lt::Of(sema).type & lt::kProcess) != 0;
  if (lt::g_watch != 0) lt::WatchDestroy(lt::Self(), lt::Of(sema));
  std::memset(static_cast<void*>(sema), 0, sizeof *sema);
  if (lt::g_watch != 0) lt::MarkDestroyed(sema, shared);
  return 0;
}

LT_EXPORT int sema_wait(sema_t* sema) {
  return lt::SemaWait(lt::Of(sema), lt::Limit::kNone, nullptr);
}

LT_EXPORT int sema_trywait(sema_t* sema) {
  return lt::SemaTryWait(lt::Of(sema));
}

LT_EXPORT int sema_timedwait(sema_t* sema, const timespec_t* time) {
  return lt::SemaWait(lt::Of(sema), lt::Limit::kTimeOfDay, time);
}

LT_EXPORT int sema_reltimedwait(sema_t* sema, const timespec_t* interval) {
  return lt::SemaWait(lt::Of(sema), lt::Limit::kInterval, interval);
}

LT_EXPORT int sema_post(sema_t* sema) {
  return lt::SemaPost(lt::Of(sema));
}

LT_EXPORT int _sema_held(void* sema) {
  auto* object = static_cast<sema_t*>(sema);
  return __atomic_load_n(&lt::Of(object).count, __ATOMIC_RELAXED) == 0;
}
LT_EXPORT LT_ALIAS(_sema_held)
int sema_held(void*);
