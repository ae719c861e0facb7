/* SPDX-License-Identifier: MIT */
/*
 * A program of 1993, in K&R C.  thr_suspend() and door_call() in a comment are
 * no uses, and it's the same with the string below.
 */
#include <stdio.h>
#include <thread.h>

static char *text = "thr_kill(1, 9); \
door_return(\"x\")";
char quote = '"', mark = '\'';

mutex_t lock;
int count;

/* The program's own, in spite of its name. */
yield(n)
	int	n;
{
	count += n;
	return (n);
}

/* Braces that no branch closes. */
#ifdef BIG
half(n) {
	if (n > 1000) {
#else
half(n) {
	if (n > 10) {
#endif
		n /= 2;
	}
	return (n);
}

thr_getname(n)
	int	n;
{
	return (half(n));
}

char *
worker(arg)
	char	*arg;
{
	int	i;

	for (i = 0; i < 10; i++) {
		mutex_lock(&lock);
		yield(1);
		mutex_\
unlock(&lock);
	}
	return (arg);
}

main(argc, argv)
	int	argc;
	char	**argv;
{
	thread_t t[3]; int i; long thr_daemon;

	/* A name over two lines, and a macro with a \ in it. */
#define START(f)	thr_create(0, 0, f, 0, \
			THR_BOUND | THR_NEW_LWP, &t[i])
	for (i = 0; i < 3; i++)
		START(worker);
	while (thr_join(0, 0, 0) == 0)
		;
	thr_create(0, 0, thr_exit, 0, 0, 0);
	/* A name of SunOS 4, but without its header. */
	mon_enter(thr_getname(1));
#ifdef sun
	count = 0;
#else
	thr_kill(0, 0);
#endif
#ifndef __sun__
	thr_kill(0, 0);
#endif
	if (errno == 145 || errno == 3)
		printf("%s\n", text);
	return (thr_setstate(1, 2, 3));
}
