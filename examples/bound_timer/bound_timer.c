/* SPDX-License-Identifier: MIT */
/*
 * bound_timer - a thread with an LWP of its own gives the time to the others.
 *
 * A thread that sleeps in a system call keeps its LWP.  The one that ticks is
 * therefore bound: it sleeps in poll() on its own LWP, and the unbound threads
 * that wait for ticks sleep in cond_wait(), which costs no LWP at all.  It is
 * a daemon, too: it never returns, and the process does not wait for it.
 *
 * A waiter that gets the mutex late finds that several ticks have passed.  So
 * the timer counts whom it finds asleep at each tick, and every waiter counts
 * how often it was woken: one by one, this has to be the same number.
 *
 * Shows: thr_create with THR_BOUND | THR_DAEMON, cond_wait, cond_broadcast,
 * cond_timedwait with a time limit, mutex_lock, mutex_unlock, thr_join of any
 * thread, gethrtime.
 */
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <thread.h>
#include <synch.h>

#define TICK		10	/* milliseconds */
#define TICKS		20
#define WAITERS		5

struct waiter {
	int	seen;		/* the last tick it knows */
	int	wakeups;	/* as it counted them */
	int	asleep;		/* until the next tick; these under lock */
	int	woken;		/* as the timer counted them */
};

static struct waiter waiter[WAITERS];

static mutex_t	lock = DEFAULTMUTEX;
static cond_t	ticked = DEFAULTCV;
static cond_t	never = DEFAULTCV;
static int	now;		/* ticks since the start; under lock */

static void
fatal(char *what, int err)
{
	(void) fprintf(stderr, "bound_timer: %s: %s\n", what, strerror(err));
	exit(1);
}

static void *
ticker(void *arg)
{
	struct waiter *w;

	for (;;) {
		(void) poll(NULL, NULL, TICK);
		(void) mutex_lock(&lock);
		now++;
		for (w = waiter; w < &waiter[WAITERS]; w++) {
			w->woken += w->asleep;
			w->asleep = 0;
		}
		(void) cond_broadcast(&ticked);
		(void) mutex_unlock(&lock);
	}
	/* NOTREACHED */
}

static void *
wait_for_ticks(void *arg)
{
	struct waiter *w = (struct waiter *)arg;
	int	err;

	(void) mutex_lock(&lock);
	while (w->seen < TICKS) {
		w->asleep = 1;
		while (w->asleep) {
			err = cond_wait(&ticked, &lock);
			if (err != 0 && err != EINTR)
				fatal("cond_wait", err);
		}
		w->wakeups++;
		w->seen = now;
	}
	(void) mutex_unlock(&lock);
	return (NULL);
}

int
main(int argc, char **argv)
{
	hrtime_t	start, elapsed;
	timestruc_t	limit;
	thread_t	timer;
	int		i, err, joined = 0;

	start = gethrtime();
	for (i = 0; i < WAITERS; i++) {
		err = thr_create(NULL, NULL, wait_for_ticks, &waiter[i], NULL,
		    NULL);
		if (err != 0)
			fatal("thr_create", err);
	}
	err = thr_create(NULL, NULL, ticker, NULL, THR_BOUND | THR_DAEMON,
	    &timer);
	if (err != 0)
		fatal("thr_create of the timer", err);

	while (thr_join(NULL, NULL, NULL) == 0)
		joined++;
	elapsed = (gethrtime() - start) / 1000000;

	/*
	 * The timer goes on, but nobody can join a daemon.
	 */
	if ((err = thr_join(timer, NULL, NULL)) != ESRCH) {
		(void) fprintf(stderr, "bound_timer: thr_join of the daemon "
		    "gave %d\n", err);
		exit(1);
	}

	/*
	 * The same waiting with a limit, for something that never happens.
	 */
	(void) mutex_lock(&lock);
	limit.tv_sec = time(NULL);	/* this second began before now */
	limit.tv_nsec = 0;
	err = cond_timedwait(&never, &lock, &limit);
	(void) mutex_unlock(&lock);
	if (err != ETIME) {
		(void) fprintf(stderr, "bound_timer: cond_timedwait gave %d\n",
		    err);
		exit(1);
	}

	(void) printf("%d threads saw %d ticks of %d ms in %d ms\n", joined,
	    TICKS, TICK, (int)elapsed);
	if (joined != WAITERS) {
		(void) fprintf(stderr, "bound_timer: %d threads joined\n",
		    joined);
		exit(1);
	}
	for (i = 0; i < WAITERS; i++) {
		if (waiter[i].seen < TICKS ||
		    waiter[i].wakeups > waiter[i].seen ||
		    waiter[i].wakeups != waiter[i].woken) {
			(void) fprintf(stderr, "bound_timer: waiter %d: %d "
			    "wakeups of %d, at tick %d\n", i,
			    waiter[i].wakeups, waiter[i].woken,
			    waiter[i].seen);
			exit(1);
		}
	}
	if (elapsed < TICKS * (TICK - 1)) {
		(void) fprintf(stderr, "bound_timer: the timer is fast\n");
		exit(1);
	}
	(void) printf("bound_timer: ok\n");
	return (0);
}
