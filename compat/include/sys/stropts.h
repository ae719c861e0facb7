/* SPDX-License-Identifier: MIT */
/*
 * <sys/stropts.h> of Solaris (5.2), which is <stropts.h>.
 */
#ifndef LIBTHREAD_SYS_STROPTS_H_
#define LIBTHREAD_SYS_STROPTS_H_
#pragma GCC system_header

#include <stropts.h>

#endif /* LIBTHREAD_SYS_STROPTS_H_ */
