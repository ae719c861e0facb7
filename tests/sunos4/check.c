/* SPDX-License-Identifier: MIT */
/* Helpers of the programs: see check.h. */

#include "check.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static char notes[8192];
static size_t noted;

/* _exit() ends the process, whatever thread calls it. */
void require_failed(const char *file, int line, const char *what)
{
	dprintf(STDERR_FILENO, "%s:%d: failed: %s (code %d)\n", file, line,
	    what, (int)lwp_geterr());
	_exit(99);
}

void expect_error(long result, lwp_err_t code, const char *file, int line,
    const char *what)
{
	lwp_err_t found = lwp_geterr();

	if (result == -1 && found == code)
		return;
	dprintf(STDERR_FILENO, "%s:%d: %s gave %ld with code %d, not %d\n",
	    file, line, what, result, (int)found, (int)code);
	_exit(99);
}

void note(const char *format, ...)
{
	va_list arguments;
	int length;

	if (noted != 0 && noted + 1 < sizeof(notes))
		notes[noted++] = ' ';
	va_start(arguments, format);
	length = vsnprintf(notes + noted, sizeof(notes) - noted, format,
	    arguments);
	va_end(arguments);
	if (length < 0 || noted + (size_t)length >= sizeof(notes)) {
		dprintf(STDERR_FILENO, "too many notes\n");
		_exit(99);
	}
	noted += (size_t)length;
}

void expect_notes(const char *expected, const char *file, int line)
{
	notes[noted] = '\0';
	if (strcmp(notes, expected) != 0) {
		dprintf(STDERR_FILENO, "%s:%d: noted \"%s\" instead of \"%s\"\n",
		    file, line, notes, expected);
		_exit(99);
	}
	noted = 0;
}

void start_pod(int highest)
{
	REQUIRE(pod_setmaxpri(highest) == 0);
	REQUIRE(lwp_setstkcache(64 * 1024, 8) >= 64 * 1024);
}

thread_t make(void (*func)(void *), int prio, int flags, void *arg)
{
	stkalign_t *stack = lwp_newstk();
	thread_t thread;

	REQUIRE(stack != NULL);
	REQUIRE(lwp_create(&thread, func, prio, flags, stack, 1, arg) == 0);
	return thread;
}

void must_join(thread_t thread)
{
	REQUIRE(lwp_join(thread) == 0);
	FAILS(LE_NONEXIST, lwp_ping(thread));
}

void join_or_late(thread_t thread)
{
	if (lwp_join(thread) != 0)
		REQUIRE(lwp_geterr() == LE_NONEXIST);
	FAILS(LE_NONEXIST, lwp_ping(thread));
}

void settle(void)
{
	int before = lwp_setpri(SELF, MINPRIO);

	REQUIRE(before >= MINPRIO);
	REQUIRE(lwp_setpri(SELF, before) == MINPRIO);
}

thread_t self(void)
{
	thread_t thread;

	REQUIRE(lwp_self(&thread) == 0);
	return thread;
}

int blocked_on(thread_t thread)
{
	statvec_t state;

	REQUIRE(lwp_getstate(thread, &state) == 0);
	return (int)state.stat_blocked.any_kind;
}

int prio_of(thread_t thread)
{
	statvec_t state;

	REQUIRE(lwp_getstate(thread, &state) == 0);
	return state.stat_prio;
}

void sleep_us(long us)
{
	struct timeval time;

	time.tv_sec = us / 1000000;
	time.tv_usec = us % 1000000;
	REQUIRE(lwp_sleep(&time) == 0);
}

long long now_us(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000000LL + now.tv_nsec / 1000;
}

int run_case(int argc, char **argv, const struct test_case *cases, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++) {
		if (argc > 1 && strcmp(argv[1], "--list") == 0)
			printf("%s\n", cases[i].name);
		else if (argc > 1 && strcmp(argv[1], cases[i].name) == 0) {
			cases[i].run();
			printf("ok\n");
			pod_exit(0);
			return 97;	/* pod_exit() came back */
		}
	}
	return argc > 1 && strcmp(argv[1], "--list") == 0 ? 0 : 98;
}
