// SPDX-License-Identifier: MIT
//
// What every file of entry points needs: the objects of <synch.h> under the
// library's names, and the mark of an exported function.

#ifndef LIBTHREAD_API_ENTRY_H_
#define LIBTHREAD_API_ENTRY_H_

#include <synch.h>
#include <thread.h>

#include "base/config.h"
#include "sync/objects.h"
#include "thread/runtime.h"

#define LT_EXPORT extern "C" __attribute__((visibility("default")))
// For names that a program may have itself: in the archive, too, its own wins.
#define LT_EXPORT_WEAK extern "C" __attribute__((visibility("default"), weak))
// A second name for an exported function of the same file.
#define LT_ALIAS(name) \
  __attribute__((visibility("default"), alias(#name), copy(name)))

namespace lt {

static_assert(sizeof(mutex_t) == sizeof(Mutex));
static_assert(sizeof(cond_t) == sizeof(Cond));
static_assert(sizeof(rwlock_t) == sizeof(Rwlock));
static_assert(sizeof(sema_t) == sizeof(Sema));

inline Mutex& Of(mutex_t* object) {
  return *reinterpret_cast<Mutex*>(object);
}
inline Cond& Of(cond_t* object) {
  return *reinterpret_cast<Cond*>(object);
}
inline Rwlock& Of(rwlock_t* object) {
  return *reinterpret_cast<Rwlock*>(object);
}
inline Sema& Of(sema_t* object) {
  return *reinterpret_cast<Sema*>(object);
}

// Solaris initialises a misaligned object and then complains, unless
// LOCKS_MISALIGNED says that such objects are meant.  x86 works on them as on
// others, but for the kernel's waits on process-shared ones.
inline bool Misaligned(const void* object, int type) {
#if defined(__x86_64__)
  constexpr uintptr_t kFutexAlignment = 4;
  if (g_config.misaligned) {
    return (type & USYNC_PROCESS) != 0 &&
           reinterpret_cast<uintptr_t>(object) % kFutexAlignment != 0;
  }
#else
  static_cast<void>(type);
#endif
  return !IsAligned(object);
}

// The type argument of cond_init, rwlock_init and sema_init.
inline int CheckSimpleType(int type) {
  return type == USYNC_THREAD || type == USYNC_PROCESS ? 0 : EINVAL;
}

}  // namespace lt

#endif  // LIBTHREAD_API_ENTRY_H_
