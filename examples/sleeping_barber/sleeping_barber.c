/* SPDX-License-Identifier: MIT */
/*
 * sleeping_barber - Dijkstra's barber shop, with semaphores.
 *
 * Homework: customers come, sit down if a chair is free, and leave at once if
 * not.  The barber sleeps while there is nobody.
 *
 * Thread functions have no types here, as few had at the time; nobody looks
 * at what they return.
 */
#include <stdio.h>
#include <thread.h>
#include <synch.h>

#define CHAIRS		3
#define CUSTOMERS	40

sema_t	customers, barber, mutex, cut;
int	waiting, haircuts, turned_away, in_chair;

barber_thread(arg)
char *arg;
{
	for (;;) {
		sema_wait(&customers);		/* sleeps */
		sema_wait(&mutex);
		waiting--;
		sema_post(&barber);
		sema_post(&mutex);
		sema_wait(&cut);		/* the customer sits */
		haircuts++;
	}
}

customer_thread(arg)
char *arg;
{
	sema_wait(&mutex);
	if (waiting == CHAIRS) {
		turned_away++;
		sema_post(&mutex);
		thr_exit(0);
	}
	waiting++;
	sema_post(&customers);
	sema_post(&mutex);
	sema_wait(&barber);
	if (++in_chair != 1) {
		printf("sleeping_barber: two in the barber's chair\n");
		exit(1);
	}
	thr_yield();
	in_chair--;
	sema_post(&cut);
}

main()
{
	int i, n = 0;

	sema_init(&customers, 0, NULL, NULL);
	sema_init(&barber, 0, NULL, NULL);
	sema_init(&mutex, 1, NULL, NULL);
	sema_init(&cut, 0, NULL, NULL);

	thr_create(NULL, NULL, barber_thread, NULL, THR_DAEMON, NULL);
	for (i = 0; i < CUSTOMERS; i++) {
		if (thr_create(NULL, NULL, customer_thread, (char *)i, NULL,
		    NULL) != 0) {
			perror("thr_create");
			exit(1);
		}
		if (i % 5 == 0)
			thr_yield();
	}

	/* The barber is a daemon: the others only are waited for. */
	while (thr_join(NULL, NULL, NULL) == 0)
		n++;
	/* The last cut may not be noted yet. */
	while (haircuts + turned_away < CUSTOMERS)
		thr_yield();
	printf("%d customers, %d haircuts, %d turned away\n", n, haircuts,
	    turned_away);
	if (n != CUSTOMERS || haircuts < CHAIRS || waiting != 0)
		exit(1);
	printf("sleeping_barber: ok\n");
	exit(0);
}
