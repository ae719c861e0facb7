// SPDX-License-Identifier: MIT
//
// The functions of <atomic.h>, for programs that take their address, declare
// them themselves or were compiled without the header.  The header says what
// each does; here the same statements become functions.

#include "api/entry.h"

#define __LT_ATOMIC(type, name, arguments, statements) \
  LT_EXPORT_WEAK type name arguments {                 \
    statements;                                        \
  }
#include "compat/include/atomic.h"
