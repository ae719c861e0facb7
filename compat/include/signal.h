/* SPDX-License-Identifier: MIT */
/*
 * <signal.h> of the C library, and sigwait() in both forms: Solaris' own takes
 * the set and returns the signal, or -1 and errno; POSIX' takes the set and a
 * place for the signal and returns an error number.  They are told apart by
 * the number of arguments, whatever _POSIX_PTHREAD_SEMANTICS says.
 */
#ifndef LIBTHREAD_SIGNAL_H_
#define LIBTHREAD_SIGNAL_H_
#pragma GCC system_header /* lets include_next and the macro pass -pedantic */

#include_next <signal.h>

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
