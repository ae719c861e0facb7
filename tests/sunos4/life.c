/* SPDX-License-Identifier: MIT */
/*
 * The life of a pod.  The cases end in ways of their own, so they print what
 * the test expects besides the status.
 */

#include "check.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* What is written here is not lost, whatever ends the process. */
static void say(const char *text)
{
	size_t length = strlen(text);

	REQUIRE(write(STDOUT_FILENO, text, length) == (ssize_t)length);
}

static void says(void *arg)
{
	say(arg);
}

static void exit_in_main(void)
{
	start_pod(9);
	make(says, 3, 0, "thread\n");
	exit(5);
}

static void exits(void *arg)
{
	say("exits\n");
	exit((int)(intptr_t)arg);
}

static void exit_in_thread(void)
{
	thread_t t;

	start_pod(9);
	t = make(exits, 3, 0, (void *)6);
	must_join(t);
	REQUIRE(pod_getexit(0) == 6);
	say("main goes on\n");
	lwp_destroy(SELF);
}

/* The status of the last exit() counts. */
static void last_exit(void)
{
	start_pod(9);
	make(exits, 4, 0, (void *)3);
	make(exits, 3, 0, (void *)8);
	exit(1);
}

static void setexit(void)
{
	start_pod(9);
	REQUIRE(pod_getexit(0) == 0);
	pod_setexit(12);
	REQUIRE(pod_getexit(0) == 12);
	make(says, 3, 0, "thread\n");
	lwp_destroy(SELF);
}

static void pod_exit_at_once(void)
{
	start_pod(9);
	make(says, 3, 0, "never\n");
	pod_exit(4);
}

static void calls_pod_exit(void *arg)
{
	(void)arg;
	pod_exit(11);
}

static void pod_exit_in_thread(void)
{
	start_pod(9);
	make(calls_pod_exit, 3, 0, NULL);
	sleep_us(60000000);
	say("never\n");
}

static void system_exit(void)
{
	start_pod(9);
	make(says, 3, 0, "never\n");
	_exit(13);
}

/* ---- handlers ---- */

static int ended;

static void first_handler(void)
{
	say(ended ? "first\n" : "too early\n");
}

static void second_handler(int status, void *arg)
{
	char text[64];

	snprintf(text, sizeof(text), "%s %d\n", (const char *)arg, status);
	say(text);
}

static void ends_late(void *arg)
{
	(void)arg;
	say("thread\n");
	ended = 1;
}

static void handlers(void)
{
	atexit(first_handler);
	start_pod(9);
	on_exit(second_handler, "second");
	make(ends_late, 3, 0, NULL);
	printf("buffered\n");		/* written when the pod ends */
	exit(5);
}

static void handlers_of_pod_exit(void)
{
	start_pod(9);
	on_exit(second_handler, "handler");
	printf("buffered\n");
	pod_exit(9);
}

/* ---- before a pod, and beside one ---- */

static void no_pod(void)
{
	on_exit(second_handler, "handler");
	printf("buffered\n");
	exit(3);
}

static void *for_ever(void *arg)
{
	for (;;)
		pause();
	return arg;
}

static void foreign_pthread(void)
{
	pthread_t foreign;

	REQUIRE(pthread_create(&foreign, NULL, for_ever, NULL) == 0);
	start_pod(9);
	make(says, 3, 0, "thread\n");
	exit(2);
}

/* exit() of a thread that is not of the pod ends the process. */
static void *exits_process(void *arg)
{
	exit((int)(intptr_t)arg);
}

static void foreign_exit(void)
{
	pthread_t foreign;

	start_pod(9);
	make(says, 3, 0, "never\n");
	REQUIRE(pthread_create(&foreign, NULL, exits_process, (void *)21) == 0);
	for (;;)
		pause();
}

/* ---- main's end ---- */

static void destroys_main(void *arg)
{
	REQUIRE(lwp_destroy(*(thread_t *)arg) == 0);
	say("thread goes on\n");
	sleep_us(1000);
	say("and on\n");
}

static void main_destroyed(void)
{
	static thread_t thread_of_main;

	start_pod(9);
	thread_of_main = self();
	make(destroys_main, 3, 0, &thread_of_main);
	sleep_us(60000000);
	say("never\n");
}

static thread_t thread_of_main;

static void joins_main(void *arg)
{
	(void)arg;
	REQUIRE(lwp_join(thread_of_main) == 0);
	say("joined\n");
	FAILS(LE_NONEXIST, lwp_ping(thread_of_main));
}

static void main_joined(void)
{
	start_pod(9);
	thread_of_main = self();
	make(joins_main, 9, 0, NULL);
	REQUIRE(lwp_yield(SELF) == 0);
	exit(0);
}

/* Many threads, each made by the one before; the last one ends the pod. */
static int generation;

static void begets(void *arg)
{
	(void)arg;
	if (++generation < 2000)
		make(begets, 9, 0, NULL);
	else
		say("last\n");
}

static void generations(void)
{
	start_pod(9);
	make(begets, 9, 0, NULL);
	exit(0);
}

static const struct test_case cases[] = {
	{"exit_in_main", exit_in_main},
	{"exit_in_thread", exit_in_thread},
	{"last_exit", last_exit},
	{"setexit", setexit},
	{"pod_exit_at_once", pod_exit_at_once},
	{"pod_exit_in_thread", pod_exit_in_thread},
	{"system_exit", system_exit},
	{"handlers", handlers},
	{"handlers_of_pod_exit", handlers_of_pod_exit},
	{"no_pod", no_pod},
	{"foreign_pthread", foreign_pthread},
	{"foreign_exit", foreign_exit},
	{"main_destroyed", main_destroyed},
	{"main_joined", main_joined},
	{"generations", generations},
};

static void fall_off(void *arg)
{
	(void)arg;
	sleep_us(1000);
	say("thread\n");
}

/* "fall_off": main returns while a thread is left. */
int main(int argc, char **argv)
{
	if (argc > 1 && strcmp(argv[1], "fall_off") == 0) {
		start_pod(9);
		make(fall_off, 3, 0, NULL);
		return 14;
	}
	if (argc > 1 && strcmp(argv[1], "fall_off_alone") == 0)
		return 15;
	return run_case(argc, argv, cases, COUNT(cases));
}
