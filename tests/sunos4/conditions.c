/* SPDX-License-Identifier: MIT */
/* Condition variables: order, nesting, every error code. */

#include "check.h"

static mon_t monitor, other_monitor;
static cv_t condition;

static void begin(void)
{
	start_pod(9);
	REQUIRE(mon_create(&monitor) == 0);
	REQUIRE(mon_create(&other_monitor) == 0);
	REQUIRE(cv_create(&condition, monitor) == 0);
}

static void await_kind(thread_t thread, int kind)
{
	settle();
	REQUIRE(blocked_on(thread) == kind);
}

static void enters(void *arg)
{
	REQUIRE(mon_enter(monitor) == 0);
	note("%s", (const char *)arg);
	REQUIRE(mon_exit(monitor) == 0);
}

static int woken;

static void waits(void *arg)
{
	REQUIRE(mon_enter(monitor) == 0);
	REQUIRE(cv_wait(condition) == 0);
	note("%s", (const char *)arg);
	woken++;
	REQUIRE(mon_exit(monitor) == 0);
}

static void waits_in_two(void *arg)
{
	(void)arg;
	REQUIRE(mon_enter(other_monitor) == 0);
	REQUIRE(mon_enter(monitor) == 0);
	REQUIRE(cv_wait(condition) == 0);
	note("woken");
	REQUIRE(mon_exit(monitor) == 0);
	REQUIRE(mon_exit(other_monitor) == 0);
}

static void wait_releases_one(void)
{
	thread_t t;

	begin();
	t = make(waits_in_two, 3, 0, NULL);
	await_kind(t, CV_TYPE);
	FAILS(LE_INUSE, mon_cond_enter(other_monitor));
	REQUIRE(mon_cond_enter(monitor) == 0);
	REQUIRE(cv_notify(condition) == 0);
	NOTED("");
	REQUIRE(mon_exit(monitor) == 0);
	must_join(t);
	NOTED("woken");
}

static void wait_other_order(void *arg)
{
	(void)arg;
	REQUIRE(mon_enter(monitor) == 0);
	REQUIRE(mon_enter(other_monitor) == 0);
	/* The monitor of the condition is not the one entered last. */
	FAILS(LE_NOTOWNED, cv_wait(condition));
	note("refused");
	REQUIRE(mon_exit(other_monitor) == 0);
	REQUIRE(mon_exit(monitor) == 0);
	FAILS(LE_NOTOWNED, cv_wait(condition));
}

static void notify_order(void)
{
	static const char *const names[] = {"a3", "b5", "c3", "d5", "e7"};
	static const int prio[] = {3, 5, 3, 5, 7};
	thread_t thread[5], vec[8];
	int i;

	begin();
	for (i = 0; i < 5; i++) {
		thread[i] = make(waits, prio[i], 0, (void *)names[i]);
		await_kind(thread[i], CV_TYPE);
	}
	REQUIRE(cv_waiters(condition, vec, 8) == 5);
	REQUIRE(SAMETHREAD(vec[0], thread[4]) && SAMETHREAD(vec[4], thread[2]));
	for (i = 0; i < 5; i++) {
		REQUIRE(mon_enter(monitor) == 0);
		REQUIRE(cv_notify(condition) == 0);
		REQUIRE(cv_waiters(condition, NULL, 0) == 4 - i);
		REQUIRE(mon_exit(monitor) == 0);
		settle();
		REQUIRE(woken == i + 1);
	}
	NOTED("e7 b5 d5 a3 c3");
	/* Nobody waits: nothing is remembered. */
	REQUIRE(mon_enter(monitor) == 0);
	REQUIRE(cv_notify(condition) == 0);
	REQUIRE(cv_broadcast(condition) == 0);
	REQUIRE(mon_exit(monitor) == 0);
	thread[0] = make(waits, 3, 0, "late");
	await_kind(thread[0], CV_TYPE);
	settle();
	NOTED("");
}

static void broadcast(void)
{
	thread_t thread[4];
	int i;

	begin();
	for (i = 0; i < 4; i++) {
		thread[i] = make(waits, 3 + i, 0, "w");
		await_kind(thread[i], CV_TYPE);
	}
	REQUIRE(mon_enter(monitor) == 0);
	REQUIRE(cv_broadcast(condition) == 0);
	REQUIRE(cv_waiters(condition, NULL, 0) == 0);
	REQUIRE(mon_exit(monitor) == 0);
	for (i = 0; i < 4; i++)
		join_or_late(thread[i]);
	NOTED("w w w w");
}

