/* SPDX-License-Identifier: MIT */
/*
 * <sys/time_impl.h> of Solaris (5.6): timespec_t and timestruc_t, both names of
 * struct timespec.
 */
#ifndef LIBTHREAD_SYS_TIME_IMPL_H_
#define LIBTHREAD_SYS_TIME_IMPL_H_
#pragma GCC system_header

#include <bits/libthread_types.h>

#endif /* LIBTHREAD_SYS_TIME_IMPL_H_ */
