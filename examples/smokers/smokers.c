/* SPDX-License-Identifier: MIT */
/*
 * smokers - the cigarette smokers, with one mutex and condition variables.
 *
 * From a course: an agent puts two of tobacco, paper and matches on the table;
 * the smoker who has the third one takes both, smokes, and calls the agent.
 * main() is the agent.  A smoker who has smoked enough goes home.
 */
#include <stdio.h>
#include <stdlib.h>
#include <thread.h>
#include <synch.h>

#define ROUNDS 25

mutex_t m;			/* static objects need no initialisation */
cond_t table_full[3], table_empty;
int on_table = -1;		/* what is NOT on the table, -1: it is empty */
int smoked[3];
char *name[3] = { "tobacco", "paper", "matches" };

void
smoker(mine)
	int *mine;
{
	while (smoked[*mine] < ROUNDS) {
		mutex_lock(&m);
		while (on_table != *mine)
			cond_wait(&table_full[*mine], &m);
		on_table = -1;
		smoked[*mine]++;
		cond_signal(&table_empty);
		mutex_unlock(&m);
		thr_yield();			/* smoke */
	}
	thr_exit(mine);
}

main(argc, argv)
	char **argv;
{
	int number[3], i, *who;
	thread_t id;

	for (i = 0; i < 3; i++) {
		number[i] = i;
		thr_create(0, 0, smoker, &number[i], 0, 0);
	}
	thr_create(0, 0, thr_exit, (void *)number, 0, &id); /* changes his mind */
	for (i = 0; i < 3 * ROUNDS; i++) {
		mutex_lock(&m);
		while (on_table != -1)
			cond_wait(&table_empty, &m);
		on_table = i % 3;
		cond_signal(&table_full[on_table]);
		mutex_unlock(&m);
	}
	if (thr_join(id, 0, (void **)&who) != 0 || who != number)
		exit(1);
	for (i = 0; i < 3; i++) {
		if (thr_join(0, &id, (void **)&who) != 0)
			exit(1);
		printf("thread %d, who has %s, smoked %d\n", id, name[*who],
		    smoked[*who]);
		if (id - 2 != *who || smoked[*who] != ROUNDS)
			exit(1);
	}
	if (thr_join(0, 0, 0) == 0)
		exit(1);
	printf("smokers: ok\n");
	exit(0);
}
