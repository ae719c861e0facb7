// SPDX-License-Identifier: MIT
//
// Thread-specific data.

#include <cerrno>

#include "api/entry.h"
#include "thread/keys.h"

LT_EXPORT int thr_keycreate(thread_key_t* key, void (*destructor)(void*)) {
  return lt::CreateKey(*key, destructor);
}
LT_EXPORT LT_ALIAS(thr_keycreate)
int _thr_keycreate(thread_key_t*, void (*)(void*));

LT_EXPORT int thr_keycreate_once(thread_key_t* key, void (*destructor)(void*)) {
  return lt::CreateKeyOnce(*key, THR_ONCE_KEY, destructor);
}

LT_EXPORT int thr_setspecific(thread_key_t key, void* value) {
  return lt::SetValue(lt::Self(), key, value);
}
LT_EXPORT LT_ALIAS(thr_setspecific)
int _thr_setspecific(thread_key_t, void*);

LT_EXPORT int thr_getspecific(thread_key_t key, void** value) {
  if (key == 0) return EINVAL;
  *value = lt::GetValue(lt::Self(), key);
  return 0;
}
LT_EXPORT LT_ALIAS(thr_getspecific)
int _thr_getspecific(thread_key_t, void**);
