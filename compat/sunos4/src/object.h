// SPDX-License-Identifier: MIT
//
// What a handle names: threads, agents, monitors and condition variables.
//
// A handle is an address and a key, passed by value.  INV-OB1: memory of an
// object is used for objects of its kind only, and never given back.  INV-OB2:
// keys are positive, and no two living objects have the same.  A handle is good
// when the table has a living object of its key, at its address and of the kind
// that is asked for: stale handles and garbage are told apart from good ones
// without looking at what they point to.
//
// Like all that is the pod's, it is touched by who has the baton (pod.h).

#ifndef LIBLWP_OBJECT_H_
#define LIBLWP_OBJECT_H_

#include <cstddef>
#include <cstdint>
#include <new>

namespace lwp4 {

// thread_t, mon_t and cv_t of <lwp/lwp.h>: they have the same layout.
struct Handle {
  char* id;
  int key;
};

inline bool operator==(const Handle& a, const Handle& b) {
  return a.id == b.id && a.key == b.key;
}

enum class Kind : uint8_t { kFree, kThread, kAgent, kMonitor, kCond };

struct Object {
  Kind kind = Kind::kFree;
  int key = 0;
  Object* same_key = nullptr;  // next in the table's chain
  // All living ones of the kind, in the order of their creation; of free ones
  // `next` alone is used.
  Object* next = nullptr;
  Object* prev = nullptr;

  Handle handle() { return {reinterpret_cast<char*>(this), key}; }
};

// The living objects of a kind, the oldest first; and how many they are.
Object* FirstOf(Kind kind);
int CountOf(Kind kind);

// The living object of one of the two kinds that the handle names, or null.
Object* FindObject(const Handle& handle, Kind kind, Kind or_kind);
template <typename T>
T* Find(const Handle& handle) {
  return static_cast<T*>(FindObject(handle, T::kKind, T::kKind));
}

// Memory for an object of `bytes`, a constant of the kind; gives it a key and
// makes it known.  Null: no memory.
Object* NewObjectMemory(Kind kind, size_t bytes);
// A new object in its initial state, known.
template <typename T>
T* NewObject() {
  Object* memory = NewObjectMemory(T::kKind, sizeof(T));
  if (memory == nullptr) return nullptr;
  const Object base = *memory;
  T* made = new (memory) T();
  static_cast<Object&>(*made) = base;
  return made;
}

// Its handles are stale from now on.
void FreeObject(Object& object);
// The same, and its memory is used for nothing else.
void ForgetObject(Object& object);

// A key that no living object has.
int FreshKey();

// Handles of all living objects of the kind, as many as fit; returns how many
// there are.
int Enumerate(Kind kind, Handle* vec, int most);

}  // namespace lwp4

#endif  // LIBLWP_OBJECT_H_
