/* SPDX-License-Identifier: MIT */
/*
 * The program that every introduction of the time had.
 */
#include <lwp/lwp.h>
#include <stdio.h>
#include <stdlib.h>
#define MAXPRIO 10

void task(int n)		/* prints its number twice */
{
	printf("task %d starts\n", n);
	lwp_yield(SELF);	/* the other one's turn */
	printf("task %d ends\n", n);
}				/* the thread ends, not the process */

int main(void)
{
	pod_setmaxpri(MAXPRIO);		/* main has the highest priority */
	lwp_setstkcache(1000, 2);	/* small stacks are large enough */
	lwp_create(NULL, task, MINPRIO, 0, lwp_newstk(), 1, 1);
	lwp_create(NULL, task, MINPRIO, 0, lwp_newstk(), 1, 2);
	printf("main ends\n");		/* before a task has run */
	exit(0);			/* ends main; the tasks go on */
}
