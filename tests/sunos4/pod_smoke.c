/* SPDX-License-Identifier: MIT */
/*
 * Threads that end, or are ended, wherever they are: each has left its stack
 * when the call that ended it comes back, and nothing of it is left.
 */

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "check.h"

static volatile unsigned long spins;
static volatile int stop;
static mon_t monitor;
static cv_t condition;
static int ends[2];

static void spins_on(void *arg)
{
	(void)arg;
	while (!stop)
		spins++;
}

/* A low thread that never calls the library, a high one that sleeps. */
static void preempts(void)
{
	unsigned long before, moved = 0;
	long long end = now_us() + 20000000;
	thread_t spinner;
	int i;

	start_pod(9);
	spinner = make(spins_on, 1, 0, NULL);
	/* On a machine that is busy the low one must get a processor first. */
	for (i = 0; i < 1000 && now_us() < end; i++) {
		before = spins;
		sleep_us(200);
		moved += spins != before;
	}
	REQUIRE(moved > 0);
	stop = 1;
	must_join(spinner);
}

/* The same stack serves thread after thread: nothing of the last is on it. */
static void destroys_spinner(void)
{
	unsigned long before;
	int i;

	start_pod(9);
	for (i = 0; i < 300; i++) {
		thread_t t = make(spins_on, 3, 0, NULL);

		before = spins;
		do
			sleep_us(200);
		while (spins == before);
		REQUIRE(lwp_destroy(t) == 0);
		FAILS(LE_NONEXIST, lwp_ping(t));
		before = spins;
		sleep_us(100);
		REQUIRE(spins == before);
	}
}

static void sleeps_long(void *arg)
{
	struct timespec time = {1000, 0};

	(void)arg;
	spins++;
	nanosleep(&time, NULL);
	note("woke");
}

static void polls_long(void *arg)
{
	(void)arg;
	spins++;
	usleep(999999);
	note("woke");
}

static void reads(void *arg)
{
	char byte;

	(void)arg;
	spins++;
	if (read(ends[0], &byte, 1) == 1)
		note("read");
}

/* One that waits outside of the library, so that the pod stops with it. */
static void destroys_blocked(void)
{
	void (*const functions[])(void *) = {sleeps_long, polls_long, reads};
	unsigned long before;
	int i;

	start_pod(9);
	REQUIRE(pipe(ends) == 0);
	for (i = 0; i < 60; i++) {
		thread_t t = make(functions[i % 3], 3, 0, NULL);

		before = spins;
		do
			sleep_us(1000);
		while (spins == before);
		REQUIRE(lwp_destroy(t) == 0);
		FAILS(LE_NONEXIST, lwp_ping(t));
	}
	NOTED("");
}

static void enters(void *arg)
{
	(void)arg;
	mon_enter(monitor);
	note("entered");
}

static void waits(void *arg)
{
	(void)arg;
	mon_enter(monitor);
	cv_wait(condition);
	note("waited");
}

static void joins(void *arg)
{
	lwp_join(*(thread_t *)arg);
	note("joined");
}

static void sends(void *arg)
{
	msg_send(*(thread_t *)arg, NULL, 0, NULL, 0);
	note("sent");
}

static void receives(void *arg)
{
	thread_t sender;

	(void)arg;
	MSG_RECVALL(&sender, NULL, NULL, NULL, NULL, INFINITY);
	note("received");
}

static void suspends(void *arg)
{
	(void)arg;
	lwp_suspend(SELF);
	note("resumed");
}

static void yields(void *arg)
{
	(void)arg;
	for (;;)
		lwp_yield(SELF);
}

/* In every kind of wait of the library, and before it begins. */
static void destroys_waiting(void)
{
	static void (*const functions[])(void *) = {
	    enters, waits, joins, sends, receives, suspends, yields};
	thread_t main_thread;
	size_t i, round;

	start_pod(9);
	main_thread = self();
	REQUIRE(mon_create(&monitor) == 0);
	REQUIRE(cv_create(&condition, monitor) == 0);
	for (round = 0; round < 100; round++) {
		for (i = 0; i < sizeof(functions) / sizeof(*functions); i++) {
			thread_t t = make(functions[i], 9, 0, &main_thread);

			/* Even: before it has begun. */
			if (i == 0)
				REQUIRE(mon_enter(monitor) == 0);
			if (round % 2)
				REQUIRE(lwp_yield(SELF) == 0);
			REQUIRE(lwp_destroy(t) == 0);
			FAILS(LE_NONEXIST, lwp_ping(t));
			if (i == 0)
				REQUIRE(mon_exit(monitor) == 0);
		}
	}
	NOTED("");
	REQUIRE(lwp_enumerate(NULL, 0) == 1);
	REQUIRE(mon_enter(monitor) == 0);
	REQUIRE(mon_destroy(monitor) == 0);
}

