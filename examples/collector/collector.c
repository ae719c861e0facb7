/* SPDX-License-Identifier: MIT */
/*
 * collector - a garbage collector that stops the world.
 *
 * Threads make lists of cells and forget them.  When no cell is free, the one
 * that wants one suspends all others, by their ids, marks whatever can be
 * reached, and sweeps up the rest.  Nobody says where his pointers are: every
 * word in the registers and the stack of a thread that looks like the address
 * of a cell is taken for one.
 *
 * The collector holds heap_lock, so no thread is stopped that holds it.  A
 * stopped thread may hold any other lock, inside malloc() or printf() too:
 * the collector calls neither.
 *
 * Some threads compute; of those that do not, one sleeps in cond_wait(), one
 * in a system call, and main in thr_join().  Each has a list that is known to
 * its stack only, and finds it whole in the end.
 *
 * Shows: thr_suspend, thr_continue, thr_getstate, thr_stksegment, thr_self as
 * the name of a thread, THR_BOUND, thr_setconcurrency.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <ucontext.h>
#include <unistd.h>
#include <thread.h>
#include <synch.h>

#define CELLS		3000
#define MUTATORS	4
#define ROUNDS		1000
#define LENGTH		40
#define DEAD		-1L		/* value of a free cell */
#define MAXTHREADS	16

struct cell {
	struct cell *next, *other;
	long	value;
	int	marked;
};

mutex_t	heap_lock = DEFAULTMUTEX;	/* for all down to here: */
struct cell heap[CELLS];
struct cell *free_list;
int	collections, longest;
long	allocated, freed;
thread_t members[MAXTHREADS];		/* 0: no thread */
					/* ---- */
struct cell *kept[MUTATORS];		/* roots that are no stacks */

mutex_t	lock = DEFAULTMUTEX;
cond_t	wake_up = DEFAULTCV;
int	time_to_wake, in_place;
int	pipe_fds[2];

void
check(err, what)
	int	err;
	char	*what;
{
	if (err != 0) {
		fprintf(stderr, "collector: thread %d: %s: %s\n", thr_self(),
		    what, strerror(err));
		exit(1);
	}
}

/* A list of lists: along next in a loop, along other by recursion. */
void
mark(c)
	struct cell *c;
{
	for (; c != NULL && !c->marked; c = c->next) {
		c->marked = 1;
		mark(c->other);
	}
}

/* A word that points into a cell, at its beginning or not, keeps it. */
void
mark_words(from, to)
	void	**from, **to;
{
	char	*p;

	for (; from < to; from++) {
		p = (char *)*from;
		if (p >= (char *)heap && p < (char *)&heap[CELLS])
			mark(&heap[(p - (char *)heap) / sizeof (struct cell)]);
	}
}

/*
 * The stack pointer is one of the registers.  Those that point into the stack
 * below it do no harm.
 */
void
mark_stack(stack, regs, nregs)
	stack_t	*stack;
	void	**regs;
	int	nregs;
{
	char	*high = (char *)stack->ss_sp, *low = high;
	int	i;

	for (i = 0; i < nregs; i++)
		if ((char *)regs[i] >= high - stack->ss_size &&
		    (char *)regs[i] < low)
			low = (char *)regs[i];
	if (low == high)
		check(EFAULT, "stack pointer");
	low -= (unsigned long)low % sizeof (void *);
	mark_words((void **)low, (void **)high);
	mark_words(regs, regs + nregs);
}

void
sweep()
{
	struct cell *c;
	int	n = 0;

	for (c = heap; c < &heap[CELLS]; c++) {
		if (!c->marked) {
			n++;
			c->value = DEAD;
			c->other = NULL;
			c->next = free_list;
			free_list = c;
		}
		c->marked = 0;
	}
	freed += n;
	if (CELLS - n > longest)
		longest = CELLS - n;
}

/* With heap_lock held; nothing is free. */
void
collect()
{
	static ucontext_t own;
	static gregset_t regs;
	stack_t	stack;
	int	i, flag, lwp;

	for (i = 0; i < MAXTHREADS; i++)
		if (members[i] != 0 && members[i] != thr_self())
			check(thr_suspend(members[i]), "thr_suspend");
	for (i = 0; i < MUTATORS; i++)
		mark(kept[i]);
	for (i = 0; i < MAXTHREADS; i++) {
		if (members[i] == 0 || members[i] == thr_self())
			continue;
		check(thr_getstate(members[i], &flag, &lwp, &stack, regs),
		    "thr_getstate");
		mark_stack(&stack, (void **)regs,
		    sizeof (regs) / sizeof (void *));
	}
	check(thr_stksegment(&stack), "thr_stksegment");
	getcontext(&own);
	mark_stack(&stack, (void **)&own, sizeof (own) / sizeof (void *));
	sweep();
	collections++;
	for (i = 0; i < MAXTHREADS; i++)
		if (members[i] != 0 && members[i] != thr_self())
			check(thr_continue(members[i]), "thr_continue");
}

