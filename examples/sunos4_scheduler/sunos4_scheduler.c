/* SPDX-License-Identifier: MIT */
/*
 * sunos4_scheduler - time slices, made by hand.
 *
 * The library gives no time slices: a thread keeps the processor until it
 * blocks, or until one of higher priority can run.  So a thread of the
 * highest priority sleeps for a quantum, and puts the thread in front of the
 * queue of the others to its end when it wakes up.  The workers never call
 * the library; they compute prime numbers, and all make progress.
 *
 * Shows: pod_setmaxpri, lwp_setstkcache, lwp_newstk, lwp_create, lwp_sleep,
 * lwp_resched, lwp_getstate, lwp_setpri, lwp_join, exit in main while others
 * go on, the exit status of the pod.
 *
 * Needs preemption: with LIBLWP_PREEMPT=0 the workers run one after another.
 */
#include <stdio.h>
#include <stdlib.h>
#include <sys/time.h>
#include <lwp/lwp.h>
#include <lwp/stackdep.h>

#define MAXPRIO	10
#define WORKERS	3
#define QUANTUM	5000		/* microseconds */
#define TURNS	4		/* that each worker gets at least */

struct worker {
	thread_t tid;
	long	number;		/* looked at */
	long	primes;		/* found */
	int	turns;		/* slices in which it found one */
} crew[WORKERS];

int	finish;			/* set by the scheduler */
int	slices;

void
work(w)
	struct worker *w;
{
	volatile int *stop = &finish;
	long	d;

	while (!*stop) {
		w->number++;
		for (d = 2; d * d <= w->number; d++)
			if (w->number % d == 0)
				break;
		if (w->number > 1 && d * d > w->number)
			w->primes++;
	}
}

/*
 * Everybody has had his turns?
 */
int
enough()
{
	int	i;

	for (i = 0; i < WORKERS; i++)
		if (crew[i].turns < TURNS)
			return (0);
	return (1);
}

void
scheduler()
{
	struct timeval quantum;
	long	before[WORKERS];
	int	i, ran;

	for (i = 0; i < WORKERS; i++)
		before[i] = 0;
	while (!enough()) {
		quantum.tv_sec = 0;
		quantum.tv_usec = QUANTUM;
		(void) lwp_sleep(&quantum);
		slices++;
		ran = 0;
		for (i = 0; i < WORKERS; i++)
			if (crew[i].number != before[i]) {
				before[i] = crew[i].number;
				crew[i].turns++;
				ran++;
			}
		/* One worker runs in one slice, and no other one. */
		if (ran > 1) {
			fprintf(stderr, "sunos4_scheduler: %d in a slice\n",
			    ran);
			pod_exit(1);
		}
		if (lwp_resched(MINPRIO) < 0) {
			lwp_perror("sunos4_scheduler: lwp_resched");
			pod_exit(1);
		}
	}
	finish = 1;
}

/*
 * The last thread: tells the result.
 */
void
report()
{
	int	i;

	for (i = 0; i < WORKERS; i++)
		(void) lwp_join(crew[i].tid);	/* too late is all right */
	for (i = 0; i < WORKERS; i++) {
		printf("worker %d: %d turns, %s primes\n", i, crew[i].turns,
		    crew[i].primes > 0 ? "some" : "no");
		if (crew[i].turns < TURNS || crew[i].primes == 0)
			exit(1);
	}
	if (slices < WORKERS * TURNS)
		exit(1);
	printf("sunos4_scheduler: ok\n");
	exit(0);		/* ends the thread; the status is the pod's */
}

main()
{
	statvec_t state;
	thread_t tid;
	int	i;

	if (pod_setmaxpri(MAXPRIO) < 0) {
		lwp_perror("sunos4_scheduler: pod_setmaxpri");
		exit(1);
	}
	(void) lwp_setstkcache(10000, WORKERS + 2);
	for (i = 0; i < WORKERS; i++)
		if (lwp_create(&crew[i].tid, work, MINPRIO, 0, lwp_newstk(), 1,
		    &crew[i]) < 0) {
			lwp_perror("sunos4_scheduler: lwp_create");
			pod_exit(1);
		}
	if (lwp_create(&tid, scheduler, MAXPRIO - 1, 0, lwp_newstk(), 0) < 0 ||
	    lwp_create((thread_t *)0, report, MINPRIO + 1, 0, lwp_newstk(),
	    0) < 0)
		pod_exit(1);
	if (lwp_getstate(tid, &state) < 0 || state.stat_prio != MAXPRIO - 1 ||
	    lwp_setpri(tid, MAXPRIO) != MAXPRIO - 1)
		pod_exit(1);
	exit(3);		/* main is done; the others begin */
}
