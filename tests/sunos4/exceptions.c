/* SPDX-License-Identifier: MIT */
/* Exceptions: which handler gets a pattern, and what runs on the way. */

#include "check.h"

#include <string.h>

enum { kFirst = 17, kSecond = 18 };

static void raises(int pattern)
{
	note("raise");
	exc_raise(pattern);
	note("never");
}

static void returns_again(void)
{
	volatile int before = 1;
	int pattern = exc_handle(kFirst, NULL, NULL);

	note("%d", pattern);
	if (pattern == 0) {
		before = 2;
		raises(kFirst);
	}
	REQUIRE(before == 2);
	NOTED("0 raise 17");
	/* The handler was consumed. */
	FAILS(LE_NONEXIST, exc_raise(kFirst));
}

static void inner(void)
{
	if (exc_handle(kFirst, NULL, NULL) != 0) {
		note("inner");
		exc_raise(kFirst);	/* on to the one outside */
	}
	raises(kFirst);
}

static void nested(void)
{
	if (exc_handle(kFirst, NULL, NULL) == 0)
		inner();
	note("outer");
	NOTED("raise inner outer");
	FAILS(LE_NONEXIST, exc_raise(kFirst));
}

static void inner_other(void)
{
	REQUIRE(exc_handle(kSecond, NULL, NULL) == 0);
	raises(kFirst);
}

/* A handler that does not match is passed over and gone. */
static void passed_over(void)
{
	int pattern = exc_handle(kFirst, NULL, NULL);

	if (pattern == 0)
		inner_other();
	REQUIRE(pattern == kFirst);
	FAILS(LE_NONEXIST, exc_raise(kSecond));
	NOTED("raise");
}

static void catchall(void)
{
	int pattern = exc_handle(CATCHALL, NULL, NULL);

	if (pattern == 0)
		raises(kSecond);
	REQUIRE(pattern == kSecond);
	NOTED("raise");
}

static void establishes(void)
{
	REQUIRE(exc_handle(kFirst, NULL, NULL) == 0);
}

static int uses_stack(int n)
{
	volatile char room[256];

	room[0] = (char)n;
	return n == 0 ? room[0] : uses_stack(n - 1) + room[0];
}

/* The handler goes when its procedure returns. */
static void dropped(void)
{
	establishes();
	FAILS(LE_NONEXIST, exc_raise(kFirst));
	establishes();
	(void)uses_stack(3);
	FAILS(LE_NONEXIST, exc_unhandle());
	REQUIRE(exc_bound(kFirst, NULL) == NULL);
}

static void deeper(int level, int pattern)
{
	volatile char room[4096];

	room[0] = 1;
	if (level == 0)
		raises(pattern);
	else
		deeper(level - 1, pattern);
	room[1] = room[0];
}

/* Registers that a procedure must keep have their values again. */
static void keeps_registers(void)
{
	long a = 1, b = 2, c = 3, d = 4, e = 5;
	double x = 1.5;
	int i, pattern;

	for (i = 0; i < 200; i++) {
		a = a * 3 + i;
		b = b * 5 + a;
		c = c * 7 + b;
		d = d * 11 + c;
		e = e * 13 + d;
		x = x * 0.5 + i;
		{
			const volatile long sum = a ^ b ^ c ^ d ^ e;
			const volatile double y = x;

			pattern = exc_handle(kFirst, NULL, NULL);
			if (pattern == 0)
				deeper(5, kFirst);
			REQUIRE(pattern == kFirst);
			REQUIRE((a ^ b ^ c ^ d ^ e) == sum && x == y);
		}
		NOTED("raise");
	}
}

/* ---- notify ---- */

static caddr_t shows(caddr_t arg)
{
	note("%s", arg);
	return (caddr_t)23;
}

static void notifies(void)
{
	caddr_t arg = NULL;
	int pattern;

	REQUIRE(exc_handle(kFirst, shows, "arg") == 0);
	REQUIRE(exc_bound(kFirst, &arg) == shows);
	REQUIRE(strcmp(arg, "arg") == 0);
	REQUIRE(exc_bound(kSecond, &arg) == NULL);
	REQUIRE(exc_notify(kFirst) == 23);
	REQUIRE(exc_notify(kFirst) == 23);	/* is not consumed */
	NOTED("arg arg");
	/* Without a function it is a raise. */
	pattern = exc_handle(kSecond, NULL, NULL);
	if (pattern == 0)
		exc_notify(kSecond);
	REQUIRE(pattern == kSecond);
	FAILS(LE_NONEXIST, exc_notify(kSecond));
	REQUIRE(exc_unhandle() == 0);
	FAILS(LE_NONEXIST, exc_notify(kFirst));
}

