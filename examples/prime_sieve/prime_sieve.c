/* SPDX-License-Identifier: MIT */
/*
 * prime_sieve - the sieve of Eratosthenes, a thread for each prime.
 *
 * A row of threads, each of which knows one prime: the first number that came
 * to it.  Of the numbers that follow it passes on those that its prime does
 * not divide, to the next thread, which it makes when it needs it.
 */
#include <stdio.h>
#include <stdlib.h>
#include <thread.h>
#include <synch.h>

#define MAX	1000
#define SLOTS	8

typedef struct {
	mutex_t	lock;
	cond_t	cv;
	int	n, first;
	int	slot[SLOTS];
} channel;

int	primes[MAX], nprimes;

void
put(c, value)
	channel	*c;
	int	value;
{
	mutex_lock(&c->lock);
	while (c->n == SLOTS)
		cond_wait(&c->cv, &c->lock);
	c->slot[(c->first + c->n++) % SLOTS] = value;
	cond_broadcast(&c->cv);
	mutex_unlock(&c->lock);
}

get(c)
	channel	*c;
{
	int	value;

	mutex_lock(&c->lock);
	while (c->n == 0)
		cond_wait(&c->cv, &c->lock);
	value = c->slot[c->first];
	c->first = (c->first + 1) % SLOTS;
	c->n--;
	cond_broadcast(&c->cv);
	mutex_unlock(&c->lock);
	return (value);
}

void *
filter(in)
	channel	*in;
{
	channel	*out = NULL;
	int	prime, value;
	thread_t next;
	void	*status;

	prime = get(in);
	primes[nprimes++] = prime;	/* they come one after the other */
	while ((value = get(in)) != 0) {
		if (value % prime == 0)
			continue;
		if (out == NULL) {
			out = (channel *)calloc(1, sizeof (channel));
			if (thr_create(NULL, NULL, filter, out, NULL, &next)) {
				printf("prime_sieve: no more threads\n");
				exit(1);
			}
		}
		put(out, value);
	}
	if (out == NULL)
		return ((void *)1);
	put(out, 0);
	thr_join(next, NULL, &status);
	free(out);
	return ((void *)((long)status + 1));
}

main()
{
	static channel head;		/* zeros */
	thread_t first;
	void	*threads;
	int	i, d, found = 0;

	thr_setconcurrency(4);
	thr_create(NULL, NULL, filter, &head, NULL, &first);
	for (i = 2; i < MAX; i++)
		put(&head, i);
	put(&head, 0);
	thr_join(first, NULL, &threads);

	for (i = 2; i < MAX; i++) {
		for (d = 2; d * d <= i && i % d; d++)
			;
		if (d * d > i && primes[found++] != i) {
			printf("prime_sieve: %d is missing\n", i);
			exit(1);
		}
	}
	printf("%d primes below %d by %ld threads\n", nprimes, MAX,
	    (long)threads);
	if (found != nprimes || nprimes != (long)threads)
		exit(1);
	printf("prime_sieve: ok\n");
	exit(0);
}
