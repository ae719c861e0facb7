// SPDX-License-Identifier: MIT
//
// Variables of the library that the algorithms look at.

#include "base/watch.h"

namespace lt {

uint8_t g_watch = 0;

}  // namespace lt