static void send_picks(void)
{
	thread_t a, b;

	begin();
	a = make(waits, 5, 0, "a");
	b = make(waits, 3, 0, "b");
	await_kind(a, CV_TYPE);
	await_kind(b, CV_TYPE);
	REQUIRE(mon_enter(monitor) == 0);
	REQUIRE(cv_send(condition, b) == 0);
	FAILS(LE_NOWAIT, cv_send(condition, b));	/* has been woken */
	FAILS(LE_NOWAIT, cv_send(condition, self()));
	REQUIRE(mon_exit(monitor) == 0);
	must_join(b);
	NOTED("b");
	REQUIRE(blocked_on(a) == CV_TYPE);
}

static void nested_wait(void *arg)
{
	(void)arg;
	REQUIRE(mon_enter(monitor) == 0);
	REQUIRE(mon_enter(monitor) == 1);
	REQUIRE(cv_wait(condition) == 0);
	/* The nest is what it was. */
	REQUIRE(mon_exit(monitor) == 1);
	REQUIRE(mon_exit(monitor) == 0);
	note("restored");
}

static void wait_in_nest(void)
{
	thread_t t;

	begin();
	t = make(nested_wait, 3, 0, NULL);
	await_kind(t, CV_TYPE);
	REQUIRE(mon_cond_enter(monitor) == 0);	/* wholly released */
	REQUIRE(cv_notify(condition) == 0);
	REQUIRE(mon_exit(monitor) == 0);
	must_join(t);
	NOTED("restored");
}

static void condition_errors(void)
{
	cv_t stale, vec[2];
	thread_t t, dead;
	int before;

	begin();
	must_join(make(wait_other_order, 3, 0, NULL));
	NOTED("refused");
	before = cv_enumerate(NULL, 0);
	REQUIRE(cv_create(&stale, monitor) == 0);
	REQUIRE(cv_enumerate(vec, 2) == before + 1);
	REQUIRE(cv_destroy(stale) == 0);
	REQUIRE(cv_enumerate(NULL, 0) == before);
	/* Without the monitor: an error, as POSIX code would meet it. */
	FAILS(LE_NOTOWNED, cv_notify(condition));
	FAILS(LE_NOTOWNED, cv_broadcast(condition));
	FAILS(LE_NOTOWNED, cv_send(condition, self()));
	REQUIRE(mon_enter(monitor) == 0);
	FAILS(LE_NONEXIST, cv_destroy(stale));
	FAILS(LE_NONEXIST, cv_wait(stale));
	FAILS(LE_NONEXIST, cv_notify(stale));
	FAILS(LE_NONEXIST, cv_broadcast(stale));
	FAILS(LE_NONEXIST, cv_send(stale, self()));
	FAILS(LE_NONEXIST, cv_waiters(stale, NULL, 0));
	REQUIRE(mon_exit(monitor) == 0);
	dead = make(enters, 3, 0, "e");
	must_join(dead);
	t = make(waits, 3, 0, "w");
	await_kind(t, CV_TYPE);
	FAILS(LE_INUSE, cv_destroy(condition));
	REQUIRE(mon_enter(monitor) == 0);
	FAILS(LE_NONEXIST, cv_send(condition, dead));
	REQUIRE(cv_notify(condition) == 0);
	REQUIRE(mon_exit(monitor) == 0);
	must_join(t);
	REQUIRE(cv_destroy(condition) == 0);
	NOTED("e w");
}

static void destroyed_waiter(void)
{
	thread_t t;

	begin();
	t = make(waits, 3, 0, "never");
	await_kind(t, CV_TYPE);
	REQUIRE(lwp_destroy(t) == 0);
	REQUIRE(cv_waiters(condition, NULL, 0) == 0);
	REQUIRE(cv_destroy(condition) == 0);
	NOTED("");
}

static const struct test_case cases[] = {
	{"g_wait_releases_one", wait_releases_one},
	{"g_notify_order", notify_order},
	{"g_broadcast", broadcast},
	{"g_send_picks", send_picks},
	{"wait_in_nest", wait_in_nest},
	{"condition_errors", condition_errors},
	{"destroyed_waiter", destroyed_waiter},
};

int main(int argc, char **argv)
{
	return run_case(argc, argv, cases, COUNT(cases));
}
