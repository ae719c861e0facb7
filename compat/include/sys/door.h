/* SPDX-License-Identifier: MIT */
/*
 * <sys/door.h>: libthread has not got doors.  A header of this name that
 * comes later in the search path is another one, and is used.
 */
#pragma GCC system_header /* lets include_next pass -pedantic */

#ifdef __has_include_next
#if __has_include_next(<sys/door.h>)
#define LIBTHREAD_SYS_DOOR_H_IS_ANOTHER
#endif
#endif

#ifdef LIBTHREAD_SYS_DOOR_H_IS_ANOTHER
#undef LIBTHREAD_SYS_DOOR_H_IS_ANOTHER
#include_next <sys/door.h>
#else
#error "<sys/door.h>: no doors on Linux; use AF_UNIX sockets: libthread-headers(7)"
#endif
