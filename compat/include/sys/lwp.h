/* SPDX-License-Identifier: MIT */
/*
 * <sys/lwp.h>: the LWPs of Solaris by their numbers, and LWPs without a thread.
 * <synch.h>, which it includes, has the locks of LWPs.
 *
 * Linux has no such header.  It needs glibc 2.26 or later and nothing else;
 * valid from C89 and C++98 on, in the strict modes too.
 *
 * Unless a comment says otherwise a function returns 0 or a positive error
 * number of <errno.h>, and leaves errno alone.  "5.2", "5.9" name the SunOS
 * release whose manual has a call first; 5.2 where nothing is said.
 *
 * With _LWP_BSD defined, or included by <lwp.h>, the names that NetBSD has too
 * behave as there: they return -1 and set errno.
 */
#ifndef LIBTHREAD_SYS_LWP_H_
#define LIBTHREAD_SYS_LWP_H_

#include <synch.h>
#include <sys/types.h>
#include <sys/ucontext.h>

#ifdef __cplusplus
extern "C" {
#endif

/* The number of an LWP: 1 is the first, then 2, 3, 4...  0 is none.  glibc has
   the type in <sys/procfs.h>; C89 and C99 allow no second typedef. */
#ifndef _LIBTHREAD_LWPID_T
#define _LIBTHREAD_LWPID_T
#ifndef _SYS_PROCFS_H
typedef int lwpid_t;
#endif
#endif

/* Flags of _lwp_create. */
#define LWP_DAEMON 0x00000020 /* 5.9; keeps no process alive; detached */
#define LWP_DETACHED 0x00000040
#define LWP_SUSPENDED 0x00000080 /* starts at _lwp_continue */

/* 544 bytes */
struct lwpinfo {
  timestruc_t lwp_utime; /* processor time in the program */
  timestruc_t lwp_stime; /* and in the kernel */
  long lwpinfo_pad[64];
};

/* What both systems have: in the way of Solaris or, as __bsd_..., of NetBSD. */
#ifdef _LWP_BSD
#define _LIBTHREAD_LWP_NAME(__name) __asm__(__name)
#define _LIBTHREAD_LWP_FLAGS unsigned long
#define _LIBTHREAD_LWP_CONTEXT const ucontext_t
#else
#define _LIBTHREAD_LWP_NAME(__name)
#define _LIBTHREAD_LWP_FLAGS uint_t
#define _LIBTHREAD_LWP_CONTEXT ucontext_t
#endif

/*
 * ---- Life ----
 *
 * _lwp_create(context, flags, &id): a kernel thread of its own that begins with
 *   these registers and with uc_sigmask.  The id, which thr_join takes as well,
 *   is stored before it runs.  EINVAL (flags, no program counter or stack in
 *   the context), EFAULT (pointers), EAGAIN (limits).
 * _lwp_makecontext(context, start, argument, private, stack, bytes): makes such
 *   a context; the stack is its low address.  Does not set uc_sigmask.
 * _lwp_exit(): ends the caller; the last one ends the process with status 0.
 * _lwp_wait(id, &departed): 0 waits for any of _lwp_create.  ESRCH; EDEADLK
 *   (self, a cycle, none is left); EINVAL (detached, or the LWP of a thread);
 *   EINTR; EFAULT.
 * _lwp_detach(id): nobody waits for it any more.  ESRCH; EINVAL (as above).
 */
extern int _lwp_create(_LIBTHREAD_LWP_CONTEXT*, _LIBTHREAD_LWP_FLAGS, lwpid_t*)
    _LIBTHREAD_LWP_NAME("__bsd_lwp_create");
extern void _lwp_makecontext(ucontext_t*, void (*)(void*), void*, void*,
                             caddr_t, size_t);
#ifdef _LWP_BSD
extern int _lwp_exit(void) _LIBTHREAD_LWP_NAME("__bsd_lwp_exit");
#else
extern void _lwp_exit(void)
#ifdef __GNUC__
    __attribute__((__noreturn__))
#endif
    ;
#endif
extern int _lwp_wait(lwpid_t, lwpid_t*) _LIBTHREAD_LWP_NAME("__bsd_lwp_wait");
extern int _lwp_detach(lwpid_t) _LIBTHREAD_LWP_NAME("__bsd_lwp_detach");

/*
 * ---- LWPs by their numbers ----
 *
 * _lwp_self: the LWP that runs the caller; it changes in an unbound thread.
 * _lwp_suspend, _lwp_continue: ESRCH.  Apart from thr_suspend, not counted.
 * _lwp_kill: EINVAL (signal), ESRCH; 0 only probes.
 */
extern lwpid_t _lwp_self(void);
extern int _lwp_suspend(lwpid_t) _LIBTHREAD_LWP_NAME("__bsd_lwp_suspend");
extern int _lwp_continue(lwpid_t) _LIBTHREAD_LWP_NAME("__bsd_lwp_continue");
extern int _lwp_kill(lwpid_t, int) _LIBTHREAD_LWP_NAME("__bsd_lwp_kill");

/* ---- Of the calling LWP ---- */

extern int _lwp_info(struct lwpinfo*); /* EFAULT */
extern void _lwp_setprivate(void*);
extern void* _lwp_getprivate(void);

/*
 * ---- Signals for the process that every LWP blocks ----
 *
 * _signotifywait: waits for one that it has not returned yet; returns it.
 * _lwp_sigredirect(lwp, signal, &queued): gives it to that LWP, 0 drops it;
 * says whether more wait.  EINVAL (signal, or not pending), ESRCH, EFAULT.
 */
extern int _signotifywait(void);
extern int _lwp_sigredirect(lwpid_t, int, int*);

#undef _LIBTHREAD_LWP_NAME
#undef _LIBTHREAD_LWP_FLAGS
#undef _LIBTHREAD_LWP_CONTEXT

#ifdef __cplusplus
}
#endif

#endif /* LIBTHREAD_SYS_LWP_H_ */
