/* SPDX-License-Identifier: MIT */
/*
 * <procfs.h>: libthread has not got the /proc of Solaris.  A header of this name that
 * comes later in the search path is another one, and is used.
 */
#pragma GCC system_header /* lets include_next pass -pedantic */

#ifdef __has_include_next
#if __has_include_next(<procfs.h>)
#define LIBTHREAD_PROCFS_H_IS_ANOTHER
#endif
#endif

#ifdef LIBTHREAD_PROCFS_H_IS_ANOTHER
#undef LIBTHREAD_PROCFS_H_IS_ANOTHER
#include_next <procfs.h>
#else
#error "<procfs.h>: no Solaris /proc on Linux; read proc(5): libthread-headers(7)"
#endif
