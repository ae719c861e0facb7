/* SPDX-License-Identifier: MIT */
/*
 * bounded_buffer - producers and consumers with a buffer of fixed size
 *
 * usage: bounded_buffer [producers consumers]      (4 and 3)
 *
 * One mutex protects the buffer, and two condition variables tell what the
 * threads wait for: room for a further item, or an item.  A thread tests its
 * condition in a loop, because between the cond_signal() and the moment it
 * has the mutex again another thread may have come first.
 *
 * When the producers have been joined the main thread says that nothing will
 * follow, and wakes all consumers with cond_broadcast().
 *
 * Every item has to arrive once, so the consumers tick each off in a table.
 *
 * Calls: thr_create thr_join thr_self mutex_init mutex_lock mutex_unlock
 *        cond_init cond_wait cond_signal cond_broadcast gethrtime
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/time.h>
#include <thread.h>
#include <synch.h>

#define BSIZE		16
#define ITEMS		2000		/* of each producer */
#define MAXTHREADS	64

typedef struct {
	int	buf[BSIZE];
	int	occupied;
	int	nextin;
	int	nextout;
	int	closed;			/* no producer is left */
	mutex_t	lock;
	cond_t	more;			/* an item, or closed */
	cond_t	less;			/* room */
	int	full, empty;		/* how often a thread had to wait */
} buffer_t;

buffer_t	buffer;
char		*arrived;		/* by item; protected by buffer.lock */
int		twice = 0;

void
put(bp, item)
	buffer_t	*bp;
	int		item;
{
	mutex_lock(&bp->lock);
	while (bp->occupied == BSIZE) {
		bp->full++;
		cond_wait(&bp->less, &bp->lock);
	}
	bp->buf[bp->nextin] = item;
	bp->nextin = (bp->nextin + 1) % BSIZE;
	bp->occupied++;
	cond_signal(&bp->more);
	mutex_unlock(&bp->lock);
}

/* Returns 0 when there will be no item any more. */
int
get(bp)
	buffer_t	*bp;
{
	int	item;

	mutex_lock(&bp->lock);
	while (bp->occupied == 0 && !bp->closed) {
		bp->empty++;
		cond_wait(&bp->more, &bp->lock);
	}
	if (bp->occupied == 0) {
		mutex_unlock(&bp->lock);
		return (0);
	}
	item = bp->buf[bp->nextout];
	bp->nextout = (bp->nextout + 1) % BSIZE;
	bp->occupied--;
	twice += arrived[item];
	arrived[item] = 1;
	cond_signal(&bp->less);
	mutex_unlock(&bp->lock);
	return (item);
}

/* The items of producer n are n * ITEMS + 1 to (n + 1) * ITEMS. */
void *
producer(arg)
	void	*arg;
{
	int	first = (int)(long)arg * ITEMS + 1;
	int	i;

	for (i = 0; i < ITEMS; i++)
		put(&buffer, first + i);
	return (NULL);
}

/* The result is the number of items it got. */
void *
consumer(arg)
	void	*arg;
{
	long	n = 0;

	while (get(&buffer) != 0)
		n++;
	return ((void *)n);
}

void
start(func, n, tid)
	void		*(*func)();
	int		n;
	thread_t	*tid;
{
	int	err = thr_create(NULL, NULL, func, (void *)(long)n, NULL, tid);

	if (err != 0) {
		fprintf(stderr, "bounded_buffer: thr_create: %s\n",
		    strerror(err));
		exit(1);
	}
}

int
main(argc, argv)
	int	argc;
	char	**argv;
{
	thread_t	prod[MAXTHREADS], cons[MAXTHREADS];
	int		nprod = 4, ncons = 3;
	int		i, missing;
	long		got = 0;
	void		*status;
	hrtime_t	begin = gethrtime();

	if (argc == 3) {
		nprod = atoi(argv[1]);
		ncons = atoi(argv[2]);
	}
	if ((argc != 1 && argc != 3) || nprod < 1 || nprod > MAXTHREADS ||
	    ncons < 1 || ncons > MAXTHREADS) {
		fprintf(stderr, "usage: bounded_buffer [producers consumers],"
		    " up to %d each\n", MAXTHREADS);
		exit(1);
	}
	arrived = (char *)calloc(nprod * ITEMS + 1, 1);
	if (arrived == NULL) {
		fprintf(stderr, "bounded_buffer: out of memory\n");
		exit(1);
	}
	mutex_init(&buffer.lock, USYNC_THREAD, NULL);
	cond_init(&buffer.more, USYNC_THREAD, NULL);
	cond_init(&buffer.less, USYNC_THREAD, NULL);

	for (i = 0; i < ncons; i++)
		start(consumer, i, &cons[i]);
	for (i = 0; i < nprod; i++)
		start(producer, i, &prod[i]);

	for (i = 0; i < nprod; i++)
		thr_join(prod[i], NULL, NULL);
	mutex_lock(&buffer.lock);
	buffer.closed = 1;
	cond_broadcast(&buffer.more);
	mutex_unlock(&buffer.lock);
	for (i = 0; i < ncons; i++) {
		if (thr_join(cons[i], NULL, &status) != 0) {
			fprintf(stderr, "bounded_buffer: cannot join consumer"
			    " %d\n", i);
			exit(1);
		}
		got += (long)status;
		printf("consumer %d (thread %d): %ld items\n", i, cons[i],
		    (long)status);
	}

	missing = 0;
	for (i = 1; i <= nprod * ITEMS; i++)
		if (!arrived[i])
			missing++;
	if (missing != 0 || twice != 0 || got != nprod * ITEMS) {
		fprintf(stderr, "bounded_buffer: %ld of %d items, %d missing,"
		    " %d twice\n", got, nprod * ITEMS, missing, twice);
		exit(1);
	}
	printf("main (thread %d): buffer %d times full, %d times empty,"
	    " %.1f ms\n", thr_self(), buffer.full, buffer.empty,
	    (gethrtime() - begin) / 1e6);
	printf("bounded_buffer: ok\n");
	exit(0);
}
