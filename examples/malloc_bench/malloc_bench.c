/* SPDX-License-Identifier: MIT */
/*
 * malloc_bench - how does the allocator bear many threads?
 *
 * usage: malloc_bench [threads [rounds]]
 *
 * Each thread has an array of blocks, frees one by chance and allocates another
 * one of a size by chance in its place.  When it has done its rounds, it hands
 * the array on to a thread that it makes, and ends: blocks are freed by other
 * threads than those that allocated them, as in a server that runs for long.
 * A block begins with its size and ends with a byte that depends on it; both
 * are looked at before it is freed.
 *
 * Shows: sysconf for the number of processors, thr_setconcurrency, gethrtime,
 * gethrvtime, thr_create by a thread that ends, stacks of a size of one's own
 * (THR_MIN_STACK), THR_BOUND, semaphores.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <thread.h>
#include <synch.h>

#define MAXTHREADS	100
#define BLOCKS		200
#define MINSIZE		16
#define MAXSIZE		400
#define GENERATIONS	5
#define STACK		(THR_MIN_STACK + 32 * 1024)

struct block {
	size_t	size;
	char	data[1];
};

struct work {
	struct block *block[BLOCKS];
	unsigned int seed;
	int	generation;
	long	flags;
	long	frees;
	hrtime_t cpu;		/* of bound threads */
};

int	rounds = 2000;
sema_t	finished;

void
check(err, what)
	int	err;
	char	*what;
{
	if (err != 0) {
		fprintf(stderr, "malloc_bench: thread %d: %s: %s\n",
		    thr_self(), what, strerror(err));
		exit(1);
	}
}

int
chance(w, n)
	struct work *w;
	int	n;
{
	w->seed = w->seed * 1103515245 + 12345;
	return ((w->seed >> 16) % n);
}

struct block *
allocate(w)
	struct work *w;
{
	size_t	size = MINSIZE + chance(w, MAXSIZE - MINSIZE);
	struct block *b = (struct block *)malloc(sizeof (size_t) + size);

	if (b == NULL)
		check(ENOMEM, "malloc");
	b->size = size;
	b->data[0] = b->data[size - 1] = (char)size;
	return (b);
}

void
release(b)
	struct block *b;
{
	if (b->size < MINSIZE || b->size >= MAXSIZE ||
	    b->data[0] != (char)b->size ||
	    b->data[b->size - 1] != (char)b->size)
		check(EINVAL, "a block has changed");
	free((char *)b);
}

void *
exercise(arg)
	void	*arg;
{
	struct work *w = (struct work *)arg;
	hrtime_t start = gethrvtime();
	int	i, n;

	for (i = 0; i < rounds; i++) {
		n = chance(w, BLOCKS);
		release(w->block[n]);
		w->block[n] = allocate(w);
		w->frees++;
	}
	if (w->flags & THR_BOUND)
		w->cpu += gethrvtime() - start;
	if (++w->generation < GENERATIONS)
		check(thr_create(NULL, STACK, exercise, arg,
		    w->flags | THR_DETACHED, NULL), "thr_create");
	else
		check(sema_post(&finished), "sema_post");
	return (NULL);
}

/* Returns the milliseconds that it took. */
double
run(threads, flags, frees)
	int	threads;
	long	flags;
	long	*frees;
{
	static struct work work[MAXTHREADS];
	hrtime_t start, cpu = 0, elapsed;
	int	i, j;

	for (i = 0; i < threads; i++) {
		memset(&work[i], 0, sizeof (struct work));
		work[i].seed = i + 1;
		work[i].flags = flags;
		for (j = 0; j < BLOCKS; j++)
			work[i].block[j] = allocate(&work[i]);
	}
	start = gethrtime();
	for (i = 0; i < threads; i++)
		check(thr_create(NULL, STACK, exercise, &work[i],
		    flags | THR_DETACHED, NULL), "thr_create");
	for (i = 0; i < threads; i++)
		while (sema_wait(&finished) == EINTR)
			;
	elapsed = gethrtime() - start;
	for (i = 0; i < threads; i++) {
		*frees += work[i].frees;
		cpu += work[i].cpu;
		for (j = 0; j < BLOCKS; j++)
			release(work[i].block[j]);
	}
	if ((flags & THR_BOUND) && cpu <= 0)
		check(EINVAL, "gethrvtime");
	return ((double)elapsed / 1000000);
}

int
main(argc, argv)
	int	argc;
	char	**argv;
{
	int	ncpus = (int)sysconf(_SC_NPROCESSORS_ONLN);
	int	threads = 8;
	long	frees = 0, expected;
	double	unbound, bound;

	if (argc > 1)
		threads = atoi(argv[1]);
	if (argc > 2)
		rounds = atoi(argv[2]);
	if (threads < 1 || threads > MAXTHREADS || rounds < 1 || ncpus < 1) {
		fprintf(stderr, "usage: malloc_bench [threads [rounds]]\n");
		exit(1);
	}
	check(sema_init(&finished, 0, USYNC_THREAD, NULL), "sema_init");
	check(thr_setconcurrency(ncpus), "thr_setconcurrency");
	if (thr_getconcurrency() < ncpus)
		check(EINVAL, "thr_getconcurrency");

	unbound = run(threads, 0L, &frees);
	bound = run(threads, (long)THR_BOUND, &frees);

	expected = 2L * threads * GENERATIONS * rounds;
	printf("%d processors, %d threads: unbound %.1f ms, bound %.1f ms\n",
	    ncpus, threads, unbound, bound);
	if (frees != expected || unbound <= 0 || bound <= 0) {
		fprintf(stderr, "malloc_bench: %ld blocks freed, not %ld\n",
		    frees, expected);
		exit(1);
	}
	printf("malloc_bench: ok\n");
	return (0);
}
