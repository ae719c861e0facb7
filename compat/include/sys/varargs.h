/* SPDX-License-Identifier: MIT */
/*
 * <sys/varargs.h> of Solaris (5.2), in the form that it has for ISO C: va_list,
 * va_start, va_arg and va_end of <stdarg.h>.
 */
#ifndef LIBTHREAD_SYS_VARARGS_H_
#define LIBTHREAD_SYS_VARARGS_H_
#pragma GCC system_header

#include <stdarg.h>

#endif /* LIBTHREAD_SYS_VARARGS_H_ */
