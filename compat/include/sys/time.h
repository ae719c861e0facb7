/* SPDX-License-Identifier: MIT */
/*
 * <sys/time.h> of the C library, and the high resolution time of Solaris' (5.2),
 * which <synch.h> declares too.
 */
#ifndef LIBTHREAD_SYS_TIME_H_
#define LIBTHREAD_SYS_TIME_H_
#pragma GCC system_header /* lets include_next pass -pedantic */

#include_next <sys/time.h>

#include <bits/libthread_types.h> /* hrtime_t, timespec_t, timestruc_t */
#ifdef __USE_MISC
#include <time.h> /* Solaris programs get it from here */
#endif

#ifdef __cplusplus
extern "C" {
#endif

extern hrtime_t gethrtime(void);  /* ns since some point; never goes back */
extern hrtime_t gethrvtime(void); /* ns of processor time of the LWP */

#ifdef __cplusplus
}
#endif

#include <bits/libthread_itimers.h> /* setitimer(), for LWPs */

#endif /* LIBTHREAD_SYS_TIME_H_ */
