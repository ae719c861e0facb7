/* SPDX-License-Identifier: MIT */
/*
 * key_data - a function with a static buffer, made safe for threads.
 *
 * The old form of such a function returns the address of a static buffer,
 * which two threads would overwrite for each other.  Here each thread has a
 * buffer of its own under a key, made when it first calls the function.  The
 * destructor of the key gives the buffer back when the thread ends.
 *
 * Shows: thr_keycreate with a destructor, thr_setspecific, thr_getspecific,
 * thr_self, thr_yield, thr_exit, thr_join of any thread, mutex_lock.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <thread.h>
#include <synch.h>

#define NTHREADS	16
#define CALLS		200	/* of each thread */
#define BUFSIZE		64
#define QUIET		3	/* every third thread never calls */

static mutex_t	 key_lock = DEFAULTMUTEX;
static thread_key_t key;
static int	 key_made;

static mutex_t	 count_lock = DEFAULTMUTEX;
static int	 buffers_made, buffers_freed, foreign_frees, mixed_up;

struct buffer {
	thread_t	owner;
	char		text[BUFSIZE];
};

static void
fatal(char *what, int err)
{
	(void) fprintf(stderr, "key_data: %s: %s\n", what, strerror(err));
	exit(1);
}

/*
 * The destructor: runs in the thread that ends.
 */
static void
free_buffer(void *value)
{
	struct buffer *b = (struct buffer *)value;

	(void) mutex_lock(&count_lock);
	buffers_freed++;
	if (b->owner != thr_self())
		foreign_frees++;
	(void) mutex_unlock(&count_lock);
	free(b);
}

/*
 * Returns a text for a number, in a buffer that the next call of the same
 * thread overwrites.
 */
static char *
number_name(int n)
{
	struct buffer *b = NULL;
	int	err;

	(void) mutex_lock(&key_lock);
	if (!key_made) {
		if ((err = thr_keycreate(&key, free_buffer)) != 0)
			fatal("thr_keycreate", err);
		key_made = 1;
	}
	(void) mutex_unlock(&key_lock);

	if ((err = thr_getspecific(key, (void **)&b)) != 0)
		fatal("thr_getspecific", err);
	if (b == NULL) {
		b = (struct buffer *)malloc(sizeof (*b));
		if (b == NULL) {
			(void) fprintf(stderr, "key_data: no memory\n");
			exit(1);
		}
		b->owner = thr_self();
		if ((err = thr_setspecific(key, b)) != 0)
			fatal("thr_setspecific", err);
		(void) mutex_lock(&count_lock);
		buffers_made++;
		(void) mutex_unlock(&count_lock);
	}
	(void) sprintf(b->text, "number %d of thread %d", n, thr_self());
	return (b->text);
}

static void *
caller(void *arg)
{
	char	expected[BUFSIZE];
	char	*text;
	int	i, bad = 0;

	if ((long)arg % QUIET == 0)
		return (NULL);
	for (i = 0; i < CALLS; i++) {
		text = number_name(i);
		if (i % 4 == 0)
			thr_yield();	/* the others use theirs meanwhile */
		(void) sprintf(expected, "number %d of thread %d", i,
		    thr_self());
		if (strcmp(text, expected) != 0)
			bad++;
	}
	(void) mutex_lock(&count_lock);
	mixed_up += bad;
	(void) mutex_unlock(&count_lock);
	if ((long)arg % 2 == 0)
		thr_exit(NULL);		/* as good as a return */
	return (NULL);
}

int
main(int argc, char **argv)
{
	char	*mine;
	long	i;
	int	err, joined = 0, callers = 0;

	mine = number_name(-1);
	for (i = 0; i < NTHREADS; i++) {
		if (i % QUIET != 0)
			callers++;
		err = thr_create(NULL, NULL, caller, (void *)i, NULL, NULL);
		if (err != 0)
			fatal("thr_create", err);
	}
	while (thr_join(NULL, NULL, NULL) == 0)
		joined++;

	(void) printf("%d threads, %d buffers, %d destructor calls\n",
	    joined, buffers_made, buffers_freed);
	(void) printf("main still has \"%s\"\n", mine);

	if (joined != NTHREADS || buffers_made != callers + 1) {
		(void) fprintf(stderr, "key_data: %d threads made %d "
		    "buffers\n", joined, buffers_made);
		exit(1);
	}
	/*
	 * The buffer of main is still in use; the threads without a buffer
	 * had nothing to free.
	 */
	if (buffers_freed != callers || foreign_frees != 0) {
		(void) fprintf(stderr, "key_data: %d destructor calls for %d "
		    "threads, %d in the wrong thread\n", buffers_freed,
		    callers, foreign_frees);
		exit(1);
	}
	if (mixed_up != 0 || strcmp(mine, "number -1 of thread 1") != 0) {
		(void) fprintf(stderr, "key_data: %d texts of other "
		    "threads\n", mixed_up);
		exit(1);
	}
	(void) printf("key_data: ok\n");
	return (0);
}
