/* SPDX-License-Identifier: MIT */
/*
 * <lwp/stackdep.h>: stacks for lwp_create().  Comes with <lwp/lwp.h>.
 *
 * A stack is an array of stkalign_t, and the primitives get its top: the
 * address behind its last element.
 */
#ifndef _LWP_STACKDEP_H
#define _LWP_STACKDEP_H

#ifdef __cplusplus
extern "C" {
#endif

/* As large as it is aligned, which is what the processors want: 16 bytes. */
#define _LWP_STKBYTES 16
typedef struct stkalign {
	long _lwp_words[_LWP_STKBYTES / sizeof(long)];
} __attribute__((__aligned__(_LWP_STKBYTES))) stkalign_t;

/* The least stack, in units of stkalign_t: 64 KiB. */
#define MINSTACKSZ 4096

/* The address behind element n - 1 of an array that begins at base. */
#define STACKTOP(base, n) ((stkalign_t*)(void*)(base) + (n))

/*
 * The top of an array.  Given a pointer instead, which programs take for the
 * top itself, it leaves it as it is: a pointer is smaller than an element.
 */
#define STKTOP(s) STACKTOP(s, sizeof(s) / (_LWP_STKBYTES))

#ifdef __cplusplus
}
#endif

#endif /* _LWP_STACKDEP_H */
