// SPDX-License-Identifier: MIT
//
// A place for a number that is to be written later: whether it is there must be
// known before anything is done.

#ifndef LIBTHREAD_COMPAT_LWP_OUT_PLACE_H_
#define LIBTHREAD_COMPAT_LWP_OUT_PLACE_H_

#include "compat/lwp/user_memory.h"

namespace lt {

// 0 or EFAULT; null is good.  Writes what is there already.
[[nodiscard]] inline int CheckPlace(int* place) {
  int value = 0;
  if (place == nullptr) return 0;
  const int error = CopyIn(&value, place, sizeof value);
  return error != 0 ? error : CopyOut(place, value);
}

}  // namespace lt

#endif  // LIBTHREAD_COMPAT_LWP_OUT_PLACE_H_
