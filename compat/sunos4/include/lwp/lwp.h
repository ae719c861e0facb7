/* SPDX-License-Identifier: MIT */
/*
 * <lwp/lwp.h>: the lightweight processes of SunOS 4 (manual section 3L).
 *
 * Valid from C89 and C++98 on.  It stands in no source together with
 * <thread.h>, whose thread_t is another one.
 *
 * Unless a comment says otherwise a function returns 0, or -1 and a code that
 * lwp_geterr() tells.  Handles are passed by value; SELF stands for the caller
 * wherever a thread is asked for.  A vector and its size, in elements, get as
 * many handles as fit; the result is how many there are.
 *
 * C: functions to be called may be of any type, and take any arguments of a
 * word.  C++: the same for lwp_create.  A program that declares the functions
 * by itself defines _LWP_NO_PROTOTYPES.
 */
#ifdef _THREAD_H
#error "<lwp/lwp.h> (SunOS 4) and <thread.h> (Solaris) exclude each other"
#elif !defined(_LWP_LWP_H)
#define _LWP_LWP_H

#include <math.h> /* its INFINITY is another one */
#include <sys/time.h>
#include <sys/types.h>

#include <lwp/lwperror.h>
#include <lwp/stackdep.h>

/* glibc's <sys/types.h> has these two, under this guard, except in strict C. */
#ifndef __daddr_t_defined
typedef __daddr_t daddr_t;
typedef __caddr_t caddr_t;
#define __daddr_t_defined
#endif

