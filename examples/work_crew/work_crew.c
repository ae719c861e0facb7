/* SPDX-License-Identifier: MIT */
/*
 * work_crew - a crew of threads sorts an array by quicksort.
 *
 * A job is a part of the array.  Who takes a large part splits it in two and
 * puts both into the queue; a small one is sorted on the spot.  A semaphore
 * counts the jobs in the queue, another one tells main that all is done.
 *
 * The crew is made before there is work: its threads are created suspended,
 * get their priority, and start with thr_continue().  The result is looked
 * at by a detached thread, which nobody can join, so it reports through a
 * semaphore.
 *
 * Shows: thr_create with THR_SUSPENDED and with THR_DETACHED, thr_continue,
 * thr_setprio, thr_getprio, thr_setconcurrency, sema_init, sema_wait,
 * sema_trywait, sema_post, sema_destroy, mutex_lock, thr_self, thr_join,
 * thr_yield, gethrtime.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <thread.h>
#include <synch.h>

#define CREW	4
#define CREW_PRIO 20		/* main has 0 */
#define COUNT	50000
#define SMALL	500		/* not worth a split */
#define QUEUE	COUNT		/* parts have at least one element */

struct job {
	int	low, high;	/* first and last element */
};

int	array[COUNT];

struct job queue[QUEUE];	/* a stack; all three under queue_lock */
int	queued;
int	unsorted = COUNT;	/* elements without their final place */
mutex_t	queue_lock = DEFAULTMUTEX;

sema_t	jobs;			/* one for each job, or order to go home */
sema_t	all_done;
sema_t	checked;

int	started;		/* members at work; under queue_lock */
int	misplaced = -1;		/* result of the check */
double	sum_found;

void
check(err, what)
	int	err;
	char	*what;
{
	if (err != 0) {
		(void) fprintf(stderr, "work_crew: %s: %s\n", what,
		    strerror(err));
		exit(1);
	}
}

void
put_job(low, high)
	int	low, high;
{
	(void) mutex_lock(&queue_lock);
	queue[queued].low = low;
	queue[queued].high = high;
	queued++;
	(void) mutex_unlock(&queue_lock);
	check(sema_post(&jobs), "sema_post");
}

/*
 * So many elements have found their place.
 */
void
settle(n)
	int	n;
{
	int	left;

	(void) mutex_lock(&queue_lock);
	left = unsorted -= n;
	(void) mutex_unlock(&queue_lock);
	if (left == 0)
		check(sema_post(&all_done), "sema_post");
}

int
compare(a, b)
	const void *a, *b;
{
	int	x = *(const int *)a, y = *(const int *)b;

	return (x < y ? -1 : x > y);
}

/*
 * Moves the smaller elements to the left and the greater ones to the right of
 * one of them, and returns the place of that one.
 */
int
partition(low, high)
	int	low, high;
{
	int	pivot, i, t, middle = low + (high - low) / 2;
	int	place = low;

	pivot = array[middle];
	array[middle] = array[high];
	array[high] = pivot;
	for (i = low; i < high; i++)
		if (array[i] < pivot) {
			t = array[i];
			array[i] = array[place];
			array[place++] = t;
		}
	array[high] = array[place];
	array[place] = pivot;
	return (place);
}

void *
member(arg)
	void	*arg;
{
	struct job job;
	int	place;
	long	done = 0;

	(void) mutex_lock(&queue_lock);
	started++;
	(void) mutex_unlock(&queue_lock);

	for (;;) {
		check(sema_wait(&jobs), "sema_wait");
		(void) mutex_lock(&queue_lock);
		if (queued == 0) {		/* go home */
			(void) mutex_unlock(&queue_lock);
			return ((void *)done);
		}
		job = queue[--queued];
		(void) mutex_unlock(&queue_lock);

		done++;
		if (job.high - job.low < SMALL) {
			qsort(&array[job.low], job.high - job.low + 1,
			    sizeof (int), compare);
			settle(job.high - job.low + 1);
			continue;
		}
		place = partition(job.low, job.high);
		if (place > job.low)
			put_job(job.low, place - 1);
		if (place < job.high)
			put_job(place + 1, job.high);
		settle(1);
		thr_yield();
	}
}

