/* SPDX-License-Identifier: MIT */
/*
 * <signal.h> of the C library, and what Solaris' has besides:
 *
 * sigwait() in both forms: Solaris' own takes the set and returns the signal, or
 * -1 and errno; POSIX' takes the set and a place for the signal and returns an
 * error number.  They are told apart by the number of arguments, whatever
 * _POSIX_PTHREAD_SEMANTICS says.
 *
 * sigset(), sighold(), sigrelse(), sigignore() and sigpause(), which glibc shows
 * to programs for the X/Open standard only and calls deprecated.
 *
 * Names of signals that Linux has not got.
 */
#ifndef LIBTHREAD_SIGNAL_H_
#define LIBTHREAD_SIGNAL_H_
#pragma GCC system_header /* lets include_next and the macro pass -pedantic */

#include <features.h>

#pragma push_macro("__attribute_deprecated_msg__")
#undef __attribute_deprecated_msg__
#define __attribute_deprecated_msg__(__message)
#include_next <signal.h>
#pragma pop_macro("__attribute_deprecated_msg__")

/*
 * Signals of Solaris.  None ever comes; to install a handler for one is allowed
 * and has no effect; other calls fail with EINVAL.  The numbers are behind all
 * of Linux, and NSIG is behind them, for tables with one entry a signal.
 */
#define SIGWAITING 65 /* up to 5.8: all LWPs are blocked */
#define SIGLWP 66     /* up to 5.8: the thread library's own */
#define SIGFREEZE 67  /* the system is going to be suspended */
#define SIGTHAW 68    /* it goes on */
#define SIGCANCEL 69  /* the thread library's own */
#ifdef NSIG
#undef NSIG
#define NSIG 70
#endif

/* si_code of a signal that a thread sent with thr_kill or _lwp_kill. */
#ifdef SI_TKILL
#define SI_LWP SI_TKILL
#endif

#if defined __USE_MISC && !defined __USE_XOPEN_EXTENDED
#ifdef __cplusplus
extern "C" {
#endif
#ifndef SIG_HOLD
#define SIG_HOLD ((__sighandler_t)2) /* for sigset: block it */
#endif
extern __sighandler_t sigset(int, __sighandler_t) __THROW; /* SIG_ERR: EINVAL */
extern int sighold(int) __THROW;                           /* EINVAL */
extern int sigrelse(int) __THROW;                          /* EINVAL */
extern int sigignore(int) __THROW;                         /* EINVAL */
/* Lets a signal come and waits for one: EINTR, EINVAL.  glibc's function of the
   name takes a mask. */
extern int sigpause(int) __asm__("__xpg_sigpause");
#ifdef __cplusplus
}
#endif
#endif

#ifdef __USE_POSIX199506
#ifdef __cplusplus
extern "C" int __thr_sigwait(const sigset_t*); /* EINVAL, EINTR */
extern "C++" inline int sigwait(const sigset_t* __set)
{
	return __thr_sigwait(__set);
}
#else
extern int __thr_sigwait(const sigset_t*); /* EINVAL, EINTR */
#if defined __GNUC__ || __STDC_VERSION__ >= 199901L
#define sigwait(...) \
	__LT_SIGWAIT(__VA_ARGS__, sigwait, __thr_sigwait, 0)(__VA_ARGS__)
#define __LT_SIGWAIT(__set, __signal, __function, ...) __function
#endif
#endif
#endif

#else
/* <signal.h> may be asked for parts of itself (__need_sig_atomic_t). */
#pragma GCC system_header
#include_next <signal.h>
#endif /* LIBTHREAD_SIGNAL_H_ */
