/* SPDX-License-Identifier: MIT */
/* The behaviour that clients of SunOS 4 relied on, case by case: threads. */

#include "check.h"

#include <stdlib.h>
#include <unistd.h>

/* ---- a: main ends, the thread it made runs ---- */

static void last_words(void *arg)
{
	(void)arg;
	static const char text[] = "ok\n";

	REQUIRE(write(STDOUT_FILENO, text, 3) == 3);
}

static void main_ends(void)
{
	start_pod(20);
	make(last_words, 20, 0, NULL);
	exit(0);
}

/* ---- b: turns inside one priority ---- */

static void three_rounds(void *arg)
{
	int i;

	for (i = 0; i < 3; i++) {
		note("%s", (const char *)arg);
		REQUIRE(lwp_yield(SELF) == 0);
	}
}

static void yield_rounds(void)
{
	thread_t a, b, c;

	start_pod(5);
	a = make(three_rounds, 2, 0, "a");
	b = make(three_rounds, 2, 0, "b");
	c = make(three_rounds, 2, 0, "c");
	must_join(a);
	/* Its joiner runs before the others, which have not ended yet. */
	must_join(b);
	must_join(c);
	NOTED("a b c a b c a b c");
}

static void yield_rounds_with_main(void)
{
	start_pod(1);		/* main is one of them */
	make(three_rounds, 1, 0, "a");
	make(three_rounds, 1, 0, "b");
	note("m");
	REQUIRE(lwp_yield(SELF) == 0);
	note("m");
	REQUIRE(lwp_yield(SELF) == 0);
	NOTED("m a b m a b");
}

static thread_t third;

static void yields_to_third(void *arg)
{
	(void)arg;
	note("a1");
	REQUIRE(lwp_yield(third) == 0);
	note("a2");
}

static void one_word(void *arg)
{
	note("%s", (const char *)arg);
}

static void yields_once(void *arg)
{
	(void)arg;
	note("c1");
	REQUIRE(lwp_yield(SELF) == 0);
	note("c2");
}

static void yield_to(void)
{
	start_pod(5);
	make(yields_to_third, 2, 0, NULL);
	make(one_word, 2, 0, "b");
	third = make(yields_once, 2, 0, NULL);
	must_join(third);
	NOTED("a1 c1 a2 b c2");
}

/* ---- c: the canonical time slicer ---- */

enum { kSpinners = 3 };
static volatile unsigned long spins[kSpinners];
static volatile int stop;

static void spin(void *arg)
{
	volatile unsigned long *mine = arg;

	while (!stop)
		++*mine;
}

static int moved(const unsigned long *before)
{
	int i, n = 0;

	for (i = 0; i < kSpinners; i++)
		n += spins[i] != before[i];
	return n;
}

static void remember(unsigned long *before)
{
	int i;

	for (i = 0; i < kSpinners; i++)
		before[i] = spins[i];
}

static void time_slicer(void)
{
	thread_t thread[kSpinners];
	unsigned long before[kSpinners];
	long long end = now_us() + 60000000;
	int i;

	start_pod(10);
	for (i = 0; i < kSpinners; i++)
		thread[i] = make(spin, MINPRIO, 0, (void *)&spins[i]);
	remember(before);
	while (moved(before) < kSpinners) {
		REQUIRE(now_us() < end);
		sleep_us(2000);
		REQUIRE(lwp_resched(MINPRIO) == 0);
	}
	/* Without turns the first one keeps the processor for ever. */
	remember(before);
	for (i = 0; i < 20 || moved(before) == 0; i++)
		sleep_us(1000);
	REQUIRE(moved(before) == 1);
	stop = 1;
	for (i = 0; i < kSpinners; i++)
		join_or_late(thread[i]);
}

static void resched_turns(void)
{
	thread_t last;

	start_pod(5);
	make(one_word, 2, 0, "a");
	make(one_word, 2, 0, "b");
	last = make(one_word, 2, 0, "c");
	REQUIRE(lwp_resched(2) == 0);	/* b c a */
	must_join(last);
	NOTED("b c");
	REQUIRE(lwp_setpri(self(), 2) == 5);
	REQUIRE(lwp_resched(2) == 0);	/* as lwp_yield(SELF) */
	NOTED("a");
}

/* ---- h: suspension, waiting and priorities ---- */

static mon_t monitor;

static void enters(void *arg)
{
	(void)arg;
	REQUIRE(mon_enter(monitor) == 0);
	note("in");
	REQUIRE(mon_exit(monitor) == 0);
}

