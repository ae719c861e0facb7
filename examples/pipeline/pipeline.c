/* SPDX-License-Identifier: MIT */
/*
 * pipeline - a thousand unbound threads in a row
 *
 * usage: pipeline [threads]             (1000 when nothing is said)
 *
 * Each thread takes a number from the link on its left, adds one, and puts
 * it into the link on its right.  The main thread feeds the first link and
 * empties the last.  A link holds one number; two semaphores count its room
 * and its numbers.
 *
 * A thread that waits costs its stack and no LWP, which is why there can be
 * so many.  The stacks are small on purpose: what the library needs for
 * itself, thr_min_stack(), and 16 kilobytes for the program.
 *
 * The main thread puts all numbers in before it takes the first out: the row
 * is longer than the input, so that this cannot get stuck.
 *
 * Calls: thr_create thr_join thr_self thr_min_stack sema_init sema_wait
 *        sema_post sema_destroy gethrtime
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/time.h>
#include <thread.h>
#include <synch.h>

#define NUMBERS		10
#define MINTHREADS	NUMBERS
#define MAXTHREADS	10000

typedef struct {
	sema_t	room;
	sema_t	filled;
	int	value;
} link_t;

link_t	*links;			/* stage i: from links[i] to links[i + 1] */

void
put(lp, value)
	link_t	*lp;
	int	value;
{
	sema_wait(&lp->room);
	lp->value = value;
	sema_post(&lp->filled);
}

int
take(lp)
	link_t	*lp;
{
	int	value;

	sema_wait(&lp->filled);
	value = lp->value;
	sema_post(&lp->room);
	return (value);
}

void *
stage(arg)
	void	*arg;
{
	link_t	*lp = (link_t *)arg;
	int	i;

	for (i = 0; i < NUMBERS; i++)
		put(lp + 1, take(lp) + 1);
	return (NULL);
}

int
main(argc, argv)
	int	argc;
	char	**argv;
{
	int		nthreads = 1000;
	int		i, err, value, joined, wrong = 0;
	size_t		stack = thr_min_stack() + 16384;
	hrtime_t	start, created, end;

	if (argc > 1)
		nthreads = atoi(argv[1]);
	if (argc > 2 || nthreads < MINTHREADS || nthreads > MAXTHREADS) {
		fprintf(stderr, "usage: pipeline [threads, %d to %d]\n",
		    MINTHREADS, MAXTHREADS);
		exit(1);
	}
	links = (link_t *)calloc(nthreads + 1, sizeof (link_t));
	if (links == NULL) {
		fprintf(stderr, "pipeline: out of memory\n");
		exit(1);
	}
	for (i = 0; i <= nthreads; i++) {
		sema_init(&links[i].room, 1, USYNC_THREAD, NULL);
		sema_init(&links[i].filled, NULL, USYNC_THREAD, NULL);
	}

	start = gethrtime();
	for (i = 0; i < nthreads; i++) {
		err = thr_create(NULL, stack, stage, &links[i], NULL, NULL);
		if (err != 0) {
			fprintf(stderr, "pipeline: thr_create of thread %d:"
			    " %s\n", i, strerror(err));
			exit(1);
		}
	}
	created = gethrtime();

	for (i = 0; i < NUMBERS; i++)
		put(&links[0], i * i);
	for (i = 0; i < NUMBERS; i++) {
		value = take(&links[nthreads]);
		if (value != i * i + nthreads) {
			fprintf(stderr, "pipeline: number %d is %d, not %d\n",
			    i, value, i * i + nthreads);
			wrong++;
		}
	}
	for (joined = 0; thr_join(NULL, NULL, NULL) == 0; joined++)
		;
	end = gethrtime();
	if (joined != nthreads) {
		fprintf(stderr, "pipeline: joined %d of %d threads\n",
		    joined, nthreads);
		wrong++;
	}
	for (i = 0; i <= nthreads; i++) {
		sema_destroy(&links[i].room);
		sema_destroy(&links[i].filled);
	}
	if (wrong)
		exit(1);
	printf("thread %d: %d threads with stacks of %d bytes, created in"
	    " %.1f ms\n", thr_self(), nthreads, (int)stack,
	    (created - start) / 1e6);
	printf("%d numbers went through, %.0f ns for each step\n", NUMBERS,
	    (double)(end - created) / ((double)nthreads * NUMBERS));
	printf("pipeline: ok\n");
	exit(0);
}
