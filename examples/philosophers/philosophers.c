/* SPDX-License-Identifier: MIT */
/*
 * philosophers - the dining philosophers.
 *
 * Five philosophers sit around a table with five forks, and each needs the
 * two forks beside him to eat.  If all took the left fork first they could
 * all wait for ever; here everybody takes the fork with the lower number
 * first, so no circle of waiting can arise.
 *
 * usage: philosophers [-b] [-d]
 *	-b	bound threads
 *	-d	the deadlock: all take the left fork and wait for one another
 *		before they reach for the right one.  To see it reported, run
 *		with _THREAD_ERROR_DETECTION=2 in the environment.
 *
 * Shows: mutex_init, mutex_lock, mutex_trylock, mutex_unlock, MUTEX_HELD,
 * mutex_destroy; cond_wait, cond_broadcast; thr_create, thr_self, thr_yield,
 * thr_join of any thread and its exit status, thr_exit.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <thread.h>
#include <synch.h>

#define SEATS	5
#define ROUNDS	300

struct philosopher {
	int		seat;
	thread_t	tid;
	int		meals;
	int		waits;		/* the first fork was in use */
};

struct philosopher table[SEATS];
mutex_t		fork_lock[SEATS];
int		fork_user[SEATS];	/* seat + 1, or 0: under fork_lock */
int		hungry;			/* hold the left fork: under seat_lock */
mutex_t		seat_lock;
cond_t		all_hungry;

void
fatal(what, err)
	char	*what;
	int	err;
{
	(void) fprintf(stderr, "philosophers: %s: %s\n", what, strerror(err));
	exit(1);
}

/*
 * Takes a fork.  Returns 1 if it had to wait for it.
 */
int
take(n, seat)
	int	n, seat;
{
	int	waited = 0;
	int	err;

	if ((err = mutex_trylock(&fork_lock[n])) == EBUSY) {
		waited = 1;
		err = mutex_lock(&fork_lock[n]);
	}
	if (err != 0)
		fatal("cannot take a fork", err);
	if (fork_user[n] != 0) {
		(void) fprintf(stderr, "philosophers: fork %d is in two "
		    "hands, %d and %d\n", n, fork_user[n] - 1, seat);
		exit(1);
	}
	fork_user[n] = seat + 1;
	return (waited);
}

void
put(n, seat)
	int	n, seat;
{
	if (!MUTEX_HELD(&fork_lock[n]) || fork_user[n] != seat + 1) {
		(void) fprintf(stderr, "philosophers: %d puts down fork %d, "
		    "which he does not hold\n", seat, n);
		exit(1);
	}
	fork_user[n] = 0;
	(void) mutex_unlock(&fork_lock[n]);
}

/*
 * Takes both forks in the way that ends in a deadlock.
 */
void *
starve(arg)
	void	*arg;
{
	struct philosopher *me = (struct philosopher *)arg;

	(void) printf("philosopher %d is thread %d\n", me->seat, thr_self());
	(void) fflush(stdout);
	(void) take(me->seat, me->seat);
	(void) mutex_lock(&seat_lock);
	if (++hungry == SEATS)
		(void) cond_broadcast(&all_hungry);
	while (hungry < SEATS)
		(void) cond_wait(&all_hungry, &seat_lock);
	(void) mutex_unlock(&seat_lock);
	(void) take((me->seat + 1) % SEATS, me->seat);
	(void) fprintf(stderr, "philosophers: %d has two forks\n", me->seat);
	exit(1);
	/* NOTREACHED */
}

void *
dine(arg)
	void	*arg;
{
	struct philosopher *me = (struct philosopher *)arg;
	int	left = me->seat;
	int	right = (me->seat + 1) % SEATS;
	int	first = left < right ? left : right;
	int	second = left < right ? right : left;
	int	i;

	for (i = 0; i < ROUNDS; i++) {
		me->waits += take(first, me->seat);
		if (i % 4 == 0)
			thr_yield();	/* reach over the table */
		(void) take(second, me->seat);
		me->meals++;			/* eat */
		put(second, me->seat);
		put(first, me->seat);
		if (i % 16 == me->seat)
			thr_yield();		/* think */
	}
	thr_exit((void *)me);
	/* NOTREACHED */
}

int
main(argc, argv)
	int	argc;
	char	**argv;
{
	struct philosopher *p;
	thread_t gone;
	void	*status;
	void	*(*meal)() = dine;
	long	flags = THR_NEW_LWP;
	int	i, err, meals = 0, left = 0;

	for (i = 1; i < argc; i++) {
		if (strcmp(argv[i], "-b") == 0)
			flags |= THR_BOUND;
		else if (strcmp(argv[i], "-d") == 0)
			meal = starve;
		else {
			(void) fprintf(stderr,
			    "usage: philosophers [-b] [-d]\n");
			exit(2);
		}
	}

	for (i = 0; i < SEATS; i++)
		if ((err = mutex_init(&fork_lock[i], USYNC_THREAD, NULL)) != 0)
			fatal("mutex_init", err);

	for (i = 0; i < SEATS; i++) {
		table[i].seat = i;
		err = thr_create(NULL, NULL, meal, (void *)&table[i],
		    flags, &table[i].tid);
		if (err != 0)
			fatal("thr_create", err);
	}
	(void) printf("thread %d waits for %d philosophers\n", thr_self(),
	    SEATS);

	while (thr_join(NULL, &gone, &status) == 0) {
		p = (struct philosopher *)status;
		if (p->tid != gone) {
			(void) fprintf(stderr, "philosophers: thread %d left, "
			    "with the status of %d\n", gone, p->tid);
			exit(1);
		}
		(void) printf("philosopher %d (thread %d): %d meals, "
		    "waited %d times\n", p->seat, gone, p->meals, p->waits);
		if (p->meals != ROUNDS) {
			(void) fprintf(stderr, "philosophers: %d went "
			    "hungry\n", p->seat);
			exit(1);
		}
		meals += p->meals;
		left++;
	}
	if (left != SEATS || meals != SEATS * ROUNDS) {
		(void) fprintf(stderr, "philosophers: %d left after %d "
		    "meals\n", left, meals);
		exit(1);
	}
	for (i = 0; i < SEATS; i++) {
		if (fork_user[i] != 0 || mutex_trylock(&fork_lock[i]) != 0) {
			(void) fprintf(stderr, "philosophers: fork %d is "
			    "still in use\n", i);
			exit(1);
		}
		(void) mutex_unlock(&fork_lock[i]);
		(void) mutex_destroy(&fork_lock[i]);
	}
	(void) printf("philosophers: ok\n");
	return (0);
}
