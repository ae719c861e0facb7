// SPDX-License-Identifier: MIT
//
// Semaphores.

#include "sync/sema.h"

#include <cerrno>
#include <cstring>

#include "api/entry.h"
#include "sync/shared_sema.h"
#include "thread/cancel.h"

namespace lt {
namespace {

bool IsShared(const Sema& sema) {
  return (sema.type & kProcess) != 0;
}

// A cancellation point.
int Wait(sema_t* sema, Limit limit, const timespec* time) {
  Thread& self = Self();
  TestCancel(self);
  if (IsShared(Of(sema))) return SharedSemaWait(self, Of(sema), limit, time);
  return SemaWait(self, Of(sema), limit, time);
}

}  // namespace
}  // namespace lt

LT_EXPORT int sema_init(sema_t* sema, unsigned int count, int type, void*) {
  if (count > lt::kSemaMost) return EINVAL;
  if (const int error = lt::CheckSimpleType(type)) return error;
  sema_t made = {};
  lt::Of(&made).count = count;
  lt::Of(&made).type = static_cast<uint16_t>(type);
  lt::Of(&made).magic = lt::kSemaMagic;
  std::memcpy(static_cast<void*>(sema), &made, sizeof made);
  return lt::Misaligned(sema) ? EINVAL : 0;
}

LT_EXPORT int sema_destroy(sema_t* sema) {
  std::memset(static_cast<void*>(sema), 0, sizeof *sema);
  return 0;
}

LT_EXPORT int sema_wait(sema_t* sema) {
  return lt::Wait(sema, lt::Limit::kNone, nullptr);
}

LT_EXPORT int sema_trywait(sema_t* sema) {
  if (lt::IsShared(lt::Of(sema))) return lt::SharedSemaTryWait(lt::Of(sema));
  return lt::SemaTryWait(lt::Self(), lt::Of(sema));
}

LT_EXPORT int sema_timedwait(sema_t* sema, const timespec_t* time) {
  return lt::Wait(sema, lt::Limit::kTimeOfDay, time);
}

LT_EXPORT int sema_reltimedwait(sema_t* sema, const timespec_t* interval) {
  return lt::Wait(sema, lt::Limit::kInterval, interval);
}

LT_EXPORT int sema_post(sema_t* sema) {
  if (lt::IsShared(lt::Of(sema))) return lt::SharedSemaPost(lt::Of(sema));
  return lt::SemaPost(lt::Self(), lt::Of(sema));
}

LT_EXPORT int _sema_held(void* sema) {
  auto* object = static_cast<sema_t*>(sema);
  return __atomic_load_n(&lt::Of(object).count, __ATOMIC_RELAXED) == 0;
}
LT_EXPORT LT_ALIAS(_sema_held)
int sema_held(void*);
