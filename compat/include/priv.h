/* SPDX-License-Identifier: MIT */
/*
 * <priv.h>: libthread has not got privileges.  A header of this name that
 * comes later in the search path is another one, and is used.
 */
#pragma GCC system_header /* lets include_next pass -pedantic */

#ifdef __has_include_next
#if __has_include_next(<priv.h>)
#define LIBTHREAD_PRIV_H_IS_ANOTHER
#endif
#endif

#ifdef LIBTHREAD_PRIV_H_IS_ANOTHER
#undef LIBTHREAD_PRIV_H_IS_ANOTHER
#include_next <priv.h>
#else
#error "<priv.h>: no privileges on Linux; use capabilities(7): libthread-headers(7)"
#endif
