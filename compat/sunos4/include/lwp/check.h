/* SPDX-License-Identifier: MIT */
/*
 * <lwp/check.h>: CHECK(location, result), first statement of a procedure.
 *
 * If the procedure's frame reaches below the limit that lwp_checkstkset() has
 * set for the calling thread, location becomes result and the procedure
 * returns at once.  It returns nothing, so it must be a void procedure, or
 * written in C before C99.
 */
#ifndef _LWP_CHECK_H
#define _LWP_CHECK_H

#ifdef __cplusplus
extern "C" {
#endif

/* 1 if the caller's frame reaches below the calling thread's limit. */
extern int __lwp_stkpassed(void);

#ifdef __cplusplus
}
#endif

#define CHECK(location, result)              \
	{                                    \
		if (__lwp_stkpassed()) {     \
			(location) = (result); \
			return;              \
		}                            \
	}

#endif /* _LWP_CHECK_H */
