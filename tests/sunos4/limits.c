/* SPDX-License-Identifier: MIT */
/* Limits of stacks, and the registers of threads that do not run. */

#include "check.h"

#include <lwp/check.h>
#include <string.h>

enum { kArea = 64 * 1024 };

static int passed, deepest;

static void deep(int level)
{
	volatile char room[512];

	CHECK(passed, 1);
	deepest = level;
	room[0] = (char)level;
	if (level < 100)
		deep(level + 1);
	room[1] = room[0];	/* not a tail call */
}

static void recurses(void *arg)
{
	char *here = (char *)__builtin_frame_address(0);

	(void)arg;
	REQUIRE(lwp_checkstkset(SELF, here - 16 * 1024) == 0);
	deep(0);
	REQUIRE(passed == 1);
	REQUIRE(deepest > 5 && deepest < 40);
	/* Without a limit, down to the end. */
	passed = 0;
	REQUIRE(lwp_checkstkset(SELF, NULL) == 0);
	deep(0);
	REQUIRE(passed == 0 && deepest == 100);
}

static void checked(void)
{
	start_pod(9);
	must_join(make(recurses, 3, 0, NULL));
}

static char watched[kArea];

static void passes_limit(void *arg)
{
	(void)arg;
	REQUIRE(lwp_yield(SELF) == 0);
	memset(watched + kArea - 32768, 0, 64);	/* what lies at the limit */
	REQUIRE(lwp_yield(SELF) == 0);
	note("never");
}

/* The process aborts at the switch; the message tells. */
static void switch_check(void)
{
	thread_t t;

	start_pod(9);
	REQUIRE(lwp_create(&t, passes_limit, 9, LWPSUSPEND,
	    (stkalign_t *)(void *)(watched + kArea), 0) == 0);
	REQUIRE(lwp_stkcswset(t, watched + kArea - 32768) == 0);
	REQUIRE(lwp_resume(t) == 0);
	REQUIRE(lwp_yield(SELF) == 0);
	note("alive");
	NOTED("alive");
	REQUIRE(lwp_yield(SELF) == 0);
	REQUIRE(0);
}

static void keeps_limit(void *arg)
{
	int i;

	(void)arg;
	for (i = 0; i < 100; i++)
		REQUIRE(lwp_yield(SELF) == 0);
	note("kept");
}

static void switch_check_kept(void)
{
	thread_t t;

	start_pod(9);
	REQUIRE(lwp_create(&t, keeps_limit, 3, LWPSUSPEND,
	    (stkalign_t *)(void *)(watched + kArea), 0) == 0);
	REQUIRE(lwp_stkcswset(t, watched + 64) == 0);
	REQUIRE(lwp_resume(t) == 0);
	must_join(t);
	NOTED("kept");
}

/* ---- registers ---- */

static void given(long value)
{
	note("given %ld", value);
	lwp_destroy(SELF);
}

/* Without a stack it waits for registers. */
static void registers(void)
{
	static stkalign_t area[kArea / sizeof(stkalign_t)];
	machstate_t state;
	thread_t t;

	start_pod(9);
	REQUIRE(lwp_create(&t, NULL, 3, 0, NULL, 0) == 0);
	settle();
	REQUIRE(lwp_ping(t) == 0);
	REQUIRE(lwp_getregs(t, &state) == 0);
	memset(&state, 0, sizeof(state));
	state.mc_pc = (unsigned long)given;
	state.mc_sp = (unsigned long)STKTOP(area);
	state.mc_gregs[MC_ARG0] = 17;
	REQUIRE(lwp_setregs(t, &state) == 0);
	REQUIRE(lwp_resume(t) == 0);
	must_join(t);
	NOTED("given 17");
}

static void waits_suspended(void *arg)
{
	(void)arg;
	note("one");
	REQUIRE(lwp_suspend(SELF) == 0);
	note("two");
}

/* The stack pointer of one that does not run lies in its stack. */
static void registers_of_suspended(void)
{
	static stkalign_t area[kArea / sizeof(stkalign_t)];
	machstate_t state;
	thread_t t;

	start_pod(9);
	REQUIRE(lwp_create(&t, waits_suspended, 3, 0, STKTOP(area), 1, NULL) ==
	    0);
	settle();
	REQUIRE(lwp_getregs(t, &state) == 0);
	REQUIRE(state.mc_sp >= (unsigned long)area);
	REQUIRE(state.mc_sp < (unsigned long)STKTOP(area));
	REQUIRE(state.mc_pc != 0);
	REQUIRE(lwp_setregs(t, &state) == 0);	/* as it was */
	REQUIRE(lwp_resume(t) == 0);
	must_join(t);
	NOTED("one two");
}

static const struct test_case cases[] = {
	{"checked", checked},
	{"switch_check", switch_check},
	{"switch_check_kept", switch_check_kept},
	{"registers", registers},
	{"registers_of_suspended", registers_of_suspended},
};

int main(int argc, char **argv)
{
	return run_case(argc, argv, cases, COUNT(cases));
}
