// SPDX-License-Identifier: MIT
//
// How long a thread looks at a held mutex before it sleeps.
//
// ADAPTIVE_SPIN and QUEUE_SPIN count turns of Solaris' loops, which are shorter
// than a look here with the processor's pause: the defaults, 1000 and 10000,
// are as many looks as were measured to do best.
//
// MAX_SPINNERS: no more threads spin than there are processors to do it, so the
// count, one more write to the mutex for each of them, is kept only where the
// limit is below that.

#ifndef LIBTHREAD_SYNC_SPIN_H_
#define LIBTHREAD_SYNC_SPIN_H_

#include "base/config.h"
#include "sync/objects.h"

namespace lt {

// For a mutex of this process, whose owner runs.
inline int AdaptiveLooks() {
  constexpr int kTurnsPerLook = 16;
  return (g_config.adaptive_spin + kTurnsPerLook - 1) / kTurnsPerLook;
}

// For a mutex of other processes too: of its owner nothing is known.
inline int QueueLooks() {
  constexpr int kTurnsPerLook = 100;
  return (g_config.queue_spin + kTurnsPerLook - 1) / kTurnsPerLook;
}

// While it lives, and if it may, the calling thread is one of those that spin
// for a private mutex.
class Spinner {
 public:
  explicit Spinner(Mutex& mutex) : spinning_(mutex.flag) {
    if (g_config.max_spinners >= g_config.processors) {
      may_ = true;
      return;
    }
    uint8_t now = spinning_.load(std::memory_order_relaxed);
    while (now < g_config.max_spinners && !counted_) {
      counted_ = spinning_.compare_exchange_weak(now, now + 1,
                                                 std::memory_order_relaxed);
    }
    may_ = counted_;
  }
  ~Spinner() {
    if (counted_) spinning_.fetch_sub(1, std::memory_order_relaxed);
  }
  Spinner(const Spinner&) = delete;
  Spinner& operator=(const Spinner&) = delete;

  bool may() const { return may_; }

 private:
  std::atomic_ref<uint8_t> spinning_;
  bool may_ = false;
  bool counted_ = false;
};

}  // namespace lt

#endif  // LIBTHREAD_SYNC_SPIN_H_
