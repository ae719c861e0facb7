// SPDX-License-Identifier: MIT
//
// What lies in the objects of <synch.h>: the same bytes, with the names that
// the library uses.  All zero is a valid, free, process-private object of each
// kind.

#ifndef LIBTHREAD_SYNC_OBJECTS_H_
#define LIBTHREAD_SYNC_OBJECTS_H_

#include <atomic>
#include <bit>
#include <cstddef>
#include <cstdint>

#include "sched/thread.h"

namespace lt {

// Bits of a type, as in <synch.h>.
inline constexpr int kProcess = 0x01;
inline constexpr int kErrorCheck = 0x02;
inline constexpr int kRecursive = 0x04;
inline constexpr int kProcessRobust = 0x08;  // an old name; also kRobust then
inline constexpr int kPrioInherit = 0x10;
inline constexpr int kPrioProtect = 0x20;
inline constexpr int kRobust = 0x40;

inline constexpr int kErrorUnmapped = 4168;  // ELOCKUNMAPPED

inline constexpr uint16_t kMutexMagic = 0x4d58;
inline constexpr uint16_t kCondMagic = 0x4356;
inline constexpr uint16_t kSemaMagic = 0x534d;
inline constexpr uint16_t kRwlockMagic = 0x5257;

struct Mutex {
  uint16_t state;   // of robust mutexes
  uint8_t flag;     // of private ones: threads that spin (spin.h)
  uint8_t ceiling;  // of LOCK_PRIO_PROTECT
  uint8_t type;
  uint8_t depth;  // further holds of a recursive mutex; the owner's
  uint16_t magic;
  std::atomic<uint32_t> owner_pid;  // not of private ones
  std::atomic<uint32_t> word;       // see mutex_word.h
  std::atomic<OwnerTag> owner;
};
static_assert(sizeof(Mutex) == 24 && offsetof(Mutex, word) == 12 &&
              offsetof(Mutex, owner) == 16);

inline bool HasProtocol(const Mutex& mutex) {
  return (mutex.type & (kPrioInherit | kPrioProtect)) != 0;
}

struct Cond {
  uint8_t flag[4];
  uint16_t type;
  uint16_t magic;
  std::atomic<uint32_t> waiters;   // see cond.cc
  std::atomic<uint32_t> sequence;  // of shared ones
};
static_assert(sizeof(Cond) == 16);

struct Rwlock {
  std::atomic<uint32_t> word;  // see rwlock.cc
  uint16_t type;
  uint16_t magic;
  std::atomic<uint32_t> owner_pid;  // of shared ones
  uint32_t unused[7];
  std::atomic<OwnerTag> owner;  // the writer
  uint64_t unused_too[2];
};
static_assert(sizeof(Rwlock) == 64 && offsetof(Rwlock, owner) == 40);

struct Sema {
  union {
    struct {
      uint32_t count;
      uint16_t type;
      uint16_t magic;
    };
    std::atomic<uint64_t> word;  // these three as one: see sema.cc
  };
  uint64_t unused[5];
};
static_assert(sizeof(Sema) == 48 && offsetof(Sema, count) == 0 &&
              std::endian::native == std::endian::little);

inline bool IsAligned(const void* object) {
  return reinterpret_cast<uintptr_t>(object) % 8 == 0;
}

}  // namespace lt

#endif  // LIBTHREAD_SYNC_OBJECTS_H_
