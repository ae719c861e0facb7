/* SPDX-License-Identifier: MIT */
/*
 * What the programs of this folder share.  They stand for clients of SunOS 4:
 * each holds cases, main runs the one that its first argument names, and a
 * case that holds prints "ok" and ends the pod.
 */
#ifndef LIBTHREAD_TESTS_SUNOS4_CHECK_H_
#define LIBTHREAD_TESTS_SUNOS4_CHECK_H_

#include <lwp/lwp.h>
#include <lwp/stackdep.h>
#include <stddef.h>
#include <stdint.h>

/* Ends the process with status 99 and a line on stderr if `condition` fails. */
#define REQUIRE(condition) \
  ((condition) ? (void)0 : require_failed(__FILE__, __LINE__, #condition))

/* `call` gives -1 and leaves `code` in lwp_geterr(). */
#define FAILS(code, call) \
  expect_error((call), (code), __FILE__, __LINE__, #call)

/* What note() collected since the last one is `expected`. */
#define NOTED(expected) expect_notes((expected), __FILE__, __LINE__)

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

struct test_case {
  const char* name;
  void (*run)(void);
};

void require_failed(const char* file, int line, const char* what);
void expect_error(long result, lwp_err_t code, const char* file, int line,
                  const char* what);
void expect_notes(const char* expected, const char* file, int line);

/* Adds a word to the notes. */
void note(const char* format, ...) __attribute__((format(printf, 1, 2)));

/* The pod with the priorities 1 to `highest`, main at `highest`, and stacks. */
void start_pod(int highest);

/* A thread on a cached stack; fails when lwp_create does. */
thread_t make(void (*func)(void*), int prio, int flags, void* arg);
/* lwp_join() of a thread that is alive. */
void must_join(thread_t thread);
/* The same, or it has ended already. */
void join_or_late(thread_t thread);
/* Everybody else above MINPRIO runs until nobody can. */
void settle(void);
thread_t self(void);
int blocked_on(thread_t thread); /* the any_kind of its state */
int prio_of(thread_t thread);

/* lwp_sleep() of so many microseconds. */
void sleep_us(long us);
long long now_us(void); /* monotonic */

/* Runs the case argv[1], or lists them for --list. */
int run_case(int argc, char** argv, const struct test_case* cases, size_t n);

#endif
