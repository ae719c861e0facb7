/* SPDX-License-Identifier: MIT */
/*
 * <synch.h>: mutexes, condition variables, readers/writer locks and
 * semaphores of Solaris threads, and the lwp_ objects of the same layout.
 *
 * Needs glibc 2.26 or later and nothing else; valid from C89 and C++98 on,
 * in the strict modes too.  It defines the names of the Solaris manuals and
 * the basic types that Solaris programs get from it, no others.
 *
 * Unless a comment says otherwise a function returns 0 or a positive error
 * number of <errno.h>, and leaves errno alone.  "5.2", "5.9" name the SunOS
 * release whose manual has a call first.
 */
#ifndef _SYNCH_H
#define _SYNCH_H

#include <stdint.h>
#include <sys/types.h>

#include "bits/libthread_types.h"

#ifdef __cplusplus
extern "C" {
#endif

/* An unsigned integer of 64 bits, 8-byte aligned: sizes depend on it. */
typedef uint64_t upad64_t;

/* ---- Error number that Linux lacks; no errno of Linux reaches it ---- */

#ifndef ELOCKUNMAPPED
#define ELOCKUNMAPPED 4168 /* the owner unmapped a robust mutex */
#endif

/* ---- The "type" argument and field ---- */

#define USYNC_THREAD 0x00        /* for the threads of one process */
#define USYNC_PROCESS 0x01       /* between processes, in shared memory */
#define LOCK_NORMAL USYNC_THREAD /* mutexes only, as all that follow */
#define LOCK_SHARED USYNC_PROCESS
#define LOCK_ERRORCHECK 0x02      /* EDEADLK and EPERM for misuse */
#define LOCK_RECURSIVE 0x04       /* the owner may lock again */
#define USYNC_PROCESS_ROBUST 0x08 /* 5.8's USYNC_PROCESS | LOCK_ROBUST */
#define LOCK_PRIO_INHERIT 0x10
#define LOCK_PRIO_PROTECT 0x20 /* mutex_init's arg: int *, the ceiling */
#define LOCK_ROBUST 0x40       /* EOWNERDEAD for the next owner */

/* Bits of a mutex's flag1. */
#define LOCK_OWNERDEAD 0x1
#define LOCK_NOTRECOVERABLE 0x2
#define LOCK_INITED 0x4
#define LOCK_UNMAPPED 0x8

/* The "magic" field tells debuggers the kind of object; 0 is as good. */
#define MUTEX_MAGIC 0x4d58 /* "MX" */
#define SEMA_MAGIC 0x534d  /* "SM" */
#define COND_MAGIC 0x4356  /* "CV" */
#define RWL_MAGIC 0x5257   /* "RW" */

/* ---- Limits ---- */

#define RECURSION_MAX 255    /* further locks by a mutex's owner; then EAGAIN */
#define READ_LOCK_MAX 100000 /* read holds of a rwlock per thread; EAGAIN */
#ifndef SEM_VALUE_MAX
#define SEM_VALUE_MAX (2147483647) /* the spelling of glibc's <limits.h> */
#endif

/*
 * ---- Objects ----
 *
 * Memory filled with zeros is an unlocked USYNC_THREAD object of every kind.
 * Nothing in an object points to itself: it may be copied while unused.  The
 * first member is a scalar, so { 0 } initialises each.  Sizes and offsets are
 * those of 64-bit Solaris and never change.  Only "count" is for programs.
 */

/* 24 bytes */
typedef struct _lwp_mutex {
  uint16_t flag1; /* LOCK_OWNERDEAD and so on */
  uint8_t flag2;
  uint8_t ceiling;
  uint8_t type;   /* USYNC_ and LOCK_ bits */
  uint8_t rcount; /* further locks by the owner */
  uint16_t magic;
  uint32_t ownerpid;
  uint32_t lockword;
  upad64_t data; /* owner */
} lwp_mutex_t;
typedef lwp_mutex_t mutex_t;

/* 16 bytes */
typedef struct _lwp_cond {
  uint8_t flag0;
  uint8_t clock;
  uint8_t waiters_user;
  uint8_t waiters_kernel;
  uint16_t type; /* USYNC_THREAD or USYNC_PROCESS, here and below */
  uint16_t magic;
  upad64_t data;
} lwp_cond_t;
typedef lwp_cond_t cond_t;

/* 24 bytes */
typedef struct _lwp_sema {
  uint32_t count;
  uint16_t type;
  uint16_t magic;
  uint8_t flags[8];
  upad64_t data;
} lwp_sema_t;

/* 48 bytes */
typedef struct _sema {
  uint32_t count; /* may be read at any time */
  uint16_t type;
  uint16_t magic;
  upad64_t pad1[3];
  upad64_t pad2[2];
} sema_t;

/* 64 bytes */
typedef struct _lwp_rwlock {
  int32_t readers;
  uint16_t type;
  uint16_t magic;
  mutex_t mutex;
  cond_t readercv;
  cond_t writercv;
} lwp_rwlock_t;
typedef lwp_rwlock_t rwlock_t;

/* ---- Static initialisers: same state as *_init(object, type) ---- */

/* clang-format off */
#define DEFAULTMUTEX {0, 0, 0, USYNC_THREAD, 0, MUTEX_MAGIC, 0, 0, 0}
#define SHAREDMUTEX {0, 0, 0, USYNC_PROCESS, 0, MUTEX_MAGIC, 0, 0, 0}
#define RECURSIVEMUTEX \
  {0, 0, 0, USYNC_THREAD | LOCK_RECURSIVE, 0, MUTEX_MAGIC, 0, 0, 0}
#define ERRORCHECKMUTEX \
  {0, 0, 0, USYNC_THREAD | LOCK_ERRORCHECK, 0, MUTEX_MAGIC, 0, 0, 0}
#define RECURSIVE_ERRORCHECKMUTEX                            \
  {0, 0, 0, USYNC_THREAD | LOCK_RECURSIVE | LOCK_ERRORCHECK, \
   0, MUTEX_MAGIC, 0, 0, 0}

#define DEFAULTCV {0, 0, 0, 0, USYNC_THREAD, COND_MAGIC, 0}
#define SHAREDCV {0, 0, 0, 0, USYNC_PROCESS, COND_MAGIC, 0}

#define DEFAULTSEMA {0, USYNC_THREAD, SEMA_MAGIC, {0, 0, 0}, {0, 0}}
#define SHAREDSEMA {0, USYNC_PROCESS, SEMA_MAGIC, {0, 0, 0}, {0, 0}}

#define DEFAULTRWLOCK \
  {0, USYNC_THREAD, RWL_MAGIC, DEFAULTMUTEX, DEFAULTCV, DEFAULTCV}
#define SHAREDRWLOCK \
  {0, USYNC_PROCESS, RWL_MAGIC, SHAREDMUTEX, SHAREDCV, SHAREDCV}
/* clang-format on */

/*
 * ---- Mutexes (5.2) ----
 *
 * lock:    EDEADLK, EAGAIN (RECURSION_MAX); EOWNERDEAD, ENOTRECOVERABLE,
 *          ELOCKUNMAPPED, EAGAIN, ENOMEM (robust); EPERM, EINVAL, ENOMEM
 *          (LOCK_PRIO_PROTECT).  Never EINTR.
 * trylock: EBUSY and the same.
 * unlock:  EPERM (LOCK_ERRORCHECK or LOCK_ROBUST, and not the owner).
 * init:    EINVAL (type, ceiling, alignment below 8); EBUSY (robust, and is
 *          one already); ENOTSUP (LOCK_PRIO_*, and shared or robust).
 */
extern int mutex_init(mutex_t*, int /* type */, void* /* arg */);
extern int mutex_destroy(mutex_t*); /* always 0 */
extern int mutex_lock(mutex_t*);
extern int mutex_trylock(mutex_t*);
extern int mutex_unlock(mutex_t*);
extern int mutex_consistent(mutex_t*); /* 5.10; EINVAL */

/* illumos: abort on any error; LOCK_ERRORCHECK mutexes only.  The names are
   taken by many programs, so they have to be asked for. */
#ifdef __EXTENSIONS__
extern void mutex_enter(mutex_t*);
extern void mutex_exit(mutex_t*);
#endif

/*
 * ---- Condition variables (5.2; reltimedwait 5.9) ----
 *
 * Waits:      EINTR (a handler ran), EPERM (LOCK_ERRORCHECK or LOCK_ROBUST
 *             mutex not held), errors of mutex_lock.
 * timedwait:  absolute time, CLOCK_REALTIME; reltimedwait: a span of time.
 *             ETIME when it is over (not ETIMEDOUT), EINVAL (bad time).
 * init:       EINVAL (type, alignment below 8).
 */
extern int cond_init(cond_t*, int /* type */, void* /* unused */);
extern int cond_destroy(cond_t*); /* always 0 */
extern int cond_wait(cond_t*, mutex_t*);
extern int cond_timedwait(cond_t*, mutex_t*, const timespec_t*);
extern int cond_reltimedwait(cond_t*, mutex_t*, const timespec_t*);
extern int cond_signal(cond_t*);
extern int cond_broadcast(cond_t*);

/*
 * ---- Readers/writer locks (5.2) ----
 *
 * rdlock:  EDEADLK (caller writes), EAGAIN (READ_LOCK_MAX).
 * wrlock:  EDEADLK (caller reads or writes).  try: EBUSY in place of both.
 * unlock:  EPERM (caller holds nothing).
 * init:    EINVAL (type, alignment below 8).
 */
extern int rwlock_init(rwlock_t*, int /* type */, void* /* unused */);
extern int rwlock_destroy(rwlock_t*); /* always 0 */
extern int rw_rdlock(rwlock_t*);
extern int rw_wrlock(rwlock_t*);
extern int rw_unlock(rwlock_t*);
extern int rw_tryrdlock(rwlock_t*);
extern int rw_trywrlock(rwlock_t*);

/*
 * ---- Semaphores (5.2; the timed waits 5.10) ----
 *
 * Waits:      EINTR (a handler ran).
 * trywait:    EBUSY (count is 0).
 * timedwait:  absolute time, CLOCK_REALTIME; reltimedwait: a span of time.
 *             ETIME, EINVAL (bad time and count 0).
 * post:       EOVERFLOW (SEM_VALUE_MAX).  Handlers of signals may call it.
 * init:       EINVAL (type, count, alignment below 8).
 */
extern int sema_init(sema_t*, unsigned int /* count */, int /* type */,
                     void* /* unused */);
extern int sema_destroy(sema_t*); /* always 0 */
extern int sema_wait(sema_t*);
extern int sema_trywait(sema_t*);
extern int sema_post(sema_t*);
extern int sema_timedwait(sema_t*, const timespec_t*);
extern int sema_reltimedwait(sema_t*, const timespec_t*);

/*
 * ---- Tests for assertions (5.2): 1 or 0 ----
 *
 * Whether the calling thread holds the lock; for a semaphore, whether its
 * count is 0.
 */
extern int _mutex_held(void*);
extern int _rw_read_held(void*);
extern int _rw_write_held(void*);
extern int _sema_held(void*);

#define MUTEX_HELD(x) _mutex_held(x)
#define RW_READ_HELD(x) _rw_read_held(x)
#define RW_WRITE_HELD(x) _rw_write_held(x)
#define RW_LOCK_HELD(x) (_rw_read_held(x) || _rw_write_held(x))
#define SEMA_HELD(x) _sema_held(x)

/* What lock_lint programs assert; a program may define them otherwise. */
#ifndef NO_LOCKS_HELD
#define NO_LOCKS_HELD 1
#endif
#ifndef NO_COMPETING_THREADS
#define NO_COMPETING_THREADS 1
#endif

/*
 * ---- Locks of LWPs (5.2; reltimedwait 5.9, sema_trywait 5.6) ----
 *
 * They act between processes whatever their type says; memory of zeros is
 * valid.  EFAULT, EINVAL; EBUSY (try); EINTR (waits); ETIME (timed);
 * EOVERFLOW (post).  Times as above; no time at all waits for ever.
 */
extern int _lwp_mutex_lock(lwp_mutex_t*);
extern int _lwp_mutex_trylock(lwp_mutex_t*);
extern int _lwp_mutex_unlock(lwp_mutex_t*);
extern int _lwp_cond_wait(lwp_cond_t*, lwp_mutex_t*);
extern int _lwp_cond_timedwait(lwp_cond_t*, lwp_mutex_t*, timespec_t*);
extern int _lwp_cond_reltimedwait(lwp_cond_t*, lwp_mutex_t*, timespec_t*);
extern int _lwp_cond_signal(lwp_cond_t*);
extern int _lwp_cond_broadcast(lwp_cond_t*);
extern int _lwp_sema_init(lwp_sema_t*, int /* count */);
extern int _lwp_sema_wait(lwp_sema_t*);
extern int _lwp_sema_trywait(lwp_sema_t*);
extern int _lwp_sema_post(lwp_sema_t*);

/* ---- Time and processor ---- */

extern hrtime_t gethrtime(void);  /* ns since some point; never goes back */
extern hrtime_t gethrvtime(void); /* ns of processor time of the LWP */
extern void smt_pause(void);      /* 5.11; hint for spin loops */

#ifdef __cplusplus
}
#endif

#endif /* _SYNCH_H */
