/* SPDX-License-Identifier: MIT */
/*
 * <sys/atomic.h> of Solaris (5.10), which is <atomic.h>.
 */
#ifndef LIBTHREAD_SYS_ATOMIC_H_
#define LIBTHREAD_SYS_ATOMIC_H_
#pragma GCC system_header

#include <atomic.h>

#endif /* LIBTHREAD_SYS_ATOMIC_H_ */
