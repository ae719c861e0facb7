/* SPDX-License-Identifier: MIT */
/*
 * <libproc.h>: libthread has not got libproc.  A header of this name that
 * comes later in the search path is another one, and is used.
 */
#pragma GCC system_header /* lets include_next pass -pedantic */

#ifdef __has_include_next
#if __has_include_next(<libproc.h>)
#define LIBTHREAD_LIBPROC_H_IS_ANOTHER
#endif
#endif

#ifdef LIBTHREAD_LIBPROC_H_IS_ANOTHER
#undef LIBTHREAD_LIBPROC_H_IS_ANOTHER
#include_next <libproc.h>
#else
#error "<libproc.h>: no libproc on Linux; use ptrace(2) and proc(5): libthread-headers(7)"
#endif
