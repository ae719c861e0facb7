/* SPDX-License-Identifier: MIT */
/*
 * postman [-d] - carriers take letters from box to box.
 *
 * With -d two of them wait for each other's box for ever.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <sys/ioctl.h>
#include <sys/filio.h>
#include "box.h"

#define CARRIERS 8
#define LETTERS 100
#define WALKS	1000

int	notes[2];			/* a pipe */
int	in_hand;			/* both carriers have a box */
mutex_t	m;
cond_t	cv;

void *
carrier(arg)
	void	*arg;
{
	int	n = (int)(long)arg, i;

	for (i = 0; i < WALKS; i++)
		move_letter(&box[(n + i) % BOXES],
		    &box[(n + i + 1 + n % 3) % BOXES]);
	write(notes[1], "x", 1);
	return (NULL);
}

/* Takes one box, and then, as the other one does, the other's. */
void *
stubborn(arg)
	void	*arg;
{
	struct box *mine = (struct box *)arg;

	mutex_lock(&mine->lock);
	mutex_lock(&m);
	in_hand++;
	cond_broadcast(&cv);
	while (in_hand < 2)
		cond_wait(&cv, &m);
	mutex_unlock(&m);
	mutex_lock(mine == box ? &box[1].lock : &box[0].lock);
	return (NULL);
}

int
main(argc, argv)
	int	argc;
	char	**argv;
{
	int	i, sum = 0, done = 0;

	if (argc > 1 && strcmp(argv[1], "-d") == 0) {
		thr_create(NULL, NULL, stubborn, &box[0], NULL, NULL);
		thr_create(NULL, NULL, stubborn, &box[1], NULL, NULL);
		mutex_lock(&m);
		while (in_hand < 2)
			cond_wait(&cv, &m);
		mutex_unlock(&m);
		printf("each has a box\n");
		fflush(stdout);
		thr_exit(NULL);
	}
	thr_setconcurrency(2);
	pipe(notes);
	box[0].letters = LETTERS;
	for (i = 0; i < CARRIERS; i++)
		thr_create(NULL, NULL, carrier, (void *)i, NULL, NULL);
	while (thr_join(NULL, NULL, NULL) == 0)
		;
	ioctl(notes[0], FIONREAD, &done);
	for (i = 0; i < BOXES; i++)
		sum += box[i].letters;
	printf("%d carriers, %d letters\n", done, sum);
	exit(done == CARRIERS && sum == LETTERS ? 0 : 1);
}