/* ---- exit handlers ---- */

static void leaves(caddr_t arg)
{
	note("%s", arg);
}

static int with_exits(int value)
{
	exc_on_exit(leaves, "one");
	exc_on_exit(leaves, "two");
	note("body");
	return value + 1;
}

static void on_exit_return(void)
{
	REQUIRE(with_exits(41) == 42);	/* the value is kept */
	NOTED("body two one");
}

static void exits_and_raises(int level)
{
	char name[8] = "x0";

	name[1] = (char)('0' + level);
	exc_on_exit(leaves, name);
	if (level == 3)
		raises(kFirst);
	else
		exits_and_raises(level + 1);
}

static void on_exit_raise(void)
{
	int pattern = exc_handle(kFirst, NULL, NULL);

	if (pattern == 0)
		exits_and_raises(0);
	REQUIRE(pattern == kFirst);
	NOTED("raise x3 x2 x1 x0");
}

static mon_t monitor;

static void raises_in_monitor(void)
{
	MONITOR(monitor);
	REQUIRE(mon_cond_enter(monitor) == 1);
	REQUIRE(mon_exit(monitor) == 1);
	raises(kFirst);
}

static void monitor_left(void)
{
	int pattern;

	start_pod(9);
	REQUIRE(mon_create(&monitor) == 0);
	pattern = exc_handle(kFirst, NULL, NULL);
	if (pattern == 0)
		raises_in_monitor();
	FAILS(LE_INVALIDARG, mon_exit(monitor));
	REQUIRE(mon_cond_enter(monitor) == 0);
}

/* ---- each thread has its own ---- */

static void raises_foreign(void *arg)
{
	(void)arg;
	FAILS(LE_NONEXIST, exc_raise(kFirst));
	if (exc_handle(kFirst, NULL, NULL) == 0) {
		REQUIRE(lwp_yield(SELF) == 0);
		exc_raise(kFirst);
	}
	note("%d", exc_unhandle());
}

static void of_threads(void)
{
	thread_t a, b;

	start_pod(9);
	REQUIRE(exc_handle(kFirst, NULL, NULL) == 0);
	a = make(raises_foreign, 3, 0, NULL);
	b = make(raises_foreign, 3, 0, NULL);
	must_join(a);
	must_join(b);
	NOTED("-1 -1");
	REQUIRE(exc_unhandle() == 0);
}

static void unhandled(void)
{
	REQUIRE(exc_handle(kFirst, NULL, NULL) == 0);
	REQUIRE(exc_handle(kSecond, NULL, NULL) == 0);
	REQUIRE(exc_unhandle() == 0);
	FAILS(LE_NONEXIST, exc_raise(kSecond));
	REQUIRE(exc_unhandle() == 0);
	FAILS(LE_NONEXIST, exc_raise(kFirst));
	FAILS(LE_NONEXIST, exc_unhandle());
}

static void errors(void)
{
	int i, first, next;

	FAILS(LE_INVALIDARG, exc_handle(0, NULL, NULL));
	FAILS(LE_INVALIDARG, exc_handle(-1, NULL, NULL));
	FAILS(LE_INVALIDARG, exc_raise(0));
	FAILS(LE_INVALIDARG, exc_raise(-1));
	FAILS(LE_NONEXIST, exc_raise(4711));
	FAILS(LE_NONEXIST, exc_notify(4711));
	first = exc_uniqpatt();
	for (i = 0; i < 1000; i++) {
		next = exc_uniqpatt();
		REQUIRE(next != first && next != 0 && next != -1);
		REQUIRE(next != CATCHALL);
	}
}

static const struct test_case cases[] = {
	{"returns_again", returns_again},
	{"nested", nested},
	{"passed_over", passed_over},
	{"catchall", catchall},
	{"dropped", dropped},
	{"keeps_registers", keeps_registers},
	{"notifies", notifies},
	{"on_exit_return", on_exit_return},
	{"on_exit_raise", on_exit_raise},
	{"monitor_left", monitor_left},
	{"of_threads", of_threads},
	{"unhandled", unhandled},
	{"errors", errors},
};

int main(int argc, char **argv)
{
	return run_case(argc, argv, cases, COUNT(cases));
}
