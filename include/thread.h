/* SPDX-License-Identifier: MIT */
/*
 * <thread.h>: Solaris threads.  It brings <synch.h>, the signal types and the
 * time types along.
 *
 * Needs glibc 2.26 or later and nothing else; valid from C89 and C++98 on,
 * in the strict modes too.  It defines the names of the Solaris manuals and
 * the basic types that Solaris programs get from it, no others.
 *
 * Unless a comment says otherwise a function returns 0 or a positive error
 * number of <errno.h>, and leaves errno alone.  "5.2", "5.9" name the SunOS
 * release whose manual has a call first; 5.2 where nothing is said.
 */
#ifdef _LWP_LWP_H
#error "<thread.h> (Solaris) and <lwp/lwp.h> (SunOS 4) exclude each other"
#elif !defined(_THREAD_H)
#define _THREAD_H

#include <bits/types/sigset_t.h> /* <signal.h> hides both types in strict C */
#include <bits/types/stack_t.h>
#include <signal.h>
#include <sys/time.h>
#include <time.h>

#include "synch.h"
#ifdef __USE_MISC
#include <sys/ucontext.h> /* gregset_t: see thr_getstate */
#endif

#ifdef __cplusplus
extern "C" {
#endif

/* 32 bits: main is 1, the others 2, 3, 4...  0 is no thread. */
typedef unsigned int thread_t;

/* 32 bits, from 1 on.  0 is no key. */
typedef unsigned int thread_key_t;

/* ---- Flags of thr_create ---- */

#define THR_BOUND 0x00000001     /* an LWP of its own */
#define THR_NEW_LWP 0x00000002   /* concurrency level + 1 */
#define THR_DETACHED 0x00000040  /* cannot be joined */
#define THR_SUSPENDED 0x00000080 /* starts at thr_continue */
#define THR_DAEMON 0x00000100    /* keeps no process alive; detached */

/* The value of a key before thr_keycreate_once. */
#define THR_ONCE_KEY ((thread_key_t)(-1))

/* A call, not a constant: bytes. */
#define THR_MIN_STACK thr_min_stack()

/* Bytes of the longest name with its NUL (illumos 2018). */
#ifndef THREAD_NAME_MAX
#define THREAD_NAME_MAX 32
#endif

/* Results of thr_getstate. */
#define TRS_VALID 0
#define TRS_NONVOLATILE 1
#define TRS_LWPID 2
#define TRS_INVALID 3

/*
 * ---- Life of a thread ----
 *
 * thr_create(stack, bytes, start, argument, flags, &id): the stack is its low
 *   address; both 0 for one of the library's own.  The id is stored before the
 *   new thread runs.  EINVAL (bytes below THR_MIN_STACK), ENOMEM, EAGAIN
 *   (limits), EFAULT (stack not writable), ENOTSUP (child of vfork).
 * thr_join(id, &departed, &status): 0 waits for any thread.  ESRCH (none such,
 *   detached, or joined by another); EDEADLK (self, a cycle, none is left).
 */
extern int thr_create(void*, size_t, void* (*)(void*), void*, long, thread_t*);
extern void thr_exit(void* /* status */)
#ifdef __GNUC__
    __attribute__((__noreturn__))
#endif
    ;
extern int thr_join(thread_t, thread_t*, void**);
extern thread_t thr_self(void);
extern int thr_main(void); /* 5.5; 1 in main, else 0 */
extern void thr_yield(void);
extern int thr_suspend(thread_t);  /* ESRCH */
extern int thr_continue(thread_t); /* ESRCH */
extern size_t thr_min_stack(void); /* bytes */

/* ---- Signals of one thread ---- */

extern int thr_kill(thread_t, int); /* EINVAL, ESRCH; 0 only probes */

/*
 * Solaris hides these two in strict ISO C: _STRICT_STDC, which no compiler
 * for Linux defines by itself, without __EXTENSIONS__.
 *
 * thr_sigsetmask: EINVAL (how).
 * thr_stksegment (5.5): ss_sp is the high end, unlike sigaltstack; ss_size in
 *   bytes.  EAGAIN (not a thread of the program).
 */
#if !defined(_STRICT_STDC) || defined(__EXTENSIONS__)
extern int thr_sigsetmask(int /* how */, const sigset_t*, sigset_t* /* old */);
extern int thr_stksegment(stack_t*);
#endif

/* ---- Scheduling ---- */

extern int thr_setprio(thread_t, int);  /* 0..127; ESRCH, EINVAL, EPERM */
extern int thr_getprio(thread_t, int*); /* ESRCH */
extern int thr_setconcurrency(int);     /* EINVAL; EAGAIN above 65536 */
extern int thr_getconcurrency(void);    /* the level */

/*
 * ---- Thread-specific data ----
 *
 * keycreate: EAGAIN, ENOMEM.  keycreate_once: 5.11.
 * setspecific: EINVAL (key), ENOMEM.  getspecific: EINVAL (key 0).
 */
extern int thr_keycreate(thread_key_t*, void (*)(void*) /* destructor */);
extern int thr_keycreate_once(thread_key_t*, void (*)(void*));
extern int thr_setspecific(thread_key_t, void*);
extern int thr_getspecific(thread_key_t, void**);

/*
 * ---- Names (illumos 2018) ----
 *
 * getname: EINVAL (no buffer), ERANGE (buffer too short), ESRCH.
 * setname: ERANGE (THREAD_NAME_MAX), EINVAL (not printable), ESRCH.
 */
extern int thr_getname(thread_t, char*, size_t /* bytes */);
extern int thr_setname(thread_t, const char*);

/*
 * ---- Mutators: private to a garbage collector, public in the header ----
 *
 * A stop reason of its own beside thr_suspend.  Thread 0 is the caller.
 * EINVAL (not a mutator, or wrong state), ESRCH; wait: EWOULDBLOCK.
 */
extern int thr_setmutator(thread_t, int /* enabled */);
extern void thr_mutators_barrier(int /* enabled */);
extern int thr_suspend_allmutators(void);
extern int thr_continue_allmutators(void);
extern int thr_suspend_mutator(thread_t);
extern int thr_continue_mutator(thread_t);
extern int thr_wait_mutator(thread_t, int /* dontwait */);
extern void thr_sighndlrinfo(void (**)(void), int* /* bytes */);

/*
 * Not every port of glibc has gregset_t under strict standards, so these two
 * stand where glibc shows more than those: by default and in all C++.  The
 * LWP's id is plain int: lwpid_t is glibc's, from <sys/procfs.h>, and C89 and
 * C99 allow no second typedef.
 */
#ifdef __USE_MISC
extern int thr_getstate(thread_t, int* /* TRS_ */, int* /* LWP */, stack_t*,
                        gregset_t);
extern int thr_setstate(thread_t, int /* TRS_ */, gregset_t);
#endif

#ifdef __cplusplus
}
#endif

#endif /* _THREAD_H */
