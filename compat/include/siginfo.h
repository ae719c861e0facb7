/* SPDX-License-Identifier: MIT */
/*
 * <siginfo.h> of Solaris (5.2): siginfo_t and its codes, which <signal.h> has
 * unless strict C hides them.
 */
#ifndef LIBTHREAD_SIGINFO_H_
#define LIBTHREAD_SIGINFO_H_
#pragma GCC system_header

#include <signal.h>

#endif /* LIBTHREAD_SIGINFO_H_ */
