/* SPDX-License-Identifier: MIT */
/*
 * <sys/machlock.h> of Solaris (5.2): the byte of a spin lock.  No other header
 * brings the name along, since programs have locks of that name themselves.
 */
#ifndef LIBTHREAD_SYS_MACHLOCK_H_
#define LIBTHREAD_SYS_MACHLOCK_H_
#pragma GCC system_header

typedef unsigned char lock_t;

#define LOCK_HELD_VALUE 0xff /* when it is taken; else 0 */

#endif /* LIBTHREAD_SYS_MACHLOCK_H_ */
