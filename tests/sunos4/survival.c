/* SPDX-License-Identifier: MIT */
/*
 * What keeps a pod alive and what does not: servers; the child of a fork.  The
 * cases end in ways of their own, so they print what the test expects.
 */

#include "check.h"

#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
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

/* ---- servers ---- */

static void works_then_waits(void *arg)
{
	thread_t sender;
	int i;

	(void)arg;
	for (i = 0; i < 100; i++)
		REQUIRE(lwp_yield(SELF) == 0);
	sleep_us(2000);		/* that is not waiting for somebody */
	say("worked\n");
	(void)MSG_RECVALL(&sender, NULL, NULL, NULL, NULL, INFINITY);
	say("never\n");
}

/* A server keeps the pod alive as long as it has something to do. */
static void busy_server(void)
{
	start_pod(9);
	make(works_then_waits, 3, LWPSERVER, NULL);
	exit(16);
}

static mon_t taken, empty;
static cv_t unnotified;
static thread_t receiver;

static void receives(void *arg)
{
	thread_t sender;

	(void)arg;
	REQUIRE(mon_enter(taken) == 0);
	for (;;)	/* and never replies */
		(void)MSG_RECVALL(&sender, NULL, NULL, NULL, NULL, INFINITY);
}

static void blocks(void *arg)
{
	switch ((int)(intptr_t)arg) {
	case 0:
		(void)mon_enter(taken);
		break;
	case 1:
		(void)mon_enter(empty);
		(void)cv_wait(unnotified);
		break;
	case 2:
		(void)lwp_join(receiver);
		break;
	default:
		(void)msg_send(receiver, NULL, 0, NULL, 0);
	}
	say("never\n");
}

/* Whatever object they are blocked on, none of them keeps it. */
static void blocked_servers(void)
{
	int i;

	start_pod(9);
	REQUIRE(mon_create(&taken) == 0 && mon_create(&empty) == 0);
	REQUIRE(cv_create(&unnotified, empty) == 0);
	receiver = make(receives, 4, LWPSERVER, NULL);
	for (i = 0; i < 4; i++)
		make(blocks, 4, LWPSERVER, (void *)(intptr_t)i);
	exit(17);
}

/* ---- fork ---- */

static void in_child(void *arg)
{
	(void)arg;
	say("child's thread\n");
}

/* The child has the caller alone; its pod works, and so does the parent's. */
static void forks(void)
{
	thread_t other, vec[16];
	pid_t child;
	int status;

	start_pod(9);
	other = make(says, 3, LWPSUSPEND, "parent's thread\n");
	child = fork();
	REQUIRE(child >= 0);
	if (child == 0) {
		FAILS(LE_NONEXIST, lwp_ping(other));
		REQUIRE(lwp_enumerate(vec, 16) >= 1);
		make(in_child, 3, 0, NULL);
		sleep_us(2000);
		exit(23);
	}
	REQUIRE(waitpid(child, &status, 0) == child);
	REQUIRE(WIFEXITED(status) && WEXITSTATUS(status) == 23);
	REQUIRE(lwp_resume(other) == 0);
	must_join(other);
	exit(0);
}

static void forks_and_exits(void *arg)
{
	pid_t child = fork();
	int status;

	(void)arg;
	REQUIRE(child >= 0);
	if (child == 0) {
		sleep_us(1000);
		exit(24);	/* it is the whole pod of the child */
	}
	REQUIRE(waitpid(child, &status, 0) == child);
	REQUIRE(WIFEXITED(status) && WEXITSTATUS(status) == 24);
	say("parent\n");
}

static void fork_in_thread(void)
{
	start_pod(9);
	make(forks_and_exits, 3, 0, NULL);
	exit(0);
}

static const struct test_case cases[] = {
	{"busy_server", busy_server},
	{"blocked_servers", blocked_servers},
	{"forks", forks},
	{"fork_in_thread", fork_in_thread},
};

int main(int argc, char **argv)
{
	return run_case(argc, argv, cases, COUNT(cases));
}
