/* SPDX-License-Identifier: MIT */
/*
 * Every function of the two headers has exactly the type of the manuals, is a
 * function and not a macro, and is extern "C".  Checked at compile time.
 */
#define __EXTENSIONS__ 1 /* mutex_enter, mutex_exit */
#include <thread.h>

#ifdef __cplusplus
extern "C" {
#endif

/* The pointer needs a declaration; another one here has to agree with it. */
#define SAME(result, name, arguments)     \
  result(*check_##name) arguments = name; \
  extern result name arguments

SAME(int, thr_create,
     (void*, size_t, void* (*)(void*), void*, long, unsigned int*));
SAME(void, thr_exit, (void*));
SAME(int, thr_join, (unsigned int, unsigned int*, void**));
SAME(unsigned int, thr_self, (void));
SAME(int, thr_main, (void));
SAME(void, thr_yield, (void));
SAME(size_t, thr_min_stack, (void));
SAME(int, thr_kill, (thread_t, int));
SAME(int, thr_sigsetmask, (int, const sigset_t*, sigset_t*));
SAME(int, thr_suspend, (thread_t));
SAME(int, thr_continue, (thread_t));
SAME(int, thr_setprio, (thread_t, int));
SAME(int, thr_getprio, (thread_t, int*));
SAME(int, thr_setconcurrency, (int));
SAME(int, thr_getconcurrency, (void));
SAME(int, thr_keycreate, (unsigned int*, void (*)(void*)));
SAME(int, thr_keycreate_once, (unsigned int*, void (*)(void*)));
SAME(int, thr_setspecific, (unsigned int, void*));
SAME(int, thr_getspecific, (unsigned int, void**));
SAME(int, thr_stksegment, (stack_t*));
SAME(int, thr_getname, (thread_t, char*, size_t));
SAME(int, thr_setname, (thread_t, const char*));

SAME(int, thr_setmutator, (thread_t, int));
SAME(void, thr_mutators_barrier, (int));
SAME(int, thr_suspend_allmutators, (void));
SAME(int, thr_suspend_mutator, (thread_t));
SAME(int, thr_continue_allmutators, (void));
SAME(int, thr_continue_mutator, (thread_t));
SAME(int, thr_wait_mutator, (thread_t, int));
SAME(void, thr_sighndlrinfo, (void (**)(void), int*));
#if defined(__cplusplus) || !defined(__STRICT_ANSI__)
SAME(int, thr_getstate, (thread_t, int*, int*, stack_t*, gregset_t));
SAME(int, thr_setstate, (thread_t, int, gregset_t));
#endif

SAME(int, mutex_init, (mutex_t*, int, void*));
SAME(int, mutex_destroy, (mutex_t*));
SAME(int, mutex_lock, (mutex_t*));
SAME(int, mutex_trylock, (mutex_t*));
SAME(int, mutex_unlock, (mutex_t*));
SAME(int, mutex_consistent, (mutex_t*));
SAME(void, mutex_enter, (mutex_t*));
SAME(void, mutex_exit, (mutex_t*));
SAME(int, _mutex_held, (void*));

SAME(int, cond_init, (cond_t*, int, void*));
SAME(int, cond_destroy, (cond_t*));
SAME(int, cond_wait, (cond_t*, mutex_t*));
SAME(int, cond_timedwait, (cond_t*, mutex_t*, const struct timespec*));
SAME(int, cond_reltimedwait, (cond_t*, mutex_t*, const struct timespec*));
SAME(int, cond_signal, (cond_t*));
SAME(int, cond_broadcast, (cond_t*));

SAME(int, rwlock_init, (rwlock_t*, int, void*));
SAME(int, rwlock_destroy, (rwlock_t*));
SAME(int, rw_rdlock, (rwlock_t*));
SAME(int, rw_wrlock, (rwlock_t*));
SAME(int, rw_unlock, (rwlock_t*));
SAME(int, rw_tryrdlock, (rwlock_t*));
SAME(int, rw_trywrlock, (rwlock_t*));
SAME(int, _rw_read_held, (void*));
SAME(int, _rw_write_held, (void*));

SAME(int, sema_init, (sema_t*, unsigned int, int, void*));
SAME(int, sema_destroy, (sema_t*));
SAME(int, sema_wait, (sema_t*));
SAME(int, sema_trywait, (sema_t*));
SAME(int, sema_post, (sema_t*));
SAME(int, sema_timedwait, (sema_t*, const struct timespec*));
SAME(int, sema_reltimedwait, (sema_t*, const struct timespec*));
SAME(int, _sema_held, (void*));

SAME(int, _lwp_mutex_lock, (mutex_t*));
SAME(int, _lwp_mutex_trylock, (mutex_t*));
SAME(int, _lwp_mutex_unlock, (mutex_t*));
SAME(int, _lwp_cond_wait, (cond_t*, mutex_t*));
SAME(int, _lwp_cond_timedwait, (cond_t*, mutex_t*, struct timespec*));
SAME(int, _lwp_cond_reltimedwait, (cond_t*, mutex_t*, struct timespec*));
SAME(int, _lwp_cond_signal, (cond_t*));
SAME(int, _lwp_cond_broadcast, (cond_t*));
SAME(int, _lwp_sema_init, (lwp_sema_t*, int));
SAME(int, _lwp_sema_wait, (lwp_sema_t*));
SAME(int, _lwp_sema_trywait, (lwp_sema_t*));
SAME(int, _lwp_sema_post, (lwp_sema_t*));

SAME(hrtime_t, gethrtime, (void));
SAME(hrtime_t, gethrvtime, (void));
SAME(void, smt_pause, (void));

/* hrtime_t is long long itself, not merely as wide: formats depend on it. */
#if __STDC_VERSION__ >= 199901L || __cplusplus >= 201103L
hrtime_t* check_hrtime = (long long*)0;
longlong_t* check_longlong = (long long*)0;
u_longlong_t* check_u_longlong = (unsigned long long*)0;
#endif

#ifdef __cplusplus
}
#endif
