// SPDX-License-Identifier: MIT
//
// Variables of the library that programs see: POLL, THREADNULL and SELF.

#ifndef LIBLWP_VARIABLES_H_
#define LIBLWP_VARIABLES_H_

#include "object.h"

struct timeval;

extern "C" {
extern timeval* __Poll __attribute__((visibility("default")));
extern lwp4::Handle __ThreadNull __attribute__((visibility("default")));
}

#endif  // LIBLWP_VARIABLES_H_
