/* SPDX-License-Identifier: MIT */
/*
 * <sys/port.h>: libthread has not got event ports.  A header of this name that
 * comes later in the search path is another one, and is used.
 */
#pragma GCC system_header /* lets include_next pass -pedantic */

#ifdef __has_include_next
#if __has_include_next(<sys/port.h>)
#define LIBTHREAD_SYS_PORT_H_IS_ANOTHER
#endif
#endif

#ifdef LIBTHREAD_SYS_PORT_H_IS_ANOTHER
#undef LIBTHREAD_SYS_PORT_H_IS_ANOTHER
#include_next <sys/port.h>
#else
#error "<sys/port.h>: no event ports on Linux; use epoll(7): libthread-headers(7)"
#endif
