/* SPDX-License-Identifier: MIT */
/*
 * <time.h> of the C library, and Solaris' name of the clock behind gethrtime.
 */
#ifndef LIBTHREAD_TIME_H_
#define LIBTHREAD_TIME_H_
#pragma GCC system_header /* lets include_next pass -pedantic */

#include_next <time.h>

#include <bits/libthread_types.h> /* timespec_t, timestruc_t */

#ifdef CLOCK_MONOTONIC
#define CLOCK_HIGHRES CLOCK_MONOTONIC /* 5.8 */
#endif

#else
/* glibc's may be asked for parts of itself, or for more than before. */
#pragma GCC system_header
#include_next <time.h>
#endif /* LIBTHREAD_TIME_H_ */