struct cell *
allocate(value, next, other)
	long	value;
	struct cell *next, *other;
{
	struct cell *c;

	check(mutex_lock(&heap_lock), "mutex_lock");
	if (free_list == NULL) {
		collect();
		if (free_list == NULL)
			check(ENOMEM, "the heap is full");
	}
	c = free_list;
	free_list = c->next;
	c->value = value;
	c->next = next;
	c->other = other;
	allocated++;
	check(mutex_unlock(&heap_lock), "mutex_unlock");
	return (c);
}

/* Every second cell has another one beside it. */
struct cell *
make_list(first)
	long	first;
{
	struct cell *list = NULL;
	long	i;

	for (i = LENGTH; --i >= 0; )
		list = allocate(first + i, list,
		    i % 2 ? allocate(first - i, NULL, NULL) : NULL);
	return (list);
}

void
check_list(list, first)
	struct cell *list;
	long	first;
{
	long	i;

	for (i = 0; i < LENGTH; i++, list = list->next)
		if (list == NULL || list->value != first + i ||
		    (i % 2 && list->other->value != first - i))
			check(EFAULT, "a cell in use was swept up");
}

void
join_in(in)
	int	in;
{
	int	i;

	check(mutex_lock(&heap_lock), "mutex_lock");
	for (i = 0; members[i] != (in ? 0 : thr_self()); i++)
		;
	members[i] = in ? thr_self() : 0;
	check(mutex_unlock(&heap_lock), "mutex_unlock");
}

void *
mutator(arg)
	void	*arg;
{
	long	n = (long)arg, i;
	struct cell *list;

	join_in(1);
	for (i = 0; i < ROUNDS; i++) {
		list = make_list(n * 1000 + i);
		if (i % 100 == 0)
			kept[n] = make_list(n);
		check_list(list, n * 1000 + i);
		check_list(kept[n], n);
	}
	join_in(0);
	return (NULL);
}

void
say_in_place()
{
	check(mutex_lock(&lock), "mutex_lock");
	in_place++;
	check(cond_broadcast(&wake_up), "cond_broadcast");
	check(mutex_unlock(&lock), "mutex_unlock");
}

void *
sleeper(arg)
	void	*arg;
{
	struct cell *list;

	join_in(1);
	list = make_list(5000L);
	say_in_place();
	check(mutex_lock(&lock), "mutex_lock");
	while (!time_to_wake)
		cond_wait(&wake_up, &lock);
	check(mutex_unlock(&lock), "mutex_unlock");
	check_list(list, 5000L);
	join_in(0);
	return (NULL);
}

void *
reader(arg)
	void	*arg;
{
	struct cell *list;
	char	c;

	join_in(1);
	list = make_list(6000L);
	say_in_place();
	if (read(pipe_fds[0], &c, 1) != 1)
		check(errno, "read");
	check_list(list, 6000L);
	join_in(0);
	return (NULL);
}

int
main()
{
	struct cell *list;
	thread_t id[MUTATORS], sleeper_id, reader_id;
	long	i;

	sweep();			/* all cells are free */
	freed = longest = 0;
	join_in(1);
	list = make_list(7000L);
	if (pipe(pipe_fds) < 0)
		check(errno, "pipe");
	check(thr_setconcurrency(2), "thr_setconcurrency");
	check(thr_create(NULL, NULL, sleeper, NULL, NULL, &sleeper_id),
	    "thr_create");
	check(thr_create(NULL, NULL, reader, NULL, THR_BOUND, &reader_id),
	    "thr_create");
	check(mutex_lock(&lock), "mutex_lock");
	while (in_place < 2)
		cond_wait(&wake_up, &lock);
	check(mutex_unlock(&lock), "mutex_unlock");

	for (i = 0; i < MUTATORS; i++)
		check(thr_create(NULL, NULL, mutator, (void *)i,
		    i == 0 ? THR_BOUND : 0, &id[i]), "thr_create");
	for (i = 0; i < MUTATORS; i++)
		check(thr_join(id[i], NULL, NULL), "thr_join");

	check(mutex_lock(&lock), "mutex_lock");
	time_to_wake = 1;
	check(cond_broadcast(&wake_up), "cond_broadcast");
	check(mutex_unlock(&lock), "mutex_unlock");
	if (write(pipe_fds[1], "x", 1) != 1)
		check(errno, "write");
	check(thr_join(sleeper_id, NULL, NULL), "thr_join");
	check(thr_join(reader_id, NULL, NULL), "thr_join");
	check_list(list, 7000L);
	join_in(0);

	printf("%ld cells allocated, %d collections, at most %d of %d kept\n",
	    allocated, collections, longest, CELLS);
	if (collections < (int)(allocated / CELLS) || longest >= CELLS ||
	    freed < allocated - 2 * CELLS) {
		fprintf(stderr, "collector: %ld cells freed\n", freed);
		exit(1);
	}
	for (i = 0; i < MAXTHREADS; i++)
		if (members[i] != 0)
			check(EBUSY, "a thread is left");
	printf("collector: ok\n");
	exit(0);
}