/*
 * The detached helper.
 */
void *
inspect(arg)
	void	*arg;
{
	int	i;

	misplaced = 0;
	sum_found = array[0];
	for (i = 1; i < COUNT; i++) {
		sum_found += array[i];
		if (array[i - 1] > array[i])
			misplaced++;
	}
	check(sema_post(&checked), "sema_post");
	return (NULL);
}

int
main(argc, argv)
	int	argc;
	char	**argv;
{
	thread_t crew[CREW], helper;
	hrtime_t start;
	double	sum = 0;
	void	*done;
	int	i, prio;
	long	total = 0;

	check(sema_init(&jobs, 0, USYNC_THREAD, NULL), "sema_init");
	check(sema_init(&all_done, 0, USYNC_THREAD, NULL), "sema_init");
	check(sema_init(&checked, 0, USYNC_THREAD, NULL), "sema_init");
	check(thr_setconcurrency(CREW), "thr_setconcurrency");

	for (i = 0; i < CREW; i++) {
		check(thr_create(NULL, NULL, member, NULL, THR_SUSPENDED,
		    &crew[i]), "thr_create");
		check(thr_setprio(crew[i], CREW_PRIO), "thr_setprio");
		check(thr_getprio(crew[i], &prio), "thr_getprio");
		if (prio != CREW_PRIO) {
			(void) fprintf(stderr, "work_crew: thread %d has "
			    "priority %d\n", crew[i], prio);
			exit(1);
		}
	}

	srand(1994);
	for (i = 0; i < COUNT; i++) {
		array[i] = rand() % (10 * COUNT);
		sum += array[i];
		if (i % 1000 == 0)
			thr_yield();	/* would let the crew run */
	}
	put_job(0, COUNT - 1);
	(void) mutex_lock(&queue_lock);
	if (started != 0 || queued != 1) {
		(void) fprintf(stderr, "work_crew: %d suspended threads "
		    "run\n", started);
		exit(1);
	}
	(void) mutex_unlock(&queue_lock);

	start = gethrtime();
	for (i = 0; i < CREW; i++)
		check(thr_continue(crew[i]), "thr_continue");
	check(sema_wait(&all_done), "sema_wait");
	(void) printf("thread %d: %d elements sorted in %ld ms\n", thr_self(),
	    COUNT, (long)((gethrtime() - start) / 1000000));

	check(thr_create(NULL, NULL, inspect, NULL, THR_DETACHED, &helper),
	    "thr_create");
	check(sema_wait(&checked), "sema_wait");
	if ((i = thr_join(helper, NULL, NULL)) != ESRCH) {
		(void) fprintf(stderr, "work_crew: thr_join of a detached "
		    "thread gave %d\n", i);
		exit(1);
	}

	for (i = 0; i < CREW; i++)
		check(sema_post(&jobs), "sema_post");
	for (i = 0; i < CREW; i++) {
		check(thr_join(crew[i], NULL, &done), "thr_join");
		(void) printf("thread %d did %ld jobs\n", crew[i], (long)done);
		total += (long)done;
	}

	if (misplaced != 0 || sum_found != sum) {
		(void) fprintf(stderr, "work_crew: %d elements in the wrong "
		    "place, sum %.0f for %.0f\n", misplaced, sum_found, sum);
		exit(1);
	}
	if (started != CREW || queued != 0 || unsorted != 0 ||
	    total < COUNT / SMALL || sema_trywait(&jobs) != EBUSY) {
		(void) fprintf(stderr, "work_crew: %d members, %ld jobs, %d "
		    "left\n", started, total, queued);
		exit(1);
	}
	(void) sema_destroy(&jobs);
	(void) sema_destroy(&all_done);
	(void) sema_destroy(&checked);
	(void) printf("work_crew: ok\n");
	return (0);
}
