/* SPDX-License-Identifier: MIT */
/*
 * <errno.h> of the C library, and the error number that Linux lacks.
 */
#ifndef LIBTHREAD_ERRNO_H_
#define LIBTHREAD_ERRNO_H_
#pragma GCC system_header /* lets include_next pass -pedantic */

#include_next <errno.h>

/* The owner unmapped a robust mutex (5.8).  No errno of Linux reaches it. */
#ifndef ELOCKUNMAPPED
#define ELOCKUNMAPPED 4168
#endif

#else
#pragma GCC system_header
#include_next <errno.h>
#endif /* LIBTHREAD_ERRNO_H_ */
