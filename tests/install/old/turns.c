/* SPDX-License-Identifier: MIT */
/*
 * Two threads take turns: ping, pong, ping, pong ...
 */
#include <stdio.h>
#include <thread.h>
#include <synch.h>

#define ROUNDS 5

sema_t ping, pong;

void *
ponger(arg)
	void *arg;
{
	int i;

	for (i = 0; i < ROUNDS; i++) {
		sema_wait(&ping);
		printf("pong\n");
		sema_post(&pong);
	}
	thr_exit(arg);
}

main(argc, argv)
	int argc;
	char **argv;
{
	thread_t tid;
	void *status;
	int i;

	if (sema_init(&ping, 0, USYNC_THREAD, 0) ||
	    sema_init(&pong, 0, USYNC_THREAD, 0))
		exit(1);
	if (thr_create(0, 0, ponger, (void *)argv, THR_NEW_LWP, &tid))
		exit(2);
	for (i = 0; i < ROUNDS; i++) {
		printf("ping\n");
		sema_post(&ping);
		sema_wait(&pong);
	}
	if (thr_join(tid, 0, &status) || status != (void *)argv)
		exit(3);
	exit(0);
}
