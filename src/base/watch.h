// SPDX-License-Identifier: MIT
//
// Whether locks are watched: 0 as a rule.  Each operation on an object of
// <synch.h> looks at it once, together with the type of the object, and then
// takes the long way (sync/kinds.h).

#ifndef LIBTHREAD_BASE_WATCH_H_
#define LIBTHREAD_BASE_WATCH_H_

#include <cstdint>

namespace lt {

inline constexpr uint8_t kWatchMistakes = 1;  // _THREAD_ERROR_DETECTION
inline constexpr uint8_t kWatchUse = 2;       // statistics of locks

// Written at start-up only.
extern uint8_t g_watch;

}  // namespace lt

#endif  // LIBTHREAD_BASE_WATCH_H_
