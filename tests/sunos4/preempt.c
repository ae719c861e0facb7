/* SPDX-License-Identifier: MIT */
/* Who takes the processor from whom, and when nobody does. */

#include "check.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static volatile int stop;
static volatile unsigned long count;

static void spin(void *arg)
{
	volatile unsigned long *mine = arg;

	while (!stop)
		++*mine;
}

/* A sleeper of higher priority comes back although nobody calls anything. */
static void sleeper(void)
{
	thread_t t;
	unsigned long before;
	int i;

	start_pod(9);
	t = make(spin, 3, 0, (void *)&count);
	for (i = 0; i < 50; i++) {
		before = count;
		while (count == before)
			sleep_us(500);
	}
	stop = 1;
	must_join(t);
}

static void sleeps_briefly(void *arg)
{
	(void)arg;
	sleep_us(2000);
	stop = 1;
}

/* Of one priority nobody is preempted, not by a timer either. */
static void no_slice(void)
{
	long long end;

	start_pod(9);
	make(sleeps_briefly, 9, 0, NULL);
	REQUIRE(lwp_yield(SELF) == 0);		/* it sleeps */
	end = now_us() + 50000;
	while (now_us() < end)
		REQUIRE(!stop);
	REQUIRE(lwp_yield(SELF) == 0);
	REQUIRE(stop);
}

/* Of lower priority neither, though main calls the library all the time. */
static void lower_waits(void)
{
	long long end;
	thread_t t;

	start_pod(9);
	t = make(sleeps_briefly, 3, 0, NULL);
	sleep_us(100);
	while (blocked_on(t) != NO_TYPE)
		sleep_us(100);
	end = now_us() + 30000;
	while (now_us() < end) {
		REQUIRE(lwp_yield(SELF) == 0);
		REQUIRE(!stop);
	}
	must_join(t);
	REQUIRE(stop);
}

static const char *volatile running;

static void spin_named(void *arg)
{
	while (!stop)
		running = arg;
}

/* The preempted one keeps the front of its queue. */
static void front_of_queue(void)
{
	thread_t a, b;
	int i;

	start_pod(9);
	a = make(spin_named, 3, 0, "a");
	b = make(spin_named, 3, 0, "b");
	for (i = 0; i < 100; i++) {
		sleep_us(200);
		REQUIRE(running == NULL || strcmp(running, "a") == 0);
	}
	while (running == NULL)
		sleep_us(200);
	REQUIRE(lwp_resched(3) == 0);
	running = NULL;
	while (running == NULL)
		sleep_us(200);
	REQUIRE(strcmp(running, "b") == 0);
	stop = 1;
	join_or_late(b);
	join_or_late(a);
}

/* ---- preempted anywhere ---- */

static void allocates(void *arg)
{
	unsigned seed = (unsigned)(intptr_t)arg;
	char *block[16] = {NULL}, text[64];
	int i;

	while (!stop) {
		i = (int)(seed = seed * 1103515245u + 12345u) >> 8 & 15;
		free(block[i]);
		block[i] = malloc(16 + seed % 3000);
		REQUIRE(block[i] != NULL);
		snprintf(text, sizeof(text), "%u %f", seed, (double)seed);
		memset(block[i], text[0], 16);
		count++;
	}
	for (i = 0; i < 16; i++)
		free(block[i]);
}

/* malloc, stdio and their locks, from all priorities. */
static void in_libc(void)
{
	thread_t t[3];
	long long end = now_us() + 700000;
	char text[64];
	void *block;
	int i;

	start_pod(9);
	for (i = 0; i < 3; i++)
		t[i] = make(allocates, 3, 0, (void *)(intptr_t)(i + 1));
	for (i = 0; now_us() < end || count < 1000; i++) {
		sleep_us(100);
		REQUIRE(lwp_resched(3) == 0);
		block = malloc(1000 + (size_t)i % 5000);
		snprintf(text, sizeof(text), "%d %g", i, i / 3.0);
		free(block);
	}
	stop = 1;
	for (i = 0; i < 3; i++)
		join_or_late(t[i]);
}

static volatile int computed;

static void computes(void *arg)
{
	double base = (double)(intptr_t)arg, sum, expected;
	int i, round;

	expected = 0;
	for (round = 0; round == 0 || !stop; round++) {
		sum = 0;
		for (i = 1; i < 2000; i++)
			sum += base / i * sqrt((double)i);
		if (round == 0)
			expected = sum;
		REQUIRE(sum == expected);
		computed++;
	}
}

