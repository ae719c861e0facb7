/* SPDX-License-Identifier: MIT */
/*
 * matmult - multiplies two square matrices with one thread per processor
 *
 * usage: matmult [size]                 (300 when nothing is said)
 *
 * The processes of the time had many threads and few LWPs, so a program that
 * computes says how many of its threads shall run at once:
 * thr_setconcurrency() with the number of processors.  The threads take rows
 * of the product from a common counter until none is left.  They compute only
 * and never block but for the mutex, which is the case unbound threads are
 * worst at: without thr_setconcurrency() one LWP might do all the work.
 *
 * The product is checked by C * v = A * (B * v), which needs no second
 * multiplication of matrices.  All numbers are small integers, so that the
 * arithmetic is exact.
 *
 * Calls: thr_setconcurrency thr_create thr_join thr_self mutex_lock
 *        mutex_unlock gethrtime
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/time.h>
#include <unistd.h>
#include <thread.h>
#include <synch.h>

#define MAXSIZE		2000
#define MAXTHREADS	64

int	size = 300;
double	*a, *b, *c;

mutex_t	row_lock = DEFAULTMUTEX;
int	next_row = 0;		/* protected by row_lock */

int
take_row()
{
	int	row;

	mutex_lock(&row_lock);
	row = next_row < size ? next_row++ : -1;
	mutex_unlock(&row_lock);
	return (row);
}

void *
worker(arg)
	void	*arg;
{
	int	*rows = (int *)arg;
	int	i, j, k;

	while ((i = take_row()) != -1) {
		double	*out = c + i * size;

		for (k = 0; k < size; k++) {
			double	f = a[i * size + k];
			double	*in = b + k * size;

			for (j = 0; j < size; j++)
				out[j] += f * in[j];
		}
		(*rows)++;
	}
	return (NULL);
}

/* out = matrix * v */
void
apply(m, v, out)
	double	*m, *v, *out;
{
	int	i, j;

	for (i = 0; i < size; i++) {
		out[i] = 0;
		for (j = 0; j < size; j++)
			out[i] += m[i * size + j] * v[j];
	}
}

double *
vector(n)
	int	n;
{
	double	*p = (double *)calloc(n, sizeof (double));

	if (p == NULL) {
		fprintf(stderr, "matmult: out of memory\n");
		exit(1);
	}
	return (p);
}

/* The number of the first row that is wrong, or -1. */
int
check()
{
	double	*v = vector(size), *bv = vector(size);
	double	*abv = vector(size), *cv = vector(size);
	int	i, wrong = -1;

	for (i = 0; i < size; i++)
		v[i] = i + 1;
	apply(b, v, bv);
	apply(a, bv, abv);
	apply(c, v, cv);
	for (i = 0; i < size && wrong == -1; i++)
		if (cv[i] != abv[i])
			wrong = i;
	free(v);
	free(bv);
	free(abv);
	free(cv);
	return (wrong);
}

int
main(argc, argv)
	int	argc;
	char	**argv;
{
	int		rows[MAXTHREADS];
	int		i, err, nthreads, joined, done, wrong;
	hrtime_t	start, end;

	if (argc > 1)
		size = atoi(argv[1]);
	if (size < 1 || size > MAXSIZE || argc > 2) {
		fprintf(stderr, "usage: matmult [size up to %d]\n", MAXSIZE);
		exit(1);
	}
	a = vector(size * size);
	b = vector(size * size);
	c = vector(size * size);
	for (i = 0; i < size * size; i++) {
		a[i] = (i * 7 + i / size) % 10;
		b[i] = (i * 3 + i / size) % 11 - 5;
	}

	nthreads = sysconf(_SC_NPROCESSORS_ONLN);
	if (nthreads < 2)
		nthreads = 2;
	if (nthreads > MAXTHREADS)
		nthreads = MAXTHREADS;
	thr_setconcurrency(sysconf(_SC_NPROCESSORS_ONLN));

	memset(rows, 0, sizeof (rows));
	start = gethrtime();
	for (i = 0; i < nthreads; i++) {
		err = thr_create(NULL, NULL, worker, &rows[i], NULL, NULL);
		if (err != 0) {
			fprintf(stderr, "matmult: thr_create: %s\n",
			    strerror(err));
			exit(1);
		}
	}
	for (joined = 0; thr_join(NULL, NULL, NULL) == 0; joined++)
		;
	end = gethrtime();

	if (joined != nthreads) {
		fprintf(stderr, "matmult: joined %d of %d threads\n",
		    joined, nthreads);
		exit(1);
	}
	for (i = done = 0; i < nthreads; i++)
		done += rows[i];
	wrong = check();
	if (done != size || wrong != -1) {
		fprintf(stderr, "matmult: %d of %d rows, first wrong row %d\n",
		    done, size, wrong);
		exit(1);
	}
	printf("%d x %d with %d threads, joined by thread %d: %.1f ms\n",
	    size, size, nthreads, thr_self(), (end - start) / 1e6);
	printf("matmult: ok\n");
	exit(0);
}
