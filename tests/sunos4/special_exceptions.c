/* SPDX-License-Identifier: MIT */
/* Exceptions and traps: what is beside the plain use of each. */
#include "check.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define APART __attribute__((noinline))

/* ---- Exceptions ---- */

static char trail[256];

static void leaves(char *mark)
{
	strcat(trail, mark);
}

static APART int establishes(void *unused)
{
	(void)unused;
	return exc_handle(5, 0, 0);
}

static APART int raises(void *unused)
{
	char large[4096];

	memset(large, 5, sizeof(large));
	__asm__ volatile("" : : "r"(large), "r"(unused) : "memory");
	return exc_raise(5);
}

/* What cannot return any more is split off from the procedure. */
static APART int raises_where_it_is_cold(void *unused)
{
	int pattern = exc_handle(6, 0, 0);

	(void)unused;
	if (pattern == 0) {
		exc_raise(6);
		fprintf(stderr, "raise has returned\n");
		abort();
	}
	return pattern;
}

static int (*volatile table[])(void *) = {
	establishes, raises, raises_where_it_is_cold, establishes, raises
};

/* A handler goes with its procedure, also where another takes its place. */
static void dead_handlers(void)
{
	int results[5], i;

	for (i = 0; i < 5; i++)
		results[i] = table[i](NULL);
	REQUIRE(results[0] == 0 && results[1] == -1 && results[2] == 6);
	REQUIRE(results[3] == 0 && results[4] == -1);
	REQUIRE(lwp_geterr() == LE_NONEXIST);
	establishes(NULL);
	FAILS(LE_NONEXIST, exc_unhandle());
}

/* The block of exc_handle is reached again: what is in it is left. */
static inline void in_same_frame(int raise)
{
	exc_on_exit(leaves, "inlined ");
	if (raise)
		exc_raise(7);
}

static void exit_handlers(void)
{
	volatile int times = 0;
	int pattern;

	exc_on_exit(leaves, "first ");
	pattern = exc_handle(7, 0, 0);
	if (pattern == 0) {
		exc_on_exit(leaves, "block ");
		in_same_frame(0);
		in_same_frame(++times == 1);
	}
	REQUIRE(pattern == 7 && times == 1);
	REQUIRE(strcmp(trail, "inlined inlined block ") == 0);
}

static caddr_t again(caddr_t arg)
{
	strcat(trail, arg);
	return arg;
}

static void exceptions(void)
{
	caddr_t arg = NULL;
	int pattern;

	start_pod(9);
	dead_handlers();
	exit_handlers();
	REQUIRE(strcmp(trail, "inlined inlined block first ") == 0);
	REQUIRE(exc_handle(8, again, "eight") == 0);
	REQUIRE(exc_bound(8, &arg) == again && strcmp(arg, "eight") == 0);
	REQUIRE(exc_notify(8) == (int)(long)arg);
	REQUIRE(exc_unhandle() == 0);
	REQUIRE(exc_bound(8, &arg) == NULL && lwp_geterr() == LE_NONEXIST);
	FAILS(LE_NONEXIST, exc_notify(8));
	FAILS(LE_INVALIDARG, exc_raise(0));
	FAILS(LE_INVALIDARG, exc_raise(-1));
	FAILS(LE_INVALIDARG, exc_handle(0, 0, 0));
	FAILS(LE_INVALIDARG, exc_handle(-1, 0, 0));
	FAILS(LE_INVALIDARG, exc_notify(0));
	pattern = exc_handle(CATCHALL, 0, 0);
	if (pattern == 0)
		exc_notify(77);
	REQUIRE(pattern == 77);
	FAILS(LE_NONEXIST, exc_raise(77));
}

static void patterns(void)
{
	int first = exc_uniqpatt(), pattern, last = first, count = 1;

	while ((pattern = exc_uniqpatt()) != -1) {
		REQUIRE(pattern > last);
		last = pattern;
		count++;
	}
	REQUIRE(lwp_geterr() == LE_REUSE && count > 1000000);
	REQUIRE(exc_uniqpatt() == first);
}

/* ---- Traps ---- */

static char *page;
static volatile int faults;

static caddr_t mends(caddr_t arg)
{
	faults++;
	/* It may call the library, and another thread runs. */
	REQUIRE(lwp_yield(SELF) == 0);
	REQUIRE(mprotect(page, 4096, PROT_READ | PROT_WRITE) == 0);
	return arg;
}

static void faulty(void *unused)
{
	(void)unused;
	*(volatile char *)NULL = 1;
	REQUIRE(0);
}

static APART int caught(volatile char *at)
{
	int pattern = exc_handle(SIGSEGV, 0, 0);

	if (pattern == 0)
		*at = 1;
	return pattern;
}

static void traps(void)
{
	thread_t t;
	int i;

	start_pod(9);
	REQUIRE(agt_trap(SIGSEGV) == 0 && agt_trap(SIGSEGV) == 0);
	for (i = 0; i < 100; i++)
		REQUIRE(caught(NULL) == SIGSEGV);
	page = mmap(NULL, 4096, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	/* What is bound puts it right, and the thread goes on. */
	REQUIRE(exc_handle(SIGSEGV, mends, NULL) == 0);
	page[7] = 7;
	REQUIRE(page[7] == 7 && faults == 1);
	t = make(faulty, 5, 0, NULL);
	REQUIRE(lwp_join(t) == 0);
	FAILS(LE_NONEXIST, lwp_ping(t));
	FAILS(LE_INUSE, agt_create(&t, SIGSEGV, (caddr_t)&page));
	FAILS(LE_INVALIDARG, agt_trap(SIGUSR1));
	REQUIRE(agt_create(&t, SIGFPE, page) == 0);
	FAILS(LE_INUSE, agt_trap(SIGFPE));
	REQUIRE(lwp_destroy(t) == 0);
	REQUIRE(agt_trap(SIGFPE) == 0);
}

static const struct test_case cases[] = {
	{"exceptions", exceptions},
	{"patterns", patterns},
	{"traps", traps},
};

int main(int argc, char **argv)
{
	return run_case(argc, argv, cases, COUNT(cases));
}
