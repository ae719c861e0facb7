/* SPDX-License-Identifier: MIT */
/* At the edges: many objects, many events, callers from outside of the pod. */

#include "check.h"

#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

static void nothing(void *arg)
{
	(void)arg;
}

/* ---- who is not of the pod ---- */

static mon_t monitor;

static void *calls_from_outside(void *arg)
{
	thread_t *main_thread = arg;
	thread_t thread = {NULL, 17};
	struct timeval now = {0, 0};

	FAILS(LE_NONEXIST, lwp_self(&thread));
	REQUIRE(thread.thread_key == 17);
	FAILS(LE_NONEXIST, lwp_yield(SELF));
	FAILS(LE_NONEXIST, lwp_sleep(&now));
	FAILS(LE_NONEXIST, lwp_ping(*main_thread));
	FAILS(LE_NONEXIST, lwp_destroy(*main_thread));
	FAILS(LE_NONEXIST, mon_enter(monitor));
	FAILS(LE_NONEXIST, lwp_create(NULL, nothing, 1, 0, NULL, 0));
	REQUIRE(lwp_newstk() == NULL);
	return arg;
}

/* The pod is one thread's business at a time; a pthread has no turn. */
static void foreign_thread(void)
{
	pthread_t foreign;
	thread_t main_thread;
	void *result;

	start_pod(9);
	REQUIRE(mon_create(&monitor) == 0);
	main_thread = self();
	REQUIRE(pthread_create(&foreign, NULL, calls_from_outside,
	    &main_thread) == 0);
	REQUIRE(pthread_join(foreign, &result) == 0);
	REQUIRE(result == &main_thread);
	must_join(make(nothing, 3, 0, NULL));
}

/* ---- many ---- */

static long ran;

static void counts(void *arg)
{
	(void)arg;
	REQUIRE(lwp_yield(SELF) == 0);
	ran++;
}

static void many_threads(void)
{
	enum { kMany = 500 };
	static thread_t thread[kMany];
	int i;

	start_pod(9);
	for (i = 0; i < kMany; i++)
		thread[i] = make(counts, 2 + i % 7, LWPSUSPEND, NULL);
	REQUIRE(lwp_enumerate(NULL, 0) >= kMany + 1);
	for (i = 0; i < kMany; i++)
		REQUIRE(lwp_resume(thread[i]) == 0);
	settle();
	REQUIRE(ran == kMany);
	for (i = 0; i < kMany; i++)
		FAILS(LE_NONEXIST, lwp_ping(thread[i]));
}

static void many_objects(void)
{
	enum { kMany = 10000 };
	static mon_t mon[kMany];
	static cv_t cv[kMany];
	int i;

	start_pod(9);
	for (i = 0; i < kMany; i++) {
		REQUIRE(mon_create(&mon[i]) == 0);
		REQUIRE(cv_create(&cv[i], mon[i]) == 0);
	}
	REQUIRE(mon_enumerate(NULL, 0) == kMany);
	REQUIRE(cv_enumerate(NULL, 0) == kMany);
	for (i = 0; i < kMany; i++)
		REQUIRE(mon_enter(mon[i]) == 0);
	/* In any order, not only backwards. */
	for (i = 0; i < kMany; i += 2)
		REQUIRE(mon_exit(mon[i]) == 0);
	for (i = 1; i < kMany; i += 2)
		REQUIRE(mon_exit(mon[i]) == 0);
	for (i = 0; i < kMany; i++)
		REQUIRE(mon_destroy(mon[i]) == 0);
	REQUIRE(mon_enumerate(NULL, 0) == 0 && cv_enumerate(NULL, 0) == 0);
}

/* A nest of monitors that are left in another order than entered. */
static void exit_order(void)
{
	mon_t a, b;

	start_pod(9);
	REQUIRE(mon_create(&a) == 0 && mon_create(&b) == 0);
	REQUIRE(mon_enter(a) == 0 && mon_enter(b) == 0 && mon_enter(a) == 1);
	REQUIRE(mon_cond_enter(b) == 1);
	REQUIRE(mon_exit(b) == 1 && mon_exit(a) == 1);
	REQUIRE(mon_exit(a) == 0);
	FAILS(LE_INVALIDARG, mon_exit(a));
	REQUIRE(mon_enter(b) == 1);
	REQUIRE(mon_exit(b) == 1 && mon_exit(b) == 0);
	REQUIRE(mon_destroy(a) == 0 && mon_destroy(b) == 0);
}

/* ---- time ---- */

enum { kSleepers = 5 };
static const int sleep_ms[kSleepers] = {180, 60, 240, 120, 300};
/* When each began to sleep: after this, and before the next one's. */
static long long began_us[kSleepers + 1];
static int woken[kSleepers], awake;

static void sleeps(void *arg)
{
	int me = (int)(intptr_t)arg;

	began_us[me] = now_us();
	sleep_us(sleep_ms[me] * 1000);
	woken[awake++] = me;
}

/* Sleepers wake when their time is over, not in the order of their sleep. */
static void sleep_order(void)
{
	int i, j, first, second;

	start_pod(9);
	for (i = 0; i < kSleepers; i++)
		make(sleeps, 5, 0, (void *)(intptr_t)i);
	settle();
	began_us[kSleepers] = now_us();
	while (awake < kSleepers)
		sleep_us(10000);
	/* However late they began: nobody woke before one that was due. */
	for (i = 0; i < kSleepers; i++)
		for (j = i + 1; j < kSleepers; j++) {
			first = woken[i];
			second = woken[j];
			REQUIRE(began_us[first] + sleep_ms[first] * 1000 <=
			    began_us[second + 1] + sleep_ms[second] * 1000);
		}
	REQUIRE(now_us() - began_us[4] >= 300000);
}

