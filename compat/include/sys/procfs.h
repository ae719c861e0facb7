/* SPDX-License-Identifier: MIT */
/*
 * <sys/procfs.h> of the C library, for programs that have <sys/lwp.h> too: the
 * lwpid_t of both is the same type, which C89 and C99 let nobody define twice.
 */
#ifndef LIBTHREAD_SYS_PROCFS_H_
#define LIBTHREAD_SYS_PROCFS_H_
#pragma GCC system_header /* lets include_next pass -pedantic */

#ifdef _LIBTHREAD_LWPID_T
#define lwpid_t __procfs_lwpid_t
#include_next <sys/procfs.h>
#undef lwpid_t
#else
#include_next <sys/procfs.h>
#define _LIBTHREAD_LWPID_T
#endif

#endif /* LIBTHREAD_SYS_PROCFS_H_ */
