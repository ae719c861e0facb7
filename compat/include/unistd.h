/* SPDX-License-Identifier: MIT */
/*
 * <unistd.h> of the C library, and the ways of Solaris to fork and to give way.
 */
#ifndef LIBTHREAD_UNISTD_H_
#define LIBTHREAD_UNISTD_H_
#pragma GCC system_header /* lets include_next pass -pedantic */

#include_next <unistd.h>

/* As on Solaris, not for programs that keep to a standard. */
#if defined __USE_MISC || defined __EXTENSIONS__

#ifdef __cplusplus
extern "C" {
#endif

/* The child's process id; 0 in the child; -1 and errno. */
extern __pid_t fork1(void);   /* 5.2; EAGAIN, ENOMEM */
extern __pid_t forkall(void); /* 5.10; ENOTSUP always */

/* thr_yield.  Many programs have a function of this name, so that it has to be
   asked for. */
#ifdef __EXTENSIONS__
extern void yield(void);
#endif

#ifdef __cplusplus
}
#endif

#endif

#endif /* LIBTHREAD_UNISTD_H_ */
