/* SPDX-License-Identifier: MIT */
/*
 * Sizes, offsets and values of the two headers, for C and C++ of any age.
 * Every line is checked at compile time; nothing here runs.
 */
#include <limits.h>
#include <stddef.h>
#include <thread.h>

#define JOIN_(a, b) a##b
#define JOIN(a, b) JOIN_(a, b)
#define CHECK(condition) \
  typedef char JOIN(check_, __LINE__)[(condition) ? 1 : -1]
#define SIZE(type, size) CHECK(sizeof(type) == (size))
#define AT(type, member, offset, size)        \
  CHECK(offsetof(type, member) == (offset) && \
        sizeof(((type*)0)->member) == (size))
#define UNSIGNED(type) CHECK((type)(-1) > (type)0)
#define SIGNED(type) CHECK((type)(-1) < (type)0)

/* Ids and keys. */
SIZE(thread_t, 4);
UNSIGNED(thread_t);
SIZE(thread_key_t, 4);
UNSIGNED(thread_key_t);

/* Basic types. */
SIZE(uchar_t, 1);
UNSIGNED(uchar_t);
SIZE(ushort_t, 2);
UNSIGNED(ushort_t);
SIZE(uint_t, 4);
UNSIGNED(uint_t);
SIZE(ulong_t, sizeof(long));
UNSIGNED(ulong_t);
SIZE(longlong_t, 8);
SIGNED(longlong_t);
SIZE(u_longlong_t, 8);
UNSIGNED(u_longlong_t);
SIZE(hrtime_t, 8);
SIGNED(hrtime_t);
SIZE(upad64_t, 8);
UNSIGNED(upad64_t);
SIZE(caddr_t, sizeof(char*));
SIZE(*(caddr_t)0, 1);
SIZE(timespec_t, sizeof(struct timespec));
SIZE(timestruc_t, sizeof(struct timespec));
SIZE(struct timestruc, sizeof(struct timespec));
SIZE(timestruc_t, 2 * sizeof(long));
AT(timestruc_t, tv_sec, 0, sizeof(long));
AT(timespec_t, tv_nsec, sizeof(long), sizeof(long));
CHECK(sizeof(sigset_t) > 0);
CHECK(sizeof(stack_t) > 0);

/* Objects.  ILP32 has the same offsets; only alignment differs. */
SIZE(mutex_t, 24);
SIZE(lwp_mutex_t, 24);
AT(mutex_t, flag1, 0, 2);
AT(mutex_t, flag2, 2, 1);
AT(mutex_t, ceiling, 3, 1);
AT(mutex_t, type, 4, 1);
AT(mutex_t, rcount, 5, 1);
AT(mutex_t, magic, 6, 2);
AT(mutex_t, ownerpid, 8, 4);
AT(mutex_t, lockword, 12, 4);
AT(mutex_t, data, 16, 8);

SIZE(cond_t, 16);
SIZE(lwp_cond_t, 16);
AT(cond_t, flag0, 0, 1);
AT(cond_t, clock, 1, 1);
AT(cond_t, waiters_user, 2, 1);
AT(cond_t, waiters_kernel, 3, 1);
AT(cond_t, type, 4, 2);
AT(cond_t, magic, 6, 2);
AT(cond_t, data, 8, 8);

SIZE(lwp_sema_t, 24);
AT(lwp_sema_t, count, 0, 4);
AT(lwp_sema_t, type, 4, 2);
AT(lwp_sema_t, magic, 6, 2);
AT(lwp_sema_t, flags, 8, 8);
AT(lwp_sema_t, data, 16, 8);

SIZE(sema_t, 48);
AT(sema_t, count, 0, 4);
AT(sema_t, type, 4, 2);
AT(sema_t, magic, 6, 2);
AT(sema_t, pad1, 8, 24);
AT(sema_t, pad2, 32, 16);

SIZE(rwlock_t, 64);
SIZE(lwp_rwlock_t, 64);
AT(rwlock_t, readers, 0, 4);
AT(rwlock_t, type, 4, 2);
AT(rwlock_t, magic, 6, 2);
AT(rwlock_t, mutex, 8, 24);
AT(rwlock_t, readercv, 32, 16);
AT(rwlock_t, writercv, 48, 16);

#ifdef __LP64__
struct align_mutex {
  char c;
  mutex_t object;
};
struct align_cond {
  char c;
  cond_t object;
};
struct align_lwp_sema {
  char c;
  lwp_sema_t object;
};
struct align_sema {
  char c;
  sema_t object;
};
struct align_rwlock {
  char c;
  rwlock_t object;
};
AT(struct align_mutex, object, 8, 24);
AT(struct align_cond, object, 8, 16);
AT(struct align_lwp_sema, object, 8, 24);
AT(struct align_sema, object, 8, 48);
AT(struct align_rwlock, object, 8, 64);
#endif

/* <thread.h> */
CHECK(THR_BOUND == 0x00000001);
CHECK(THR_NEW_LWP == 0x00000002);
CHECK(THR_DETACHED == 0x00000040);
CHECK(THR_SUSPENDED == 0x00000080);
CHECK(THR_DAEMON == 0x00000100);
CHECK(THR_ONCE_KEY == 0xffffffffU);
SIZE(THR_ONCE_KEY, sizeof(thread_key_t));
CHECK(TRS_VALID == 0);
CHECK(TRS_NONVOLATILE == 1);
CHECK(TRS_LWPID == 2);
CHECK(TRS_INVALID == 3);
CHECK(THREAD_NAME_MAX == 32);
SIZE(THR_MIN_STACK, sizeof(size_t));

/* <synch.h>; the flags also have to work in #if. */
#if USYNC_THREAD != 0x00 || USYNC_PROCESS != 0x01
#error "USYNC_THREAD, USYNC_PROCESS"
#endif
#if LOCK_NORMAL != 0x00 || LOCK_SHARED != 0x01
#error "LOCK_NORMAL, LOCK_SHARED"
#endif
CHECK(LOCK_ERRORCHECK == 0x02);
CHECK(LOCK_RECURSIVE == 0x04);
CHECK(USYNC_PROCESS_ROBUST == 0x08);
CHECK(LOCK_PRIO_INHERIT == 0x10);
CHECK(LOCK_PRIO_PROTECT == 0x20);
CHECK(LOCK_ROBUST == 0x40);
CHECK(LOCK_OWNERDEAD == 0x1);
CHECK(LOCK_NOTRECOVERABLE == 0x2);
CHECK(LOCK_INITED == 0x4);
CHECK(LOCK_UNMAPPED == 0x8);
CHECK(MUTEX_MAGIC == 0x4d58);
CHECK(SEMA_MAGIC == 0x534d);
CHECK(COND_MAGIC == 0x4356);
CHECK(RWL_MAGIC == 0x5257);
CHECK(RECURSION_MAX == 255);
CHECK(READ_LOCK_MAX == 100000);
CHECK(SEM_VALUE_MAX == INT_MAX);
CHECK(ELOCKUNMAPPED == 4168);
CHECK(NO_LOCKS_HELD == 1);
CHECK(NO_COMPETING_THREADS == 1);
