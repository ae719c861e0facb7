// SPDX-License-Identifier: MIT
//
// Readers/writer locks.

#include "sync/rwlock.h"

#include <cerrno>
#include <cstring>

#include "api/entry.h"
#include "sync/shared_rwlock.h"

namespace lt {
namespace {

bool IsShared(rwlock_t* lock) {
  return (Of(lock).type & kProcess) != 0;
}

}  // namespace
}  // namespace lt

LT_EXPORT int rwlock_init(rwlock_t* lock, int type, void*) {
  if (const int error = lt::CheckSimpleType(type)) return error;
  rwlock_t made = {};
  lt::Of(&made).type = static_cast<uint16_t>(type);
  lt::Of(&made).magic = lt::kRwlockMagic;
  std::memcpy(static_cast<void*>(lock), &made, sizeof made);
  return lt::Misaligned(lock) ? EINVAL : 0;
}

LT_EXPORT int rwlock_destroy(rwlock_t* lock) {
  std::memset(static_cast<void*>(lock), 0, sizeof *lock);
  return 0;
}

LT_EXPORT int rw_rdlock(rwlock_t* lock) {
  if (lt::IsShared(lock)) return lt::SharedReadLock(lt::Self(), lt::Of(lock));
  return lt::ReadLock(lt::Self(), lt::Of(lock));
}

LT_EXPORT int rw_tryrdlock(rwlock_t* lock) {
  if (lt::IsShared(lock))
    return lt::SharedTryReadLock(lt::Self(), lt::Of(lock));
  return lt::TryReadLock(lt::Self(), lt::Of(lock));
}

LT_EXPORT int rw_wrlock(rwlock_t* lock) {
  if (lt::IsShared(lock)) return lt::SharedWriteLock(lt::Self(), lt::Of(lock));
  return lt::WriteLock(lt::Self(), lt::Of(lock));
}

LT_EXPORT int rw_trywrlock(rwlock_t* lock) {
  if (lt::IsShared(lock))
    return lt::SharedTryWriteLock(lt::Self(), lt::Of(lock));
  return lt::TryWriteLock(lt::Self(), lt::Of(lock));
}

LT_EXPORT int rw_unlock(rwlock_t* lock) {
  if (lt::IsShared(lock))
    return lt::SharedUnlockRwlock(lt::Self(), lt::Of(lock));
  return lt::UnlockRwlock(lt::Self(), lt::Of(lock));
}

LT_EXPORT int _rw_read_held(void* lock) {
  return lt::ReadHeldBy(lt::Self(), lt::Of(static_cast<rwlock_t*>(lock)));
}
LT_EXPORT LT_ALIAS(_rw_read_held)
int rw_read_held(void*);

LT_EXPORT int _rw_write_held(void* lock) {
  lt::Rwlock& object = lt::Of(static_cast<rwlock_t*>(lock));
  if ((object.type & lt::kProcess) != 0) {
    return lt::SharedWriteHeldBy(lt::Self(), object);
  }
  return lt::WriteHeldBy(lt::Self(), object);
}
LT_EXPORT LT_ALIAS(_rw_write_held)
int rw_write_held(void*);
