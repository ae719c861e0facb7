// SPDX-License-Identifier: MIT
//
// What the algorithms stand on that other LWPs take part in: atomics, futexes
// and barriers.  They are templates over a machine.  The library has
// the real one, and nothing of it is left in the code but the instructions; the
// model checker (tests/model) has one that tries every order of events.

#ifndef LIBTHREAD_BASE_MACHINE_H_
#define LIBTHREAD_BASE_MACHINE_H_

#include <atomic>
#include <cstdint>

#include "base/clock.h"
#include "base/futex.h"
#include "base/membarrier.h"

namespace lt {

struct RealMachine {
  template <typename T>
  using Atomic = std::atomic<T>;

  // As in futex.h.
  static int FutexWait(const Atomic<uint32_t>& word, uint32_t expected,
                       Deadline deadline) {
    return lt::FutexWait(&word, expected, deadline);
  }
  static void FutexWake(const Atomic<uint32_t>& word, int count) {
    lt::FutexWake(&word, count);
  }

  // As in membarrier.h.
  static bool NoMembarrier() { return g_no_membarrier; }
  static bool MembarrierAll() { return lt::MembarrierAll(); }
};

}  // namespace lt

#endif  // LIBTHREAD_BASE_MACHINE_H_
