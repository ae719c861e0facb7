/* SPDX-License-Identifier: MIT */
/* Stacks of the library and of the caller, arguments, data above a stack. */

#include "check.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { kArea = 64 * 1024 };

static long total;

static void takes_ten(long a, char *b, long c, int d, void (*e)(void *),
    long f, long g, long h, long i, long j)
{
	total = a + (b[0] == 'b') + c + d + (e == NULL) + f + g + h + i + j;
}

static void arguments(void)
{
	static char text[] = "b";
	thread_t t;

	start_pod(9);
	REQUIRE(lwp_create(&t, takes_ten, 3, 0, lwp_newstk(), 10,
	    0x100000000L, text, 2L, -3, NULL, 10L, 20L, 30L, 40L, 50L) == 0);
	must_join(t);
	REQUIRE(total == 0x100000000L + 1 + 2 - 3 + 1 + 150);
}

static void takes_forty(long a, long b, long c, long d, long e, long f, long g,
    long h, long i, long j, long k, long l, long m)
{
	total = a + b * 2 + c * 3 + d * 4 + e * 5 + f * 6 + g * 7 + h * 8 +
	    i * 9 + j * 10 + k * 11 + l * 12 + m * 13;
}

static void many_arguments(void)
{
	long expected = 0;
	int i;

	start_pod(9);
	for (i = 1; i <= 13; i++)
		expected += (long)i * i;
	REQUIRE(lwp_create(NULL, takes_forty, 3, 0, lwp_newstk(), 13, 1L, 2L,
	    3L, 4L, 5L, 6L, 7L, 8L, 9L, 10L, 11L, 12L, 13L) == 0);
	settle();
	REQUIRE(total == expected);
}

static void prints(void *arg)
{
	char text[200];

	snprintf(text, sizeof(text), "%s %d %f", (const char *)arg, 17, 1.5);
	note("%s", text);
	REQUIRE(((uintptr_t)__builtin_frame_address(0) & 15) == 0);
}

/* A thousand bytes are raised to what printf() needs. */
static void tiny_cache(void)
{
	int i, size;

	REQUIRE(pod_setmaxpri(9) == 0);
	size = lwp_setstkcache(1000, 3);
	REQUIRE(size >= 16 * 1024);
	for (i = 0; i < 10; i++) {		/* more than one refill */
		make(prints, 3, LWPSUSPEND, "tiny");
	}
	must_join(make(prints, 3, 0, "tiny"));
	NOTED("tiny 17 1.500000");
}

static void counts_up(void *arg)
{
	(void)arg;
	total++;
}

/* Stacks go back to the cache: ten thousand threads, little memory. */
static void reuse(void)
{
	long before = 0, after = 0;
	FILE *file;
	int i;

	start_pod(9);
	for (i = 0; i < 10000; i++) {
		make(counts_up, 3, 0, NULL);
		if (i % 8 == 7)
			settle();
		if (i == 500 || i == 9999) {
			file = fopen("/proc/self/statm", "r");
			REQUIRE(file != NULL && fscanf(file, "%ld",
			    i == 500 ? &before : &after) == 1);
			fclose(file);
		}
	}
	settle();
	REQUIRE(total == 10000);
	/* In pages; ten thousand lost stacks would be 160,000 and more. */
	REQUIRE(after - before < 40000);
}

static void own_array(void)
{
	static stkalign_t area[kArea / sizeof(stkalign_t) + 8];
	stkalign_t *top = STKTOP(area) - 8;
	thread_t t;

	start_pod(9);
	memset(top, 0x5a, 8 * sizeof(stkalign_t));
	REQUIRE((char *)STKTOP(area) == (char *)area + sizeof(area));
	REQUIRE(lwp_create(&t, prints, 3, 0, top, 1, "array") == 0);
	must_join(t);
	NOTED("array 17 1.500000");
	/* Nothing at the top and above it was touched. */
	REQUIRE(((char *)top)[0] == 0x5a);
	REQUIRE(memcmp(top, (char *)top + 1, 8 * sizeof(stkalign_t) - 1) == 0);
}

/* STKTOP() of a pointer past the end gives that pointer. */
static void past_the_end(void)
{
	stkalign_t *area = malloc(kArea), *end;
	thread_t t;

	REQUIRE(area != NULL);
	start_pod(9);
	end = area + kArea / sizeof(stkalign_t);
	REQUIRE(STKTOP(end) == end);
	REQUIRE(lwp_create(&t, prints, 3, 0, STKTOP(end), 1, "end") == 0);
	must_join(t);
	NOTED("end 17 1.500000");
	free(area);
}

/* Any address will do; it is rounded down. */
static void odd_top(void)
{
	static char area[kArea];
	thread_t t;
	int i;

	start_pod(9);
	for (i = 1; i <= 33; i++) {
		memset(area + kArea - i, 0x5a, (size_t)i);
		REQUIRE(lwp_create(&t, prints, 3, 0,
		    (stkalign_t *)(void *)(area + kArea - i), 1, "odd") == 0);
		must_join(t);
		NOTED("odd 17 1.500000");
		REQUIRE(area[kArea - i] == 0x5a);
	}
}

/* The memory belongs to the caller again once the thread is joined. */
static void stack_after_join(void)
{
	char *area = malloc(kArea);
	thread_t t;
	int i;

	REQUIRE(area != NULL);
	start_pod(9);
	for (i = 0; i < 2000; i++) {
		REQUIRE(lwp_create(&t, counts_up, 3, 0,
		    (stkalign_t *)(void *)(area + kArea), 0) == 0);
		must_join(t);
		memset(area, 0xff, kArea);
	}
	REQUIRE(total == 2000);
	free(area);
}

struct data {
	char text[24];
	int number;
};

static void shows(void *arg)
{
	struct data *data = arg;

	note("%s %d", data->text, data->number);
}

static void data_above(void)
{
	struct data data = {"data", 17};
	stkalign_t *stack;
	caddr_t copy = NULL;
	thread_t t;

	start_pod(9);
	stack = lwp_datastk((caddr_t)&data, sizeof(data), &copy);
	REQUIRE(stack != NULL && copy >= (caddr_t)stack);
	REQUIRE(copy != (caddr_t)&data);
	memset(&data, 0, sizeof(data));
	REQUIRE(lwp_create(&t, shows, 3, 0, stack, 1, copy) == 0);
	must_join(t);
	NOTED("data 17");
}

static const struct test_case cases[] = {
	{"arguments", arguments},
	{"many_arguments", many_arguments},
	{"tiny_cache", tiny_cache},
	{"reuse", reuse},
	{"own_array", own_array},
	{"past_the_end", past_the_end},
	{"odd_top", odd_top},
	{"stack_after_join", stack_after_join},
	{"data_above", data_above},
};

int main(int argc, char **argv)
{
	return run_case(argc, argv, cases, COUNT(cases));
}
