/* SPDX-License-Identifier: MIT */
/*
 * The basic types that Solaris programs get from <synch.h>, <sys/types.h> and
 * <sys/time.h>, defined in this one place.  Not for programs to include.
 */
#ifndef _LIBTHREAD_BASIC_TYPES
#define _LIBTHREAD_BASIC_TYPES

#include <bits/types.h>
#include <bits/types/struct_timespec.h> /* <time.h> hides it in strict C89 */

typedef unsigned char uchar_t;
typedef unsigned short ushort_t;
typedef unsigned int uint_t;
typedef unsigned long ulong_t;

/* __extension__ does not silence g++ -std=c++98 -pedantic; the pragma does. */
#ifdef __GNUC__
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wlong-long"
#endif
__extension__ typedef long long longlong_t;
__extension__ typedef unsigned long long u_longlong_t;
__extension__ typedef long long hrtime_t; /* nanoseconds */
#ifdef __GNUC__
#pragma GCC diagnostic pop
#endif

/* Seconds and nanoseconds; "struct timestruc" is an old name of the struct. */
typedef struct timespec timespec_t;
typedef struct timespec timestruc_t;
#define timestruc timespec

#endif /* _LIBTHREAD_BASIC_TYPES */

/* glibc's <sys/types.h> has these two, under this guard, except in strict C. */
#ifndef __daddr_t_defined
typedef __daddr_t daddr_t;
typedef __caddr_t caddr_t;
#define __daddr_t_defined
#endif