#ifdef __cplusplus
extern "C" {
#endif

/* ---- Handles.  Address and key are both unique among what lives. ---- */

typedef struct thread_t { /* a thread or an agent */
	caddr_t thread_id;
	int thread_key;
} thread_t;

typedef struct mon_t {
	caddr_t monit_id;
	int monit_key;
} mon_t;

typedef struct cv_t {
	caddr_t cond_id;
	int cond_key;
} cv_t;

#define SAMETHREAD(a, b) \
	((a).thread_id == (b).thread_id && (a).thread_key == (b).thread_key)
#define SAMEMON(a, b) \
	((a).monit_id == (b).monit_id && (a).monit_key == (b).monit_key)
#define SAMECV(a, b) \
	((a).cond_id == (b).cond_id && (a).cond_key == (b).cond_key)

extern thread_t __ThreadNull;
#define THREADNULL __ThreadNull
#define SELF __ThreadNull

/* ---- Constants ---- */

#define MINPRIO 1 /* the highest is what pod_setmaxpri() said */

/* Flags of lwp_create. */
#define LWPSUSPEND 0x1     /* starts at lwp_resume */
#define LWPNOLASTRITES 0x2 /* no agent hears of its death */
#define LWPSERVER 0x4      /* keeps no pod alive while it is blocked */

#define LASTRITES 32    /* agt_create: a thread has died */
#define CATCHALL (-2)   /* exc_handle: whatever is raised */
#define AGENTMEMORY 256 /* events of a pod that wait for an answer */

/* In place of a time: for ever, and not at all. */
#undef INFINITY
#define INFINITY ((struct timeval*)0)
extern struct timeval* __Poll;
#define POLL __Poll

/* ---- Events: what the message of an agent holds ---- */

/*
 * The code is what the kernel says (si_code); for LASTRITES it is the stack
 * that the dead thread was created with, which is why it is no int.
 */
typedef struct eventinfo {
	int eventinfo_signum;
	long eventinfo_code;
	caddr_t eventinfo_addr;       /* of a fault */
	thread_t eventinfo_victimid; /* who ran; LASTRITES: who died */
} eventinfo_t;

/* ---- What a thread is blocked on ---- */

typedef enum lwp_type_t {
	NO_TYPE = 0, /* nothing */
	CV_TYPE = 1,
	MON_TYPE = 2,
	LWP_TYPE = 3 /* thread or agent */
} lwp_type_t;

typedef struct anylwp_t {
	lwp_type_t any_kind;
	union {
		cv_t any_cv;
		mon_t any_mon;
		thread_t any_thread;
	} any_object;
} anylwp_t;

typedef struct statvec_t {
	int stat_prio;
	anylwp_t stat_blocked;
} statvec_t;

/* statvec.stat_blocked.l_id and so on. */
#define l_id any_object.any_thread.thread_id
#define l_key any_object.any_thread.thread_key
#define c_id any_object.any_cv.cond_id
#define c_key any_object.any_cv.cond_key
#define m_id any_object.any_mon.monit_id
#define m_key any_object.any_mon.monit_key

/* ---- Functions of any type ---- */

/*
 * C casts, in macros; C++ has a class that each pointer becomes, and a linkage
 * that lets a program's own prototype stand beside.
 */
#ifdef __cplusplus
extern "C++" {
struct __lwp_function {
	void (*__lwp_pointer)(void);
	__lwp_function(void (*__f)(void)) : __lwp_pointer(__f) {}
	template <class __F>
	__lwp_function(__F* __f)
	    : __lwp_pointer(reinterpret_cast<void (*)(void)>(__f)) {}
};
}
#define _LWP_FUNCTION(f) __lwp_function(f)
#define _LWP_DATA caddr_t
#else
typedef void (*__lwp_function)(void);
#define _LWP_FUNCTION(f) ((__lwp_function)(f))
#define _LWP_DATA void*
/* () takes any arguments before C23 and none since. */
#if defined __STDC_VERSION__ && __STDC_VERSION__ > 201710L
#define _LWP_ARG caddr_t
#else
#define _LWP_ARG
#endif
#ifdef __clang__ /* calls () no prototype, which it is to be */
#pragma clang diagnostic push
#pragma clang diagnostic ignored "-Wstrict-prototypes"
#endif
#endif

/* ---- Exit handlers of a block ---- */

struct __lwp_exit {
	struct __lwp_exit* __lwp_next;
	void (*__lwp_function)(void);
	void* __lwp_argument;
	void* __lwp_thread;
	unsigned long __lwp_number;
};

#ifdef __cplusplus
extern "C++" int __lwp_exit_enter(struct __lwp_exit*, __lwp_function, void*)
    __asm__("__lwp_exit_enter");
#else
extern int __lwp_exit_enter(struct __lwp_exit*, __lwp_function, void*);
#endif
extern void __lwp_exit_leave(struct __lwp_exit*);
extern void mon_exit1(mon_t*);

#define _LWP_NAME(name, number) _LWP_NAME_(name, number)
#define _LWP_NAME_(name, number) name##number
#define _LWP_ON_EXIT(function, argument, number)                           \
	struct __lwp_exit _LWP_NAME(__lwp_exit_, number)                   \
	    __attribute__((__cleanup__(__lwp_exit_leave), __unused__));    \
	int _LWP_NAME(__lwp_entered_, number) __attribute__((__unused__)) = \
	    __lwp_exit_enter(&_LWP_NAME(__lwp_exit_, number),              \
			     _LWP_FUNCTION(function), (argument))
#define _LWP_MONITOR(mid, number)                                       \
	mon_t _LWP_NAME(__lwp_monitor_, number) = (mid);                \
	_LWP_ON_EXIT(mon_exit1, &_LWP_NAME(__lwp_monitor_, number), number); \
	int _LWP_NAME(__lwp_level_, number) __attribute__((__unused__)) = \
	    mon_enter(_LWP_NAME(__lwp_monitor_, number))

/*
 * Two statements of a block, which declare something as the compiler sees it.
 *
 * exc_on_exit(function, argument): function(argument) is called when the block
 *   is left, by a raise too.
 * MONITOR(mid): enters the monitor; it is left with the block.
 */
#define exc_on_exit(function, argument) \
	_LWP_ON_EXIT(function, argument, __COUNTER__)
#define MONITOR(mid) _LWP_MONITOR(mid, __COUNTER__)

/* An expression: receives from anybody. */
#define MSG_RECVALL(sender, arg, asz, res, rsz, tmo) \
	((sender)->thread_id = 0,                    \
	 msg_recv((sender), (arg), (asz), (res), (rsz), (tmo)))

#ifndef _LWP_NO_PROTOTYPES

/*
 * ---- Threads ----
 *
 * lwp_create(&tid, function, priority, flags, top of the stack, number of
 *   arguments, arguments of a word each): ILLPRIO, INVALIDARG (over 512),
 *   NOROOM.  tid may be null.  No stack: it waits for lwp_setregs.
 * lwp_destroy: also an agent.
 */
#ifdef __cplusplus
extern "C++" int lwp_create(thread_t*, __lwp_function, int, int, stkalign_t*,
			    int, ...) __asm__("lwp_create");
#else
extern int lwp_create(thread_t*, __lwp_function, int, int, stkalign_t*, int,
		      ...);
#ifdef __GNUC__ /* C89 has no such macros */
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wvariadic-macros"
#endif
#define lwp_create(tid, function, ...) \
	lwp_create((tid), _LWP_FUNCTION(function), __VA_ARGS__)
#ifdef __GNUC__
#pragma GCC diagnostic pop
#endif
#endif
extern int lwp_destroy(thread_t); /* NONEXIST */
extern int lwp_self(thread_t*);

/* The status that the pod will end with; pod_exit ends it now. */
extern void pod_setexit(int);
#ifdef __cplusplus
extern int pod_getexit(int /* without meaning */ = 0);
#elif defined __STDC_VERSION__ && __STDC_VERSION__ > 201710L
extern int pod_getexit(int /* without meaning */);
#else
extern int pod_getexit();
#endif
extern void pod_exit(int)
#ifdef __GNUC__
    __attribute__((__noreturn__))
#endif
    ;

/* ---- Scheduling ---- */

extern int lwp_yield(thread_t);        /* ILLPRIO, INVALIDARG, NONEXIST */
extern int lwp_sleep(struct timeval*); /* INVALIDARG */
extern int lwp_resched(int);           /* ILLPRIO, INVALIDARG */
/* Returns the priority before.  INVALIDARG, NONEXIST. */
extern int lwp_setpri(thread_t, int);
extern int lwp_suspend(thread_t); /* NONEXIST */
extern int lwp_resume(thread_t);  /* NONEXIST */
extern int lwp_join(thread_t);    /* NONEXIST */
extern int pod_setmaxpri(int);    /* INVALIDARG, NOROOM */
extern int pod_getmaxpri(void);
extern int pod_getmaxsize(void);

/* ---- Status ---- */

extern int lwp_enumerate(thread_t*, int);
extern int lwp_ping(thread_t);                 /* NONEXIST */
extern int lwp_getstate(thread_t, statvec_t*); /* NONEXIST */

/*
 * ---- Stacks ----
 *
 * setstkcache(bytes, number): the size in bytes that stacks really have.
 * newstk: a top, or null.  datastk(data, bytes, &address): the same, with a
 *   copy of the data above it.
 * checkstkset: the limit of CHECK, see <lwp/check.h>.  stkcswset: the limit is
 *   looked at whenever threads are switched; past it the process aborts.
 */
extern int lwp_setstkcache(int, int);
extern stkalign_t* lwp_datastk(_LWP_DATA, int, caddr_t*);
extern int lwp_checkstkset(thread_t, _LWP_DATA);
extern int lwp_stkcswset(thread_t, _LWP_DATA);

/*
 * ---- Special contexts: memory of each thread, and hooks of the switch ----
 *
 * ctxset(save, restore, bytes, optimize): a cookie, or -1.  The hooks get the
 * memory, the thread that ran and the one that will.
 */
extern int lwp_ctxset(void (*)(caddr_t, thread_t, thread_t),
		      void (*)(caddr_t, thread_t, thread_t), unsigned int, int);
extern int lwp_ctxinit(thread_t, int);   /* INUSE, NONEXIST, INVALIDARG */
extern int lwp_ctxremove(thread_t, int); /* NONEXIST */
extern int lwp_ctxmemget(_LWP_DATA, thread_t, int); /* NONEXIST */
extern int lwp_ctxmemset(_LWP_DATA, thread_t, int); /* NONEXIST */
extern int lwp_fpset(thread_t);          /* NONEXIST; they always are */
extern int lwp_libcset(thread_t);        /* NONEXIST; it always is */

/* ---- Monitors; enter and exit return the nesting level ---- */

extern int mon_create(mon_t*);    /* NOROOM */
extern int mon_destroy(mon_t);    /* INUSE, NONEXIST */
extern int mon_enter(mon_t);      /* NONEXIST */
extern int mon_exit(mon_t);       /* INVALIDARG, NONEXIST */
extern int mon_cond_enter(mon_t); /* INUSE, NONEXIST */
extern int mon_break(mon_t);      /* NONEXIST, NOTOWNED */
extern int mon_enumerate(mon_t*, int);
extern int mon_waiters(mon_t, thread_t* /* owner */, thread_t*, int);

/* ---- Condition variables ---- */

extern int cv_create(cv_t*, mon_t); /* NONEXIST, NOROOM */
extern int cv_destroy(cv_t);        /* INUSE, NONEXIST */
extern int cv_wait(cv_t);           /* NONEXIST, NOTOWNED */
extern int cv_notify(cv_t);         /* NONEXIST, NOTOWNED */
extern int cv_broadcast(cv_t);      /* NONEXIST, NOTOWNED */
extern int cv_send(cv_t, thread_t); /* NONEXIST, NOTOWNED, NOWAIT */
extern int cv_enumerate(cv_t*, int);
extern int cv_waiters(cv_t, thread_t*, int);

/*
 * ---- Messages ----
 *
 * send(to, argument, its bytes, result, its bytes): until the reply.
 *   INVALIDARG, NONEXIST.
 * recv(&sender, ...): the buffers of the sender.  INVALIDARG, NONEXIST, TIMEOUT.
 */
extern int msg_send(thread_t, _LWP_DATA, int, _LWP_DATA, int);
extern int msg_recv(thread_t*, caddr_t*, int*, caddr_t*, int*,
		    struct timeval*);
extern int msg_reply(thread_t); /* NONEXIST, NOWAIT */
extern int msg_enumsend(thread_t*, int);
extern int msg_enumrecv(thread_t*, int);

/*
 * ---- Agents: events as messages; traps: faults as exceptions ----
 *
 * agt_create(&agent, signal or LASTRITES, memory of an eventinfo_t; for SIGCHLD
 *   of a sigchldev_t).  Both: INUSE, INVALIDARG; agt_create: NOROOM.
 */
extern int agt_create(thread_t*, int, _LWP_DATA);
extern int agt_enumerate(thread_t*, int);
extern int agt_trap(int);

/*
 * ---- Exceptions ----
 *
 * exc_handle(pattern, function, argument): 0, and once more with the pattern
 *   that is raised.  INVALIDARG (0 and -1), NOROOM.
 */
extern int exc_raise(int);     /* INVALIDARG, NONEXIST */
extern int exc_notify(int);    /* what the function returns */
extern int exc_unhandle(void); /* NONEXIST */
extern int exc_uniqpatt(void); /* REUSE */
#ifdef __cplusplus
extern int exc_handle(int, caddr_t (*)(), caddr_t)
    __attribute__((__returns_twice__));
extern caddr_t (*exc_bound(int, caddr_t*))();
/* For a function that is declared with its argument. */
extern "C++" int exc_handle(int, caddr_t (*)(caddr_t), caddr_t)
    __asm__("exc_handle") __attribute__((__returns_twice__));
#else
extern caddr_t (*exc_bound(int, caddr_t*))(_LWP_ARG);
#endif

#endif /* _LWP_NO_PROTOTYPES */

/* The original declares these two whatever a program does. */
extern stkalign_t* lwp_newstk(void);
#ifndef __cplusplus
extern int exc_handle(int, caddr_t (*)(_LWP_ARG), _LWP_DATA)
    __attribute__((__returns_twice__));
#ifdef __clang__
#pragma clang diagnostic pop
#endif
#endif

#ifdef __cplusplus
}
#endif

#include <lwp/lwpmachdep.h>

#endif