static void suspended_and_blocked(void)
{
	thread_t t;

	start_pod(5);
	REQUIRE(mon_create(&monitor) == 0);
	REQUIRE(mon_enter(monitor) == 0);
	t = make(enters, 3, 0, NULL);
	settle();
	REQUIRE(blocked_on(t) == MON_TYPE);
	REQUIRE(lwp_suspend(t) == 0);
	REQUIRE(mon_exit(monitor) == 0);
	settle();
	NOTED("");
	REQUIRE(lwp_resume(t) == 0);
	must_join(t);
	NOTED("in");

	/* The other way round: resumed while it is blocked. */
	REQUIRE(mon_enter(monitor) == 0);
	t = make(enters, 3, LWPSUSPEND, NULL);
	REQUIRE(lwp_resume(t) == 0);
	settle();
	REQUIRE(blocked_on(t) == MON_TYPE);
	REQUIRE(lwp_suspend(t) == 0);
	REQUIRE(lwp_suspend(t) == 0);	/* not counted */
	REQUIRE(lwp_resume(t) == 0);
	settle();
	NOTED("");
	REQUIRE(mon_exit(monitor) == 0);
	must_join(t);
	NOTED("in");
}

static void suspended_creation(void)
{
	thread_t t;

	start_pod(5);
	t = make(one_word, 5, LWPSUSPEND, "ran");
	REQUIRE(lwp_yield(SELF) == 0);
	NOTED("");
	REQUIRE(lwp_resume(t) == 0);
	NOTED("");		/* the same priority: it is in the queue */
	REQUIRE(lwp_resume(self()) == 0);	/* runs: nothing to do */
	must_join(t);
	NOTED("ran");
}

static void suspends_itself(void *arg)
{
	(void)arg;
	note("before");
	REQUIRE(lwp_suspend(SELF) == 0);
	note("after");
}

static void self_suspension(void)
{
	thread_t t;

	start_pod(5);
	t = make(suspends_itself, 3, 0, NULL);
	settle();
	NOTED("before");
	REQUIRE(lwp_resume(t) == 0);
	must_join(t);
	NOTED("after");
}

static void setpri_switches(void)
{
	thread_t t, low;

	start_pod(9);
	REQUIRE(lwp_setpri(SELF, 5) == 9);
	t = make(one_word, 3, 0, "t");
	low = make(one_word, 2, 0, "low");
	NOTED("");
	REQUIRE(lwp_setpri(t, 7) == 3);		/* runs before it returns */
	NOTED("t");
	FAILS(LE_NONEXIST, lwp_ping(t));
	/* Lowering itself lets the other run. */
	REQUIRE(lwp_setpri(SELF, 1) == 5);
	NOTED("low");
	FAILS(LE_NONEXIST, lwp_ping(low));
	REQUIRE(lwp_setpri(SELF, 9) == 1);
	REQUIRE(prio_of(self()) == 9);
	/* To the same level moves nothing. */
	t = make(one_word, 4, 0, "first");
	low = make(one_word, 4, 0, "second");
	REQUIRE(lwp_setpri(t, 4) == 4);
	must_join(low);
	NOTED("first second");
}

static void setpri_of_blocked(void)
{
	thread_t a, b;

	start_pod(9);
	REQUIRE(mon_create(&monitor) == 0);
	REQUIRE(mon_enter(monitor) == 0);
	a = make(enters, 3, 0, NULL);
	b = make(enters, 4, 0, NULL);
	settle();
	REQUIRE(blocked_on(a) == MON_TYPE && blocked_on(b) == MON_TYPE);
	REQUIRE(lwp_setpri(a, 6) == 3);
	REQUIRE(blocked_on(a) == MON_TYPE && prio_of(a) == 6);
	REQUIRE(mon_exit(monitor) == 0);
	must_join(a);		/* first: its priority is higher now */
	NOTED("in");
	must_join(b);
	NOTED("in");
}

static void created_above(void)
{
	start_pod(9);
	REQUIRE(lwp_setpri(SELF, 5) == 9);
	make(one_word, 6, 0, "high");	/* before lwp_create returns */
	NOTED("high");
	make(one_word, 5, 0, "same");
	make(one_word, 4, 0, "low");
	NOTED("");
	REQUIRE(lwp_yield(SELF) == 0);
	NOTED("same");
	REQUIRE(lwp_setpri(SELF, 3) == 5);
	NOTED("low");
}

static void resumed_above(void)
{
	thread_t t;

	start_pod(9);
	REQUIRE(lwp_setpri(SELF, 5) == 9);
	t = make(one_word, 6, LWPSUSPEND, "high");
	NOTED("");
	REQUIRE(lwp_resume(t) == 0);	/* runs before it returns */
	NOTED("high");
}

static const struct test_case cases[] = {
	{"a_main_ends", main_ends},
	{"b_yield_rounds", yield_rounds},
	{"b_yield_rounds_with_main", yield_rounds_with_main},
	{"b_yield_to", yield_to},
	{"c_time_slicer", time_slicer},
	{"c_resched_turns", resched_turns},
	{"h_suspended_and_blocked", suspended_and_blocked},
	{"h_suspended_creation", suspended_creation},
	{"h_self_suspension", self_suspension},
	{"h_setpri_switches", setpri_switches},
	{"h_setpri_of_blocked", setpri_of_blocked},
	{"h_created_above", created_above},
	{"h_resumed_above", resumed_above},
};

int main(int argc, char **argv)
{
	return run_case(argc, argv, cases, COUNT(cases));
}
