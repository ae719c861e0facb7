// SPDX-License-Identifier: MIT
//
// Where one kernel thread waits for another: a token and a futex.
//
//   word        | meaning                     | left by
//   ------------+-----------------------------+---------------------------
//   kEmpty   0  | no token, nobody sleeps     | Reset(), Wait() that took one
//   kToken   1  | Unpark() came first         | Unpark()
//   kAsleep  2  | the owner sleeps in futex   | Wait()
//
// Only the owner calls Reset() and Wait(); anybody calls Unpark().

#ifndef LIBTHREAD_LWP_PARKER_H_
#define LIBTHREAD_LWP_PARKER_H_

#include <atomic>
#include <cerrno>
#include <cstdint>

#include "base/clock.h"
#include "base/machine.h"

namespace lt {

template <typename Machine>
class BasicParker {
 public:
  // Forgets a token of an earlier wait.  Before the owner is published.
  // Relaxed: publication (under a lock) orders it.
  void Reset() { word_.store(kEmpty, std::memory_order_relaxed); }

  // Blocks the LWP until a token is there; takes it.  False when `deadline`
  // passed first.
  bool Wait(Deadline deadline) {
    for (;;) {
      uint32_t seen = kToken;
      // Acquire: pairs with the exchange of Unpark().
      if (word_.compare_exchange_strong(seen, kEmpty,
                                        std::memory_order_acquire)) {
        return true;
      }
      seen = kEmpty;
      word_.compare_exchange_strong(seen, kAsleep, std::memory_order_relaxed);
      if (seen == kToken) continue;
      if (Machine::FutexWait(word_, kAsleep, deadline) == ETIME) {
        seen = kAsleep;
        if (word_.compare_exchange_strong(seen, kEmpty,
                                          std::memory_order_acquire)) {
          return false;
        }
      }
    }
  }

  void Unpark() {
    // Release: what was written before is seen by the owner after Wait().
    if (word_.exchange(kToken, std::memory_order_release) == kAsleep) {
      Machine::FutexWake(word_, 1);
    }
  }

 private:
  enum : uint32_t { kEmpty, kToken, kAsleep };
  typename Machine::template Atomic<uint32_t> word_{kEmpty};
};

using Parker = BasicParker<RealMachine>;

}  // namespace lt

#endif  // LIBTHREAD_LWP_PARKER_H_
