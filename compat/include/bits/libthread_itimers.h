/* SPDX-License-Identifier: MIT */
/*
 * The part of <sys/time.h> that is about interval timers; not for programs to
 * include.  On Solaris ITIMER_VIRTUAL, ITIMER_PROF and ITIMER_REALPROF are
 * timers of the LWP that sets them, and signal that LWP; on Linux the first two
 * belong to the process.  Here setitimer() and getitimer() are Solaris',
 * unless _LIBTHREAD_PROCESS_ITIMERS is defined.
 */
#ifndef _LIBTHREAD_ITIMERS_H
#define _LIBTHREAD_ITIMERS_H

#include <sys/time.h>

#ifndef _LIBTHREAD_PROCESS_ITIMERS

/* Real time; SIGPROF (5.4).  The value is in the range of the enumeration. */
#define ITIMER_REALPROF ((enum __itimer_which)3)

#ifdef __cplusplus
extern "C" {
#endif

#ifdef __REDIRECT_NTH
extern int __REDIRECT_NTH(setitimer,
                          (__itimer_which_t, const struct itimerval*,
                           struct itimerval*),
                          __lwp_setitimer);
extern int __REDIRECT_NTH(getitimer, (__itimer_which_t, struct itimerval*),
                          __lwp_getitimer);
#else
extern int __lwp_setitimer(int, const struct itimerval*, struct itimerval*);
extern int __lwp_getitimer(int, struct itimerval*);
#define setitimer __lwp_setitimer
#define getitimer __lwp_getitimer
#endif

#ifdef __cplusplus
}
#endif

#endif /* _LIBTHREAD_PROCESS_ITIMERS */

#endif /* _LIBTHREAD_ITIMERS_H */
