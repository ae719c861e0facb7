/* SPDX-License-Identifier: MIT */
/* Special contexts: data of each thread, and hooks around the switch. */

#include "check.h"

#include <errno.h>
#include <string.h>

struct own {
	long value;
	char text[8];
};

static int cookie;

static void uses(void *arg)
{
	struct own mine = {0, ""}, seen;
	int i;

	REQUIRE(lwp_ctxinit(SELF, cookie) == 0);
	REQUIRE(lwp_ctxmemget((caddr_t)&seen, SELF, cookie) == 0);
	REQUIRE(seen.value == 0 && seen.text[7] == '\0');	/* zeroed */
	for (i = 0; i < 10; i++) {
		mine.value = (long)(intptr_t)arg * 100 + i;
		REQUIRE(lwp_ctxmemset((caddr_t)&mine, SELF, cookie) == 0);
		REQUIRE(lwp_yield(SELF) == 0);
		REQUIRE(lwp_ctxmemget((caddr_t)&seen, SELF, cookie) == 0);
		REQUIRE(seen.value == mine.value);
	}
}

static void data(void)
{
	struct own other;
	thread_t t[3];
	int i;

	start_pod(9);
	cookie = lwp_ctxset(NULL, NULL, sizeof(struct own), 0);
	REQUIRE(cookie != -1);
	REQUIRE(lwp_ctxset(NULL, NULL, 8, 1) != cookie);
	for (i = 0; i < 3; i++)
		t[i] = make(uses, 3, 0, (void *)(intptr_t)(i + 1));
	for (i = 0; i < 3; i++)
		join_or_late(t[i]);
	/* From outside. */
	t[0] = make(uses, 3, LWPSUSPEND, NULL);
	REQUIRE(lwp_ctxinit(t[0], cookie) == 0);
	other.value = 77;
	memset(other.text, 0, sizeof(other.text));
	REQUIRE(lwp_ctxmemset((caddr_t)&other, t[0], cookie) == 0);
	other.value = 0;
	REQUIRE(lwp_ctxmemget((caddr_t)&other, t[0], cookie) == 0);
	REQUIRE(other.value == 77);
}

static thread_t user[2], bystander;

static const char *name(thread_t t)
{
	if (SAMETHREAD(t, user[0]))
		return "a";
	if (SAMETHREAD(t, user[1]))
		return "b";
	return SAMETHREAD(t, bystander) ? "x" : "-";
}

static void saves(caddr_t mine, thread_t from, thread_t to)
{
	(void)to;
	REQUIRE(*mine == name(from)[0]);
	note("save-%s", name(from));
}

static void restores(caddr_t mine, thread_t from, thread_t to)
{
	(void)from;
	REQUIRE(*mine == name(to)[0]);
	note("restore-%s", name(to));
}

static void turns(void *arg)
{
	int i;

	for (i = 0; i < 2; i++) {
		note("%s%d", (const char *)arg, i);
		REQUIRE(lwp_yield(SELF) == 0);
	}
}

static void prepare(int optimize)
{
	int i;

	start_pod(9);
	cookie = lwp_ctxset(saves, restores, 1, optimize);
	REQUIRE(cookie != -1);
	user[0] = make(turns, 3, 0, "a");
	bystander = make(turns, 3, 0, "x");
	user[1] = make(turns, 3, 0, "b");
	for (i = 0; i < 2; i++) {
		REQUIRE(lwp_ctxinit(user[i], cookie) == 0);
		REQUIRE(lwp_ctxmemset(i == 0 ? "a" : "b", user[i], cookie) ==
		    0);
	}
}

/* Always: out of a user a save, into a user a restore. */
static void hooks(void)
{
	prepare(0);
	must_join(user[0]);
	NOTED("restore-a a0 save-a x0 restore-b b0 save-b restore-a a1 save-a "
	    "x1 restore-b b1 save-b restore-a");
}

/* Only when the one that resumes uses it and was not the last that did. */
static void optimized(void)
{
	prepare(1);
	must_join(user[0]);
	NOTED("restore-a a0 x0 save-a restore-b b0 save-b restore-a a1 x1 "
	    "save-a restore-b b1 save-b restore-a");
}

/* Who was the last to use it need not restore it. */
static void optimized_alone(void)
{
	prepare(1);
	REQUIRE(lwp_ctxremove(user[1], cookie) == 0);
	join_or_late(user[1]);
	NOTED("restore-a a0 x0 b0 a1 x1 b1");
}

static void removed(void)
{
	prepare(0);
	REQUIRE(lwp_ctxremove(user[0], cookie) == 0);
	REQUIRE(lwp_ctxremove(user[1], cookie) == 0);
	join_or_late(user[0]);
	NOTED("a0 x0 b0 a1 x1 b1");
}

static void sets_errno(void *arg)
{
	int mine = (int)(intptr_t)arg, i;

	REQUIRE(lwp_libcset(SELF) == 0 && lwp_fpset(SELF) == 0);
	for (i = 0; i < 10; i++) {
		errno = mine;
		REQUIRE(lwp_yield(SELF) == 0);
		REQUIRE(errno == mine);
	}
}

static void errno_of_thread(void)
{
	thread_t a, b;

	start_pod(9);
	a = make(sets_errno, 3, 0, (void *)ENOENT);
	b = make(sets_errno, 3, 0, (void *)EDOM);
	errno = EBADF;
	join_or_late(a);
	join_or_late(b);
	REQUIRE(errno == EBADF);
}

static const struct test_case cases[] = {
	{"data", data},
	{"hooks", hooks},
	{"optimized", optimized},
	{"optimized_alone", optimized_alone},
	{"removed", removed},
	{"errno_of_thread", errno_of_thread},
};

int main(int argc, char **argv)
{
	return run_case(argc, argv, cases, COUNT(cases));
}
