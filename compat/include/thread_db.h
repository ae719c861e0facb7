/* SPDX-License-Identifier: MIT */
/*
 * <thread_db.h> of glibc, for programs that have <thread.h> too.
 *
 * glibc's header has a thread_t and a thread_key_t of its own, the first of
 * another size.  Here they are renamed, so that the names always mean those
 * of <thread.h>, in whatever order the headers come.
 */
#ifndef LIBTHREAD_THREAD_DB_H_
#define LIBTHREAD_THREAD_DB_H_

#include "thread.h"

#pragma GCC system_header /* from here on: lets include_next pass -pedantic */

#define thread_t __td_thread_t
#define thread_key_t __td_thread_key_t
#include_next <thread_db.h>
#undef thread_t
#undef thread_key_t

#endif /* LIBTHREAD_THREAD_DB_H_ */
