// SPDX-License-Identifier: MIT
//
// Mutexes.

#include "sync/mutex.h"

#include <cerrno>
#include <cstring>

#include "api/entry.h"
#include "base/panic.h"
#include "sync/robust.h"
#include "sync/watch.h"

namespace {

constexpr int kKnownTypes = USYNC_PROCESS | LOCK_ERRORCHECK | LOCK_RECURSIVE |
                            USYNC_PROCESS_ROBUST | LOCK_PRIO_INHERIT |
                            LOCK_PRIO_PROTECT | LOCK_ROBUST;
constexpr int kProtocols = LOCK_PRIO_INHERIT | LOCK_PRIO_PROTECT;

int CheckMutexType(int type) {
  if ((type & ~kKnownTypes) != 0 || (type & kProtocols) == kProtocols) {
    return EINVAL;
  }
  constexpr int kWithoutProtocols =
      USYNC_PROCESS | USYNC_PROCESS_ROBUST | LOCK_ROBUST;
  const bool combined =
      (type & kProtocols) != 0 && (type & kWithoutProtocols) != 0;
  return combined ? ENOTSUP : 0;
}

// The ceiling that mutex_init's argument says; EINVAL for none of a priority.
int ReadCeiling(int type, const void* arg, uint8_t& ceiling) {
  if ((type & LOCK_PRIO_PROTECT) == 0) return 0;
  if (arg == nullptr) return EINVAL;
  const int value = *static_cast<const int*>(arg);
  if (value < 0 || value >= lt::kPriorities) return EINVAL;
  ceiling = static_cast<uint8_t>(value);
  return 0;
}

// mutex_enter and mutex_exit have no way to report an error.
void EndOnMisuse(const char* function, const mutex_t* mutex, int error) {
  if (error != 0) {
    lt::Panic("%s(%p): %s", function, static_cast<const void*>(mutex),
              strerrordesc_np(error));
  }
}

void CheckEnterable(const char* function, mutex_t* mutex) {
  if ((lt::Of(mutex).type & lt::kErrorCheck) == 0) {
    lt::Panic("%s(%p): not a LOCK_ERRORCHECK mutex", function,
              static_cast<void*>(mutex));
  }
}

}  // namespace

LT_EXPORT int mutex_init(mutex_t* mutex, int type, void* arg) {
  if (const int error = CheckMutexType(type)) return error;
  uint8_t ceiling = 0;
  if (const int error = ReadCeiling(type, arg, ceiling)) return error;
  if ((type & USYNC_PROCESS_ROBUST) != 0) type |= USYNC_PROCESS | LOCK_ROBUST;
  if (lt::g_watch != 0) {
    lt::WatchInit(lt::Self(), "mutex_init", "mutex", mutex,
                  (type & LOCK_ROBUST) == 0);
  }
  if ((type & LOCK_ROBUST) != 0) {
    // The state of one that is in use counts.
    const int error = lt::RobustInit(lt::Self(), lt::Of(mutex), type);
    return lt::Misaligned(mutex, type) ? EINVAL : error;
  }
  // Made in aligned memory: Solaris initialises misaligned objects too.
  mutex_t made = {};
  lt::Of(&made).type = static_cast<uint8_t>(type);
  lt::Of(&made).ceiling = ceiling;
  lt::Of(&made).magic = lt::kMutexMagic;
  std::memcpy(static_cast<void*>(mutex), &made, sizeof made);
  return lt::Misaligned(mutex, type) ? EINVAL : 0;
}

LT_EXPORT int mutex_destroy(mutex_t* mutex) {
  const bool shared = !lt::IsPrivate(lt::Of(mutex));
  if (lt::g_watch != 0) lt::WatchDestroy(lt::Self(), lt::Of(mutex));
  if ((lt::Of(mutex).type & lt::kRobust) != 0) {
    lt::RobustDestroy(lt::Self(), lt::Of(mutex));
  }
  std::memset(static_cast<void*>(mutex), 0, sizeof *mutex);
  if (lt::g_watch != 0) lt::MarkDestroyed(mutex, shared);
  return 0;
}

LT_EXPORT int mutex_lock(mutex_t* mutex) {
  return lt::MutexLock(lt::Self(), lt::Of(mutex));
}

LT_EXPORT int mutex_trylock(mutex_t* mutex) {
  return lt::MutexTryLock(lt::Self(), lt::Of(mutex));
}

LT_EXPORT LT_UNLOCKING int mutex_unlock(mutex_t* mutex) {
  lt::Thread& self = lt::Self();
  const int error = lt::MutexUnlock(self, lt::Of(mutex));
  lt::EndUnlock(self);
  return error;
}

LT_EXPORT int mutex_consistent(mutex_t* mutex) {
  return lt::RobustConsistent(lt::Self(), lt::Of(mutex));
}

LT_EXPORT void mutex_enter(mutex_t* mutex) {
  CheckEnterable("mutex_enter", mutex);
  EndOnMisuse("mutex_enter", mutex, lt::MutexLock(lt::Self(), lt::Of(mutex)));
}

LT_EXPORT void mutex_exit(mutex_t* mutex) {
  CheckEnterable("mutex_exit", mutex);
  EndOnMisuse("mutex_exit", mutex, mutex_unlock(mutex));
}

LT_EXPORT int _mutex_held(void* mutex) {
  return lt::HeldByKind(lt::Self(), lt::Of(static_cast<mutex_t*>(mutex)));
}
LT_EXPORT LT_ALIAS(_mutex_held)
int mutex_held(void*);
