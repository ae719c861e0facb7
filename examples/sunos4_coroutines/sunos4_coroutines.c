/* SPDX-License-Identifier: MIT */
/*
 * sunos4_coroutines - the same fringe?
 *
 * Do two binary trees have the same leaves in the same order, whatever their
 * shapes?  A walker for each tree hands its leaves over one by one, as a
 * coroutine: it calls itself down the tree, and gives the processor away in
 * the middle of it.  The comparison stops at the first difference; nobody
 * has to walk further than that.
 *
 * All threads have one priority, and none is preempted, so lwp_yield(tid) is
 * the transfer of control of a coroutine, and nothing needs a lock.
 *
 * Shows: pod_setmaxpri, lwp_setstkcache, lwp_newstk, lwp_create with
 * LWPSUSPEND and arguments, lwp_self, lwp_yield, lwp_resume, lwp_destroy,
 * lwp_ping, SAMETHREAD.
 */
#include <stdio.h>
#include <lwp/lwp.h>
#include <lwp/stackdep.h>

#define MAXPRIO	3
#define STACK	10000

struct node {
	int	leaf;			/* value, if there are no branches */
	struct node *left, *right;
};

struct walker {
	thread_t tid;
	int	leaf;			/* the last one handed over */
	int	done;			/* there are no more */
	int	handed;			/* so many */
};

struct node pool[200];
int	used;
thread_t comparer;

void
fatal(what)
	char	*what;
{
	lwp_perror(what);
	pod_exit(1);
}

/*
 * A tree with the leaves from..to; `slant` says how it leans.
 */
struct node *
tree(from, to, slant)
	int	from, to, slant;
{
	struct node *n = &pool[used++];
	int	middle;

	if (from == to) {
		n->leaf = from;
		return (n);
	}
	middle = from + (to - from) * slant / 10;
	if (middle >= to)
		middle = to - 1;
	n->left = tree(from, middle, slant);
	n->right = tree(middle + 1, to, slant);
	return (n);
}

/*
 * Hands over one leaf: the comparer runs next.
 */
void
hand_over(w, leaf)
	struct walker *w;
	int	leaf;
{
	w->leaf = leaf;
	w->handed++;
	if (lwp_yield(comparer) < 0)
		fatal("lwp_yield");
}

void
walk(w, n)
	struct walker *w;
	struct node *n;
{
	if (n->left == 0) {
		hand_over(w, n->leaf);
		return;
	}
	walk(w, n->left);
	walk(w, n->right);
}

/*
 * A walker's life.  It ends when it returns.
 */
void
walker(w, n)
	struct walker *w;
	struct node *n;
{
	walk(w, n);
	w->done = 1;
}

void
start(w, n)
	struct walker *w;
	struct node *n;
{
	w->done = w->handed = 0;
	if (lwp_create(&w->tid, walker, MAXPRIO, LWPSUSPEND, lwp_newstk(), 2,
	    w, n) < 0 || lwp_resume(w->tid) < 0)
		fatal("lwp_create");
}

/*
 * The next leaf of a walker, or 0.
 */
int
next(w)
	struct walker *w;
{
	if (lwp_yield(w->tid) < 0)
		fatal("lwp_yield");
	return (w->done ? 0 : w->leaf);
}

/*
 * Is the fringe the same?  Says how many leaves were looked at.
 */
int
same(a, b, looked)
	struct node *a, *b;
	int	*looked;
{
	struct walker wa, wb;
	int	la, lb;

	start(&wa, a);
	start(&wb, b);
	do {
		la = next(&wa);
		lb = next(&wb);
	} while (la == lb && la != 0);
	*looked = wa.handed + wb.handed;
	/* Who is in the middle of its tree will not be asked again. */
	if (!wa.done)
		(void) lwp_destroy(wa.tid);
	if (!wb.done)
		(void) lwp_destroy(wb.tid);
	if (lwp_ping(wa.tid) == 0 || lwp_ping(wb.tid) == 0) {
		fprintf(stderr, "sunos4_coroutines: a walker is left\n");
		pod_exit(1);
	}
	return (la == lb);
}

main()
{
	struct node *leaning, *level, *other;
	int	looked, i, failed = 0;

	if (pod_setmaxpri(MAXPRIO) < 0)
		fatal("pod_setmaxpri");
	(void) lwp_setstkcache(STACK, 4);
	(void) lwp_self(&comparer);

	leaning = tree(1, 30, 9);
	level = tree(1, 30, 5);
	other = tree(1, 30, 2);
	for (i = 0; i < used; i++)		/* leaf 7 of the last one */
		if (&pool[i] > other && pool[i].leaf == 7)
			pool[i].leaf = 70;

	if (!same(leaning, level, &looked)) {
		fprintf(stderr, "sunos4_coroutines: equal ones differ\n");
		failed = 1;
	}
	printf("same fringe after %d leaves\n", looked);
	if (looked != 60)
		failed = 1;
	if (same(level, other, &looked)) {
		fprintf(stderr, "sunos4_coroutines: different ones agree\n");
		failed = 1;
	}
	printf("difference found after %d leaves\n", looked);
	if (looked != 14)
		failed = 1;
	if (!failed)
		printf("sunos4_coroutines: ok\n");
	pod_exit(failed);
}
