/* SPDX-License-Identifier: MIT */
/*
 * <sys/lwp.h>, in C and C++: types, sizes and prototypes.  With BSD defined, as
 * NetBSD has them; with PROCFS, beside the C library's <sys/procfs.h>.
 */
#if defined BSD && BSD == 2
#include <sys/lwp.h>
#endif
#if defined PROCFS && PROCFS == 1
#include <sys/procfs.h>
#endif
#ifdef BSD
#include <lwp.h>
#else
#include <sys/lwp.h>
#endif
#if defined PROCFS && PROCFS == 2
#include <sys/procfs.h>
#endif

typedef char lwpinfo_size[sizeof(struct lwpinfo) == 544 ? 1 : -1];
typedef char lwpid_size[sizeof(lwpid_t) == 4 && (lwpid_t)-1 < 0 ? 1 : -1];
typedef char
    flags[LWP_DAEMON == 0x20 && LWP_DETACHED == 0x40 && LWP_SUSPENDED == 0x80
              ? 1
              : -1];

extern int use(void);
int use(void) {
  void (*makecontext_)(ucontext_t*, void (*)(void*), void*, void*, caddr_t,
                       size_t) = _lwp_makecontext;
#ifdef BSD
  int (*create)(const ucontext_t*, unsigned long, lwpid_t*) = _lwp_create;
  int (*exit_)(void) = _lwp_exit;
#else
  int (*create)(ucontext_t*, uint_t, lwpid_t*) = _lwp_create;
  void (*exit_)(void) = _lwp_exit;
  int (*info)(struct lwpinfo*) = _lwp_info;
  int (*notify)(void) = _signotifywait;
  int (*redirect)(lwpid_t, int, int*) = _lwp_sigredirect;
#endif
  int (*detach)(lwpid_t) = _lwp_detach;
  int (*wait_)(lwpid_t, lwpid_t*) = _lwp_wait;
  lwpid_t (*self)(void) = _lwp_self;
  int (*suspend)(lwpid_t) = _lwp_suspend;
  int (*continue_)(lwpid_t) = _lwp_continue;
  int (*kill_)(lwpid_t, int) = _lwp_kill;
  void (*set)(void*) = _lwp_setprivate;
  void* (*get)(void) = _lwp_getprivate;

#ifndef BSD
  if (info == 0 || notify == 0 || redirect == 0) return 1;
#endif
  return makecontext_ == 0 || create == 0 || exit_ == 0 || detach == 0 ||
         wait_ == 0 || self == 0 || suspend == 0 || continue_ == 0 ||
         kill_ == 0 || set == 0 || get == 0;
}
