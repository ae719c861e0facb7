/* SPDX-License-Identifier: MIT */
/*
 * Declares everything again that section 3L gives, as C and as C++ have it; a
 * declaration that differs from <lwp/lwp.h> does not compile.  The values of
 * constants become array sizes.
 */
#include <lwp/lwp.h>

#ifdef __cplusplus
extern "C" {
#endif

int lwp_destroy(thread_t);
int lwp_self(thread_t *);
void pod_setexit(int);
int pod_getexit(int);
void pod_exit(int);
int lwp_yield(thread_t);
int lwp_sleep(struct timeval *);
int lwp_resched(int);
int lwp_setpri(thread_t, int);
int lwp_suspend(thread_t);
int lwp_resume(thread_t);
int lwp_join(thread_t);
int pod_setmaxpri(int);
int pod_getmaxpri(void);
int pod_getmaxsize(void);
int lwp_enumerate(thread_t *, int);
int lwp_ping(thread_t);
int lwp_getstate(thread_t, statvec_t *);
int lwp_getregs(thread_t, machstate_t *);
int lwp_setregs(thread_t, machstate_t *);
int lwp_setstkcache(int, int);
stkalign_t *lwp_newstk(void);
int lwp_ctxset(void (*)(caddr_t, thread_t, thread_t),
    void (*)(caddr_t, thread_t, thread_t), unsigned int, int);
int lwp_ctxinit(thread_t, int);
int lwp_ctxremove(thread_t, int);
int lwp_fpset(thread_t);
int lwp_libcset(thread_t);
lwp_err_t lwp_geterr(void);
char **lwp_errstr(void);
int mon_create(mon_t *);
int mon_destroy(mon_t);
int mon_enter(mon_t);
int mon_exit(mon_t);
int mon_cond_enter(mon_t);
int mon_break(mon_t);
int mon_enumerate(mon_t *, int);
int mon_waiters(mon_t, thread_t *, thread_t *, int);
void mon_exit1(mon_t *);
int cv_create(cv_t *, mon_t);
int cv_destroy(cv_t);
int cv_wait(cv_t);
int cv_notify(cv_t);
int cv_broadcast(cv_t);
int cv_send(cv_t, thread_t);
int cv_enumerate(cv_t *, int);
int cv_waiters(cv_t, thread_t *, int);
int msg_recv(thread_t *, caddr_t *, int *, caddr_t *, int *, struct timeval *);
int msg_reply(thread_t);
int msg_enumsend(thread_t *, int);
int msg_enumrecv(thread_t *, int);
int agt_enumerate(thread_t *, int);
int agt_trap(int);
int exc_raise(int);
int exc_unhandle(void);
int exc_notify(int);
int exc_uniqpatt(void);

#ifdef __cplusplus
}
#endif

/* A size below zero does not compile. */
#define IS(name, condition) \
	extern char lt_check_##name[(condition) ? 1 : -1]

IS(minprio, MINPRIO == 1);
IS(suspend, LWPSUSPEND == 1);
IS(nolastrites, LWPNOLASTRITES == 2);
IS(server, LWPSERVER == 4);
IS(lastrites, LASTRITES == 32);
IS(catchall, CATCHALL == -2);
IS(memory, AGENTMEMORY == 256);
IS(no_type, NO_TYPE == 0);
IS(cv_type, CV_TYPE == 1);
IS(mon_type, MON_TYPE == 2);
IS(lwp_type, LWP_TYPE == 3);
IS(e0, LE_NOERROR == 0);
IS(e1, LE_NONEXIST == 1);
IS(e2, LE_TIMEOUT == 2);
IS(e3, LE_INUSE == 3);
IS(e4, LE_INVALIDARG == 4);
IS(e5, LE_NOROOM == 5);
IS(e6, LE_NOTOWNED == 6);
IS(e7, LE_ILLPRIO == 7);
IS(e8, LE_REUSE == 8);
IS(e9, LE_NOWAIT == 9);
IS(handles, sizeof(thread_t) == sizeof(mon_t) &&
    sizeof(mon_t) == sizeof(cv_t) && sizeof(thread_t) == 2 * sizeof(char *));
IS(stack, sizeof(stkalign_t) > sizeof(char *));

int lt_uses_macros(thread_t *t, statvec_t *s, eventinfo_t *e, sigchldev_t *c)
{
	struct timeval *none = INFINITY, *poll = POLL;
	caddr_t arg;
	int size;

	t->thread_id = s->stat_blocked.l_id;
	t->thread_key = s->stat_blocked.l_key + s->stat_blocked.c_key +
	    s->stat_blocked.m_key;
	return none != poll && SAMETHREAD(*t, SELF) &&
	    SAMETHREAD(THREADNULL, e->eventinfo_victimid) &&
	    s->stat_blocked.c_id != s->stat_blocked.m_id &&
	    SAMETHREAD(c->sigchld_event.eventinfo_victimid, *t) &&
	    MSG_RECVALL(t, &arg, &size, &arg, &size, POLL) == 0;
}
