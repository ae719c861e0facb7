// SPDX-License-Identifier: MIT
//
// Readers/writer locks.

#include "sync/rwlock.h"

#include <cerrno>
#include <cstring>

#include "api/entry.h"
#include "sync/watch.h"

LT_EXPORT int rwlock_init(rwlock_t* lock, int type, void*) {
  if (const int error = lt::CheckSimpleType(type)) return error;
  if (lt::g_watch != 0) {
    lt::WatchInit(lt::Self(), "rwlock_init", "rwlock", lock);
  }
  rwlock_t made = {};
  lt::Of(&made).type = static_cast<uint16_t>(type);
  lt::Of(&made).magic = lt::kRwlockMagic;
  std::memcpy(static_cast<void*>(lock), &made, sizeof made);
  return lt::Misaligned(lock, type) ? EINVAL : 0;
}

LT_EXPORT int rwlock_destroy(rwlock_t* lock) {
  const bool shared = (lt::Of(lock).type & lt::kProcess) != 0;
  if (lt::g_watch != 0) lt::WatchDestroy(lt::Self(), lt::Of(lock));
  std::memset(static_cast<void*>(lock), 0, sizeof *lock);
  if (lt::g_watch != 0) lt::MarkDestroyed(lock, shared);
  return 0;
}

LT_EXPORT int rw_rdlock(rwlock_t* lock) {
  return lt::ReadLock(lt::Of(lock));
}

LT_EXPORT int rw_tryrdlock(rwlock_t* lock) {
  return lt::TryReadLock(lt::Self(), lt::Of(lock));
}

LT_EXPORT int rw_wrlock(rwlock_t* lock) {
  return lt::WriteLock(lt::Self(), lt::Of(lock));
}

LT_EXPORT int rw_trywrlock(rwlock_t* lock) {
  return lt::TryWriteLock(lt::Self(), lt::Of(lock));
}

LT_EXPORT int rw_unlock(rwlock_t* lock) {
  return lt::UnlockRwlock(lt::Of(lock));
}

LT_EXPORT int _rw_read_held(void* lock) {
  return lt::ReadHeldBy(lt::Self(), lt::Of(static_cast<rwlock_t*>(lock)));
}
LT_EXPORT LT_ALIAS(_rw_read_held)
int rw_read_held(void*);

LT_EXPORT int _rw_write_held(void* lock) {
  return lt::WriteHeldBy(lt::Self(), lt::Of(static_cast<rwlock_t*>(lock)));
}
LT_EXPORT LT_ALIAS(_rw_write_held)
int rw_write_held(void*);
