/* SPDX-License-Identifier: MIT */
/*
 * <lwp/lwperror.h>: why a primitive of SunOS 4's lightweight process library
 * failed.  Comes with <lwp/lwp.h>.
 *
 * The code belongs to the calling thread and says something only after a
 * primitive has returned -1 (or, for pointers, null).
 */
#ifndef _LWP_LWPERROR_H
#define _LWP_LWPERROR_H

#ifdef __cplusplus
extern "C" {
#endif

typedef enum lwp_err_t {
	LE_NOERROR = 0,
	LE_NONEXIST = 1,   /* the object is gone, or never was */
	LE_TIMEOUT = 2,    /* the time is over */
	LE_INUSE = 3,      /* somebody uses the object */
	LE_INVALIDARG = 4, /* an argument is wrong */
	LE_NOROOM = 5,     /* no memory */
	LE_NOTOWNED = 6,   /* the monitor that is needed is not held */
	LE_ILLPRIO = 7,    /* no such priority, or not that of the other */
	LE_REUSE = 8,      /* what was unique is not any more */
	LE_NOWAIT = 9      /* the thread does not wait for that */
} lwp_err_t;

/*
 * geterr: the code of the calling thread's last failure.
 * errstr: the messages, in the order of the codes, and a null pointer.
 * perror: "text: message" and a newline, on standard error.
 */
extern lwp_err_t lwp_geterr(void);
extern char** lwp_errstr(void);
#ifdef __cplusplus
#ifndef _LWP_NO_PROTOTYPES
extern void lwp_perror(char*);
#endif
/* Of another linkage, so that it stands beside the one above. */
extern "C++" void lwp_perror(const char*) __asm__("lwp_perror");
#else
extern void lwp_perror(const char*);
#endif

#ifdef __cplusplus
}
#endif

#endif /* _LWP_LWPERROR_H */
