/* SPDX-License-Identifier: MIT */
/*
 * <port.h>: libthread has not got event ports.  A header of this name that
 * comes later in the search path is another one, and is used.
 */
#pragma GCC system_header /* lets include_next pass -pedantic */

#ifdef __has_include_next
#if __has_include_next(<port.h>)
#define LIBTHREAD_PORT_H_IS_ANOTHER
#endif
#endif

#ifdef LIBTHREAD_PORT_H_IS_ANOTHER
#undef LIBTHREAD_PORT_H_IS_ANOTHER
#include_next <port.h>
#else
#error "<port.h>: no event ports on Linux; use epoll(7): libthread-headers(7)"
#endif
