/* SPDX-License-Identifier: MIT */
/* Monitors: order, nesting, every error code. */

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

static void cannot_enter(void *arg)
{
	(void)arg;
	FAILS(LE_INUSE, mon_cond_enter(monitor));
	FAILS(LE_INVALIDARG, mon_exit(monitor));	/* not its owner */
	note("refused");
}

static void nesting(void)
{
	begin();
	REQUIRE(mon_enter(monitor) == 0);
	REQUIRE(mon_enter(monitor) == 1);
	REQUIRE(mon_cond_enter(monitor) == 2);
	must_join(make(cannot_enter, 3, 0, NULL));
	NOTED("refused");
	REQUIRE(mon_exit(monitor) == 2);
	REQUIRE(mon_exit(monitor) == 1);
	must_join(make(cannot_enter, 3, 0, NULL));
	NOTED("refused");
	REQUIRE(mon_exit(monitor) == 0);
	FAILS(LE_INVALIDARG, mon_exit(monitor));
	REQUIRE(mon_cond_enter(monitor) == 0);
	REQUIRE(mon_exit(monitor) == 0);
}

static void enters(void *arg)
{
	REQUIRE(mon_enter(monitor) == 0);
	note("%s", (const char *)arg);
	REQUIRE(mon_exit(monitor) == 0);
}

static void dies_inside(void *arg)
{
	(void)arg;
	REQUIRE(mon_enter(monitor) == 0);
	REQUIRE(mon_enter(monitor) == 1);
	REQUIRE(mon_enter(other_monitor) == 0);
	REQUIRE(lwp_suspend(SELF) == 0);
}

/* The death of the holder hands over what it held, however nested. */
static void death_of_holder(void)
{
	thread_t holder, waiter;

	begin();
	holder = make(dies_inside, 3, 0, NULL);
	waiter = make(enters, 3, 0, "w");
	await_kind(waiter, MON_TYPE);
	NOTED("");
	REQUIRE(lwp_destroy(holder) == 0);
	must_join(waiter);
	NOTED("w");
	REQUIRE(mon_cond_enter(monitor) == 0);
	REQUIRE(mon_cond_enter(other_monitor) == 0);
}

static void returns_inside(void *arg)
{
	(void)arg;
	REQUIRE(mon_enter(monitor) == 0);
}

static void return_of_holder(void)
{
	begin();
	must_join(make(returns_inside, 3, 0, NULL));
	REQUIRE(mon_cond_enter(monitor) == 0);
}

/* The waiter with the highest priority first, then who has waited longest. */
static void waiters_order(void)
{
	static const char *const names[] = {"a3", "b5", "c3", "d5", "e7"};
	static const int prio[] = {3, 5, 3, 5, 7};
	thread_t thread[5], owner, vec[8];
	int i;

	begin();
	REQUIRE(mon_enter(monitor) == 0);
	for (i = 0; i < 5; i++) {
		thread[i] = make(enters, prio[i], 0, (void *)names[i]);
		await_kind(thread[i], MON_TYPE);
	}
	REQUIRE(mon_waiters(monitor, &owner, vec, 8) == 5);
	REQUIRE(SAMETHREAD(owner, self()));
	REQUIRE(SAMETHREAD(vec[0], thread[4]));
	REQUIRE(SAMETHREAD(vec[1], thread[1]) && SAMETHREAD(vec[2], thread[3]));
	REQUIRE(mon_waiters(monitor, &owner, vec, 1) == 5);
	REQUIRE(mon_exit(monitor) == 0);
	for (i = 0; i < 5; i++)
		join_or_late(thread[i]);
	NOTED("e7 b5 d5 a3 c3");
	REQUIRE(mon_waiters(monitor, &owner, NULL, 0) == 0);
	REQUIRE(owner.thread_id == NULL);
}

/* A waiter of higher priority runs before mon_exit() returns. */
static void exit_switches(void)
{
	thread_t t;

	begin();
	REQUIRE(lwp_setpri(SELF, 4) == 9);
	REQUIRE(mon_enter(monitor) == 0);
	t = make(enters, 6, 0, "high");
	REQUIRE(blocked_on(t) == MON_TYPE);
	note("main");
	REQUIRE(mon_exit(monitor) == 0);
	NOTED("main high");
	/* One of the same priority becomes ready at the tail of its queue. */
	REQUIRE(mon_enter(monitor) == 0);
	make(enters, 4, 0, "same");
	REQUIRE(lwp_yield(SELF) == 0);
	REQUIRE(mon_exit(monitor) == 0);
	note("main");
	REQUIRE(lwp_yield(SELF) == 0);
	NOTED("main same");
}

static void breaks(void *arg)
{
	(void)arg;
	REQUIRE(mon_break(monitor) == 0);
	REQUIRE(mon_cond_enter(monitor) == 0);
	REQUIRE(mon_exit(monitor) == 0);
	note("broken");
}

static void broken(void)
{
	begin();
	FAILS(LE_NOTOWNED, mon_break(monitor));		/* nobody holds it */
	REQUIRE(mon_enter(monitor) == 0);
	must_join(make(breaks, 3, 0, NULL));
	NOTED("broken");
	FAILS(LE_INVALIDARG, mon_exit(monitor));	/* no longer ours */
}

static void leaves_scope(void)
{
	MONITOR(monitor);
	note("in");
	REQUIRE(mon_cond_enter(monitor) == 1);
	REQUIRE(mon_exit(monitor) == 1);
}

static void monitor_statement(void)
{
	begin();
	leaves_scope();
	NOTED("in");
	FAILS(LE_INVALIDARG, mon_exit(monitor));
	REQUIRE(mon_cond_enter(monitor) == 0);
}

static void monitor_errors(void)
{
	mon_t stale, vec[4];
	thread_t owner, t;
	int before;

	begin();
	before = mon_enumerate(NULL, 0);
	REQUIRE(before >= 2);
	REQUIRE(mon_create(&stale) == 0);
	REQUIRE(mon_enumerate(vec, 1) == before + 1);
	REQUIRE(mon_destroy(stale) == 0);
	REQUIRE(mon_enumerate(NULL, 0) == before);
	FAILS(LE_NONEXIST, mon_destroy(stale));
	FAILS(LE_NONEXIST, mon_enter(stale));
	FAILS(LE_NONEXIST, mon_exit(stale));
	FAILS(LE_NONEXIST, mon_cond_enter(stale));
	FAILS(LE_NONEXIST, mon_break(stale));
	FAILS(LE_NONEXIST, mon_waiters(stale, &owner, NULL, 0));
	FAILS(LE_NONEXIST, cv_create(&condition, stale));
	REQUIRE(mon_enter(monitor) == 0);
	t = make(enters, 3, 0, "w");
	await_kind(t, MON_TYPE);
	FAILS(LE_INUSE, mon_destroy(monitor));
	REQUIRE(mon_exit(monitor) == 0);
	must_join(t);
	REQUIRE(mon_destroy(monitor) == 0);
}

static const struct test_case cases[] = {
	{"f_nesting", nesting},
	{"f_death_of_holder", death_of_holder},
	{"f_return_of_holder", return_of_holder},
	{"f_waiters_order", waiters_order},
	{"f_exit_switches", exit_switches},
	{"f_broken", broken},
	{"monitor_statement", monitor_statement},
	{"monitor_errors", monitor_errors},
};

int main(int argc, char **argv)
{
	return run_case(argc, argv, cases, COUNT(cases));
}
