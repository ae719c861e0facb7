/* SPDX-License-Identifier: MIT */
/*
 * <sys/types.h> of the C library, and the basic types of Solaris' (5.2).
 */
#ifndef LIBTHREAD_SYS_TYPES_H_
#define LIBTHREAD_SYS_TYPES_H_
#pragma GCC system_header /* lets include_next pass -pedantic */

#include_next <sys/types.h>

#include <bits/libthread_types.h> /* uchar_t to u_longlong_t, hrtime_t... */

typedef enum { B_FALSE, B_TRUE } boolean_t;

/* Except in strict C it is glibc's, under this guard. */
#ifndef __id_t_defined
typedef __id_t id_t;
#define __id_t_defined
#endif

typedef short pri_t;       /* a priority */
typedef int processorid_t; /* a processor, from 0 on */
typedef int psetid_t;      /* a set of processors */

#endif /* LIBTHREAD_SYS_TYPES_H_ */
