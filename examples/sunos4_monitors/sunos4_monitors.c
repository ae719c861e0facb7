/* SPDX-License-Identifier: MIT */
/*
 * sunos4_monitors - a spooler for two printers.
 *
 * Users submit jobs, printers take them.  The queue is a monitor with two
 * conditions.  A monitor may be entered again by who is in it, which the
 * spooler uses: its procedures call one another.  The queue hands jobs out by
 * their urgency, and a printer that is taken out of service in the middle of
 * a job (its thread is destroyed) leaves the monitor free for the others.
 *
 * Shows: mon_create, mon_enter, mon_exit and their nesting levels,
 * mon_cond_enter, MONITOR, mon_waiters, cv_create, cv_wait, cv_notify,
 * cv_broadcast, lwp_destroy of a thread that is in a monitor, SAMETHREAD.
 */
#include <stdio.h>
#include <lwp/lwp.h>
#include <lwp/stackdep.h>

#define MAXPRIO	10
#define USERS	4
#define JOBS	10		/* of each user */
#define QUEUE	5

struct job {
	int	user, number, urgency;
};

mon_t	spooler;
cv_t	room, work;
struct job queue[QUEUE];
int	queued, submitted, printed, users = USERS;
int	last[USERS];		/* number printed last, of each user */
int	failed;

void
check(ok, what)
	int	ok;
	char	*what;
{
	if (ok)
		return;
	fprintf(stderr, "sunos4_monitors: %s\n", what);
	failed = 1;
}

/*
 * How many jobs there are.  Called from inside the monitor and from outside.
 */
int
jobs()
{
	int	n, level;

	level = mon_enter(spooler);
	n = queued;
	check(mon_exit(spooler) == level, "the level is not what it was");
	return (n);
}

void
submit(job)
	struct job job;
{
	MONITOR(spooler);		/* left at the end of the block */

	while (jobs() == QUEUE)
		(void) cv_wait(room);
	queue[queued++] = job;
	submitted++;
	(void) cv_notify(work);
}

/*
 * The most urgent job, the oldest of those; 0 when there will be none.
 */
int
take(job)
	struct job *job;
{
	int	i, best;

	(void) mon_enter(spooler);
	while (jobs() == 0 && users > 0)
		(void) cv_wait(work);
	if (queued == 0) {
		(void) mon_exit(spooler);
		return (0);
	}
	best = 0;
	for (i = 1; i < queued; i++)
		if (queue[i].urgency > queue[best].urgency)
			best = i;
	*job = queue[best];
	for (queued--; best < queued; best++)
		queue[best] = queue[best + 1];
	(void) cv_notify(room);
	(void) mon_exit(spooler);
	return (1);
}

void
user(me)
	int	me;
{
	struct job job;

	job.user = me;
	for (job.number = 1; job.number <= JOBS; job.number++) {
		job.urgency = me % 2;
		submit(job);
		if (job.number % 3 == 0)
			(void) lwp_yield(SELF);
	}
	(void) mon_enter(spooler);
	if (--users == 0)
		(void) cv_broadcast(work);	/* go home */
	(void) mon_exit(spooler);
}

void
printer()
{
	struct job job;

	while (take(&job)) {
		(void) lwp_yield(SELF);		/* prints */
		(void) mon_enter(spooler);
		check(job.number > 0 && job.number <= JOBS, "odd job");
		last[job.user] += job.number;
		printed++;
		(void) mon_exit(spooler);
	}
}

/*
 * Jams while it has the monitor.
 */
void
broken_printer()
{
	(void) mon_enter(spooler);
	(void) mon_enter(spooler);
	(void) lwp_suspend(SELF);
}

main()
{
	thread_t tid[USERS + 2], broken, owner, waiting[USERS + 2];
	int	i;

	(void) pod_setmaxpri(MAXPRIO);
	(void) lwp_setstkcache(10000, USERS + 3);
	if (mon_create(&spooler) < 0 || cv_create(&room, spooler) < 0 ||
	    cv_create(&work, spooler) < 0) {
		lwp_perror("sunos4_monitors: mon_create");
		pod_exit(1);
	}

	/* Lowering main lets each thread that is made go as far as it can. */
	(void) lwp_setpri(SELF, MINPRIO);
	(void) lwp_create(&broken, broken_printer, MINPRIO + 1, 0, lwp_newstk(),
	    0);
	check(mon_cond_enter(spooler) < 0 && lwp_geterr() == LE_INUSE,
	    "the monitor is not in use");
	for (i = 0; i < USERS; i++)
		(void) lwp_create(&tid[i], user, MINPRIO + 1, 0, lwp_newstk(),
		    1, i);
	for (; i < USERS + 2; i++)
		(void) lwp_create(&tid[i], printer, MINPRIO + 1, 0,
		    lwp_newstk(), 0);
	check(mon_waiters(spooler, &owner, waiting, USERS + 2) == USERS + 2,
	    "not all wait");
	check(SAMETHREAD(owner, broken) && SAMETHREAD(waiting[0], tid[0]),
	    "wrong owner or order");

	/* Its death frees the monitor, and all the others run. */
	(void) lwp_destroy(broken);
	for (i = 0; i < USERS + 2; i++)
		(void) lwp_join(tid[i]);

	check(mon_enter(spooler) == 0 && mon_enter(spooler) == 1 &&
	    mon_exit(spooler) == 1 && mon_exit(spooler) == 0, "levels");
	check(printed == USERS * JOBS && submitted == printed, "jobs lost");
	for (i = 0; i < USERS; i++)
		check(last[i] == JOBS * (JOBS + 1) / 2, "a job is missing");
	check(mon_destroy(spooler) == 0, "mon_destroy");
	printf("%d jobs printed\n", printed);
	if (!failed)
		printf("sunos4_monitors: ok\n");
	pod_exit(failed);
}