static void leaves(void *arg)
{
	(void)arg;
	note("leaves");
	pthread_exit(NULL);
}

/* What a program of that time could not do. */
static void unwound(void)
{
	int i;

	start_pod(9);
	for (i = 0; i < 5; i++)
		must_join(make(leaves, 3, 0, NULL));
	NOTED("leaves leaves leaves leaves leaves");
}

/* A handler of a signal in the library, or in a thread that waits, is outside. */
static volatile long refused;
static timer_t timer;

static void handler(int signal)
{
	int saved = errno;

	(void)signal;
	if (lwp_ping(SELF) == -1 && lwp_geterr() == LE_NONEXIST)
		refused++;
	errno = saved;
}

static void handlers(void)
{
	struct itimerspec period = {{0, 100000}, {0, 100000}};
	struct sigaction action;
	int i;

	start_pod(9);
	memset(&action, 0, sizeof(action));
	action.sa_handler = handler;
	action.sa_flags = SA_RESTART;
	REQUIRE(sigaction(SIGALRM, &action, NULL) == 0);
	REQUIRE(timer_create(CLOCK_MONOTONIC, NULL, &timer) == 0);
	make(yields, 9, 0, NULL);
	REQUIRE(timer_settime(timer, 0, &period, NULL) == 0);
	for (i = 0; i < 300000 || refused == 0; i++) {
		REQUIRE(lwp_yield(SELF) == 0);
		if (i % 1000 == 0)
			sleep_us(50);
	}
	REQUIRE(timer_delete(timer) == 0);
}

/* Everything at once, at random. */
static unsigned long seed;

static unsigned random_below(unsigned most)
{
	seed = seed * 6364136223846793005UL + 1442695040888963407UL;
	return (unsigned)(seed >> 33) % most;
}

static void wanders(void *arg)
{
	volatile unsigned long i;
	int round;

	(void)arg;
	for (round = 0; round < 30; round++) {
		switch (random_below(6)) {
		case 0:
			sleep_us(random_below(300));
			break;
		case 1:
			lwp_yield(SELF);
			break;
		case 2:
			for (i = random_below(200000); i > 0; i--)
				;
			break;
		case 3:
			if (mon_enter(monitor) == 0 && random_below(3) != 0)
				mon_exit(monitor);
			break;
		case 4:
			lwp_setpri(SELF, 1 + (int)random_below(8));
			break;
		default:
			free(malloc(random_below(5000)));
		}
	}
}

static void chaos(void)
{
	thread_t threads[16];
	long long end = now_us() + 3000000;
	const char *given = getenv("POD_SEED");
	unsigned i, used = 0;

	seed = given != NULL ? strtoul(given, NULL, 10) : (unsigned long)end;
	fprintf(stderr, "POD_SEED=%lu\n", seed);
	start_pod(9);
	REQUIRE(mon_create(&monitor) == 0);
	while (now_us() < end || used > 0) {
		if (used < 16 && now_us() < end)
			threads[used++] =
			    make(wanders, 1 + (int)random_below(8), 0, NULL);
		sleep_us(random_below(400));
		if (random_below(4) == 0 || now_us() >= end) {
			i = random_below(used);
			if (lwp_destroy(threads[i]) == -1)
				REQUIRE(lwp_geterr() == LE_NONEXIST);
			threads[i] = threads[--used];
		} else if (random_below(4) == 0) {
			lwp_suspend(threads[random_below(used)]);
		} else if (random_below(2) == 0) {
			lwp_resume(threads[random_below(used)]);
		}
		lwp_resched(1 + (int)random_below(8));
	}
	REQUIRE(lwp_enumerate(NULL, 0) == 1);
}

static const struct test_case cases[] = {
    {"preempts", preempts},
    {"destroys_spinner", destroys_spinner},
    {"destroys_blocked", destroys_blocked},
    {"destroys_waiting", destroys_waiting},
    {"unwound", unwound},
    {"handlers", handlers},
    {"chaos", chaos},
};

int main(int argc, char **argv)
{
	return run_case(argc, argv, cases, sizeof(cases) / sizeof(*cases));
}
