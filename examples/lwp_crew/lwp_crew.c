/* SPDX-License-Identifier: MIT */
/*
 * lwp_crew - LWPs without threads, as libraries under the threads library were
 * written.
 *
 * A runtime system of its own: it makes LWPs with stacks of its own, gives each
 * a private pointer, and hands them ranges of numbers to sum up.  Ranges are
 * taken with an atomic operation, sums are added under an _lwp_mutex_t, and a
 * semaphore says that one is done.  Each LWP runs bound to a processor for a
 * while, and looks at its scheduling class.
 *
 * Shows: _lwp_create, _lwp_makecontext, _lwp_wait, _lwp_exit, _lwp_self,
 * _lwp_suspend, _lwp_continue, _lwp_kill, _lwp_info, the private pointer, the
 * locks of LWPs, <atomic.h>, processor_bind, processor_info, priocntl.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <ucontext.h>
#include <unistd.h>
#include <atomic.h>
#include <sys/types.h>
#include <sys/lwp.h>
#include <sys/priocntl.h>
#include <sys/processor.h>
#include <sys/procset.h>
#include <sys/tspriocntl.h>
#include <synch.h>
#include <thread.h>

#define CREW		4
#define STACK		(64 * 1024)
#define RANGES		200
#define RANGE		500

struct member {
	lwpid_t	id;
	ucontext_t context;
	char	*stack;
	int	ranges;		/* done by it */
	timestruc_t used;	/* processor time */
};

struct member crew[CREW];
volatile uint_t next_range;
lwp_mutex_t lock;		/* zeros; protects the sum */
long	sum;
lwp_sema_t done;
id_t	ts_class;

void
check(err, what)
	int	err;
	char	*what;
{
	if (err != 0) {
		fprintf(stderr, "lwp_crew: LWP %d: %s: %s\n", (int)_lwp_self(),
		    what, strerror(err));
		exit(1);
	}
}

/* Bound to the processor on which it is, an LWP stays there. */
void
try_processor()
{
	processorid_t here = getcpuid(), old;
	processor_info_t info;

	if (processor_bind(P_LWPID, P_MYID, here, &old) != 0)
		check(errno, "processor_bind");
	if (old != PBIND_NONE || getcpuid() != here)
		check(EINVAL, "processor");
	if (processor_info(here, &info) != 0)
		check(errno, "processor_info");
	if (info.pi_state != P_ONLINE)
		check(EINVAL, "state of the processor");
	if (processor_bind(P_LWPID, P_MYID, PBIND_NONE, &old) != 0 ||
	    old != here)
		check(errno, "processor_bind, none");
}

void
try_class()
{
	pcparms_t parms;
	tsparms_t *ts = (tsparms_t *)parms.pc_clparms;

	parms.pc_cid = PC_CLNULL;
	if (priocntl(P_LWPID, P_MYID, PC_GETPARMS, (caddr_t)&parms) != 0)
		check(errno, "priocntl, PC_GETPARMS");
	if (parms.pc_cid != ts_class || ts->ts_upri > ts->ts_uprilim)
		check(EINVAL, "class");
}

void
work(arg)
	void	*arg;
{
	struct member *m = (struct member *)arg;
	struct lwpinfo info;
	long	i, from, mine;

	if (_lwp_getprivate() != arg || _lwp_self() != m->id)
		check(EINVAL, "private pointer");
	try_processor();
	try_class();
	while ((from = (long)atomic_inc_uint_nv(&next_range) - 1) < RANGES) {
		mine = 0;
		for (i = from * RANGE; i < (from + 1) * RANGE; i++)
			mine += i;
		check(_lwp_mutex_lock(&lock), "_lwp_mutex_lock");
		sum += mine;
		check(_lwp_mutex_unlock(&lock), "_lwp_mutex_unlock");
		m->ranges++;
	}
	check(_lwp_info(&info), "_lwp_info");
	m->used = info.lwp_utime;
	check(_lwp_sema_post(&done), "_lwp_sema_post");
	_lwp_exit();
}

int
main()
{
	lwpid_t	id;
	pcinfo_t ts;
	int	i, ranges = 0;
	long	n = (long)RANGES * RANGE;

	(void) strcpy(ts.pc_clname, "TS");
	if (priocntl(0, 0, PC_GETCID, (caddr_t)&ts) < 2)
		check(errno, "priocntl, PC_GETCID");
	ts_class = ts.pc_cid;
	check(_lwp_sema_init(&done, 0), "_lwp_sema_init");

	for (i = 0; i < CREW; i++) {
		crew[i].stack = (char *)malloc(STACK);
		(void) getcontext(&crew[i].context);
		_lwp_makecontext(&crew[i].context, work, &crew[i], &crew[i],
		    crew[i].stack, STACK);
		check(_lwp_create(&crew[i].context, LWP_SUSPENDED,
		    &crew[i].id), "_lwp_create");
	}
	if (next_range != 0 || _lwp_kill(crew[0].id, 0) != 0)
		check(EINVAL, "suspended LWPs");
	for (i = 0; i < CREW; i++)
		check(_lwp_continue(crew[i].id), "_lwp_continue");
	for (i = 0; i < CREW; i++)
		while (_lwp_sema_wait(&done) == EINTR)
			;
	for (i = 0; i < CREW; i++) {
		check(_lwp_wait(crew[i].id, &id), "_lwp_wait");
		if (id != crew[i].id || _lwp_kill(id, 0) != ESRCH)
			check(EINVAL, "end of an LWP");
		ranges += crew[i].ranges;
		free(crew[i].stack);
	}
	membar_consumer();

	printf("%d LWPs summed up %d ranges: %ld\n", CREW, ranges, sum);
	if (sum != n * (n - 1) / 2 || ranges != RANGES ||
	    _lwp_wait(0, NULL) != EDEADLK) {
		fprintf(stderr, "lwp_crew: wrong\n");
		exit(1);
	}
	printf("lwp_crew: ok\n");
	return (0);
}
