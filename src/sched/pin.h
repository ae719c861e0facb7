// SPDX-License-Identifier: MIT
//
// Unbound threads that keep their LWP for now (Kind::kPinned): while they run a
// handler on the LWP's signal stack, and while they hold a robust mutex, whose
// word names the LWP and must name nobody who lives on when the owner dies.
// With one LWP for all, the latter is so anyway.

#ifndef LIBTHREAD_SCHED_PIN_H_
#define LIBTHREAD_SCHED_PIN_H_

#include "base/config.h"
#include "sched/thread.h"

namespace lt {

// After one of the reasons has changed; on the thread's LWP, in a critical
// section or a handler.
inline void UpdatePin(Thread& self) {
  if (self.kind != Kind::kUnbound && self.kind != Kind::kPinned) return;
  const bool pin =
      self.pinned_by_handler ||
      (self.robust_holds > 0 && g_config.model != Model::kManyToOne);
  self.kind = pin ? Kind::kPinned : Kind::kUnbound;
}

// A handler begins to run on the LWP's signal stack, or has ended or was left.
inline void PinForHandler(Thread& self, bool pin) {
  self.pinned_by_handler = pin;
  UpdatePin(self);
}

}  // namespace lt

#endif  // LIBTHREAD_SCHED_PIN_H_
