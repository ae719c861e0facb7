/* SPDX-License-Identifier: MIT */
/*
 * <sys/synch.h> of Solaris (5.2): the types of lwp_mutex_t, lwp_cond_t,
 * lwp_sema_t and lwp_rwlock_t, and the constants of <synch.h>.  Here it is all of
 * that header, its functions included.
 */
#ifndef LIBTHREAD_SYS_SYNCH_H_
#define LIBTHREAD_SYS_SYNCH_H_
#pragma GCC system_header

#include <synch.h>

#endif /* LIBTHREAD_SYS_SYNCH_H_ */
