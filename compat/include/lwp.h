/* SPDX-License-Identifier: MIT */
/*
 * <lwp.h>, as programs for NetBSD include it: <sys/lwp.h> with functions that
 * return -1 and set errno.  (Solaris has no such header, and that of SunOS 4 is
 * <lwp/lwp.h>.)
 */
#ifndef LIBTHREAD_LWP_H_
#define LIBTHREAD_LWP_H_

#if defined(LIBTHREAD_SYS_LWP_H_) && !defined(_LWP_BSD)

/* Too late for the names themselves. */
#ifdef __cplusplus
extern "C" {
#endif
extern int __bsd_lwp_create(const ucontext_t*, unsigned long, lwpid_t*);
extern int __bsd_lwp_exit(void);
extern int __bsd_lwp_detach(lwpid_t);
extern int __bsd_lwp_wait(lwpid_t, lwpid_t*);
extern int __bsd_lwp_suspend(lwpid_t);
extern int __bsd_lwp_continue(lwpid_t);
extern int __bsd_lwp_kill(lwpid_t, int);
#ifdef __cplusplus
}
#endif
#define _lwp_create __bsd_lwp_create
#define _lwp_exit __bsd_lwp_exit
#define _lwp_detach __bsd_lwp_detach
#define _lwp_wait __bsd_lwp_wait
#define _lwp_suspend __bsd_lwp_suspend
#define _lwp_continue __bsd_lwp_continue
#define _lwp_kill __bsd_lwp_kill

#else

#ifndef _LWP_BSD
#define _LWP_BSD 1
#endif
#include <sys/lwp.h>

#endif

#endif /* LIBTHREAD_LWP_H_ */