static void sleeps_for_ever(void *arg)
{
	(void)arg;
	(void)lwp_sleep(INFINITY);
	note("never");
}

static void sleeps_long(void *arg)
{
	struct timeval a_while = {1000000000, 0};

	(void)arg;
	(void)lwp_sleep(&a_while);	/* thirty years */
	note("never");
}

static void for_ever(void)
{
	thread_t a, b;

	start_pod(9);
	a = make(sleeps_for_ever, 5, 0, NULL);
	b = make(sleeps_long, 5, 0, NULL);
	settle();
	sleep_us(10000);
	REQUIRE(lwp_ping(a) == 0 && lwp_ping(b) == 0);
	REQUIRE(lwp_destroy(a) == 0 && lwp_destroy(b) == 0);
	NOTED("");
}

/* ---- events ---- */

/* AGENTMEMORY events wait for an answer; what comes beyond is lost. */
static void agent_memory(void)
{
	eventinfo_t info;
	thread_t agent, sender;
	int i, events = 0;

	start_pod(9);
	REQUIRE(agt_create(&agent, LASTRITES, (caddr_t)&info) == 0);
	for (i = 0; i < AGENTMEMORY + 50; i++)
		must_join(make(nothing, 3, 0, NULL));
	for (;;) {
		sender = agent;
		if (msg_recv(&sender, NULL, NULL, NULL, NULL, POLL) != 0)
			break;
		events++;
		REQUIRE(msg_reply(agent) == 0);
	}
	REQUIRE(lwp_geterr() == LE_TIMEOUT);
	REQUIRE(events == AGENTMEMORY);
	/* There is room again. */
	must_join(make(nothing, 3, 0, NULL));
	REQUIRE(MSG_RECVALL(&sender, NULL, NULL, NULL, NULL, POLL) == 0);
	REQUIRE(SAMETHREAD(sender, agent));
}

static eventinfo_t *await_event(thread_t agent)
{
	thread_t sender = agent;
	caddr_t arg;

	REQUIRE(msg_recv(&sender, &arg, NULL, NULL, NULL, INFINITY) == 0);
	return (eventinfo_t *)arg;
}

/* Input on a descriptor. */
static void io_agent(void)
{
	eventinfo_t info;
	thread_t agent;
	int ends[2];
	char byte;

	start_pod(9);
	REQUIRE(socketpair(AF_UNIX, SOCK_STREAM, 0, ends) == 0);
	REQUIRE(agt_create(&agent, SIGIO, (caddr_t)&info) == 0);
	REQUIRE(fcntl(ends[0], F_SETOWN, getpid()) == 0);
	REQUIRE(fcntl(ends[0], F_SETFL, O_ASYNC | O_NONBLOCK) == 0);
	REQUIRE(write(ends[1], "x", 1) == 1);
	REQUIRE(await_event(agent)->eventinfo_signum == SIGIO);
	REQUIRE(read(ends[0], &byte, 1) == 1 && byte == 'x');
	REQUIRE(msg_reply(agent) == 0);
}

/* An interval timer: as many replies, as many ticks. */
static void timer_agent(void)
{
	struct itimerval timer = {{0, 5000}, {0, 5000}};
	eventinfo_t info;
	thread_t agent;
	int i;

	start_pod(9);
	REQUIRE(agt_create(&agent, SIGALRM, (caddr_t)&info) == 0);
	REQUIRE(setitimer(ITIMER_REAL, &timer, NULL) == 0);
	for (i = 0; i < 10; i++) {
		REQUIRE(await_event(agent)->eventinfo_signum == SIGALRM);
		REQUIRE(msg_reply(agent) == 0);
	}
	timer.it_value.tv_usec = timer.it_interval.tv_usec = 0;
	REQUIRE(setitimer(ITIMER_REAL, &timer, NULL) == 0);
}

/* An agent is a thread for some calls, and none for others. */
static void agent_as_thread(void)
{
	eventinfo_t info;
	thread_t agent;
	int threads;

	start_pod(9);
	threads = lwp_enumerate(NULL, 0);
	REQUIRE(agt_create(&agent, SIGUSR1, (caddr_t)&info) == 0);
	REQUIRE(lwp_enumerate(NULL, 0) == threads);
	REQUIRE(lwp_ping(agent) == 0);
	FAILS(LE_NONEXIST, lwp_join(agent));
	FAILS(LE_NONEXIST, lwp_yield(agent));
	FAILS(LE_NONEXIST, lwp_setpri(agent, 3));
	FAILS(LE_NONEXIST, msg_send(agent, NULL, 0, NULL, 0));
	REQUIRE(lwp_destroy(agent) == 0);
	FAILS(LE_NONEXIST, lwp_ping(agent));
}

static void misuse(void)
{
	start_pod(9);
	FAILS(LE_INVALIDARG, lwp_join(SELF));
	FAILS(LE_INVALIDARG, lwp_self(NULL));
	FAILS(LE_INVALIDARG, mon_create(NULL));
	FAILS(LE_INVALIDARG, cv_create(NULL, monitor));
	FAILS(LE_INVALIDARG, lwp_getstate(SELF, NULL));
}

static const struct test_case cases[] = {
	{"foreign_thread", foreign_thread},
	{"many_threads", many_threads},
	{"many_objects", many_objects},
	{"exit_order", exit_order},
	{"sleep_order", sleep_order},
	{"for_ever", for_ever},
	{"agent_memory", agent_memory},
	{"io_agent", io_agent},
	{"timer_agent", timer_agent},
	{"agent_as_thread", agent_as_thread},
	{"misuse", misuse},
};

int main(int argc, char **argv)
{
	return run_case(argc, argv, cases, COUNT(cases));
}