/* Registers of a preempted thread are its own, the floating ones too. */
static void registers(void)
{
	thread_t t[4];
	volatile double own = 1;
	long long end = now_us() + 500000;
	int i;

	start_pod(9);
	for (i = 0; i < 4; i++)
		t[i] = make(computes, 3, 0, (void *)(intptr_t)(i + 1));
	while (now_us() < end || computed < 100) {
		sleep_us(100);
		own = own * 1.0000001;
		REQUIRE(lwp_resched(3) == 0);
	}
	stop = 1;
	for (i = 0; i < 4; i++)
		join_or_late(t[i]);
	REQUIRE(own > 1);
}

/* errno is the thread's own, whenever it is preempted. */
static void keeps_errno(void *arg)
{
	int mine = (int)(intptr_t)arg;

	while (!stop) {
		errno = mine;
		count++;
		REQUIRE(errno == mine);
	}
}

static void errno_of_thread(void)
{
	thread_t t[2];
	int i;

	start_pod(9);
	t[0] = make(keeps_errno, 3, 0, (void *)ENOENT);
	t[1] = make(keeps_errno, 3, 0, (void *)EDOM);
	for (i = 0; i < 300; i++) {
		errno = EBADF;
		sleep_us(100);
		REQUIRE(errno == EBADF);
		REQUIRE(lwp_resched(3) == 0);
	}
	stop = 1;
	join_or_late(t[0]);
	join_or_late(t[1]);
}

/* ---- blocked in the kernel ---- */

static int ends[2];

static void reads(void *arg)
{
	char byte;

	(void)arg;
	REQUIRE(read(ends[0], &byte, 1) == 1 && byte == 'x');
	note("read");
}

static void never_runs(void *arg)
{
	(void)arg;
	note("lower");
}

/* The pod stops, but for those of higher priority that a timer wakes. */
static void blocked_pod(void)
{
	thread_t t;

	start_pod(9);
	REQUIRE(pipe(ends) == 0);
	t = make(reads, 5, 0, NULL);
	make(never_runs, 4, 0, NULL);
	sleep_us(20000);
	NOTED("");
	REQUIRE(write(ends[1], "x", 1) == 1);
	must_join(t);
	NOTED("read");
}

/* Suspended or destroyed while it was preempted in its own code. */
static void suspend_spinning(void)
{
	thread_t t;
	unsigned long before;

	start_pod(9);
	t = make(spin, 3, 0, (void *)&count);
	while (count == 0)
		sleep_us(200);
	REQUIRE(lwp_suspend(t) == 0);
	before = count;
	sleep_us(5000);
	REQUIRE(count == before);
	REQUIRE(lwp_resume(t) == 0);
	while (count == before)
		sleep_us(200);
	REQUIRE(lwp_destroy(t) == 0);
	FAILS(LE_NONEXIST, lwp_ping(t));
	before = count;
	sleep_us(5000);
	REQUIRE(count == before);
}

/* Sleepers of many priorities over each other and a spinning thread. */
static void naps(void *arg)
{
	int i;

	for (i = 0; i < 100; i++)
		sleep_us(50 + 37 * (long)(intptr_t)arg);
	note("%d", (int)(intptr_t)arg);
}

static void many_sleepers(void)
{
	thread_t t[6], spinner;
	int i;

	start_pod(9);
	spinner = make(spin, 1, 0, (void *)&count);
	for (i = 0; i < 6; i++)
		t[i] = make(naps, 2 + i, 0, (void *)(intptr_t)(i * 10));
	for (i = 0; i < 6; i++)
		join_or_late(t[i]);
	stop = 1;
	must_join(spinner);
}

static const struct test_case cases[] = {
	{"sleeper", sleeper},
	{"no_slice", no_slice},
	{"lower_waits", lower_waits},
	{"front_of_queue", front_of_queue},
	{"in_libc", in_libc},
	{"registers", registers},
	{"errno_of_thread", errno_of_thread},
	{"blocked_pod", blocked_pod},
	{"suspend_spinning", suspend_spinning},
	{"many_sleepers", many_sleepers},
};

int main(int argc, char **argv)
{
	return run_case(argc, argv, cases, COUNT(cases));
}
