// SPDX-License-Identifier: MIT
//
// Thread-specific data.  Keys count up from 1 and are never deleted.  Values of
// the first eight lie in the thread object, those of later ones in a table that
// doubles.  A thread touches its own values only, without a lock; the table of
// destructors (rank 8) only grows.

#ifndef LIBTHREAD_THREAD_KEYS_H_
#define LIBTHREAD_THREAD_KEYS_H_

#include <cstdint>

#include "sched/thread.h"

namespace lt {

using KeyDestructor = void (*)(void*);

// EAGAIN when there are no more keys, ENOMEM when there is no memory.
[[nodiscard]] int CreateKey(uint32_t& key, KeyDestructor destructor);
// The same, once for a variable that holds `once` (THR_ONCE_KEY).
[[nodiscard]] int CreateKeyOnce(uint32_t& key, uint32_t once,
                                KeyDestructor destructor);
// EINVAL for key 0 and keys never created, ENOMEM.
[[nodiscard]] int SetValue(Thread& self, uint32_t key, void* value);
// The part of SetValue() for keys past the inline ones.
[[nodiscard]] int SetValueSlow(Thread& self, uint32_t key, void* value);

// Null for keys that the thread has no value of.  key != 0.
inline void* GetValue(const Thread& self, uint32_t key) {
  if (key < kInlineKeys) return self.inline_values[key];
  const uint32_t slot = key - kInlineKeys;
  return slot < self.value_room ? self.values[slot] : nullptr;
}

// Calls destructors, in ascending order of keys, until a pass finds no value.
void RunDestructors(Thread& self);

// Frees the table of a dead thread, values that are left forgotten.
void FreeValues(Thread& thread);

}  // namespace lt

#endif  // LIBTHREAD_THREAD_KEYS_H_
