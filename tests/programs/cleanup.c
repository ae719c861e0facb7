/*
 * SPDX-License-Identifier: MIT
 *
 * pthread_cleanup_push() and thr_exit() in C, as programs of the time mixed
 * them, in an unbound and in a bound thread.
 */

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <thread.h>

static thread_key_t key;

static void say_handler(void *number)
{
	printf("handler %ld\n", (long)number);
}

static void say_popped(void *number)
{
	printf("popped %ld\n", (long)number);
}

static void say_destructor(void *value)
{
	(void)value;
	puts("destructor");
}

static void leave(void)
{
	pthread_cleanup_push(say_handler, (void *)3);
	thr_yield();
	thr_exit((void *)77);
	pthread_cleanup_pop(0);
}

static void *run(void *say_pop)
{
	thr_setspecific(key, &key);
	pthread_cleanup_push(say_handler, (void *)1);
	pthread_cleanup_push(say_popped, (void *)9);
	thr_yield();
	pthread_cleanup_pop(say_pop != NULL);
	pthread_cleanup_push(say_handler, (void *)2);
	leave();
	pthread_cleanup_pop(0);
	pthread_cleanup_pop(0);
	return NULL;
}

static int run_once(long flags, void *say_pop)
{
	thread_t id;
	void *status;

	if (thr_create(NULL, 0, run, say_pop, flags, &id) != 0 ||
	    thr_join(id, NULL, &status) != 0)
		return 1;
	printf("joined %ld\n", (long)status);
	return 0;
}

int main(void)
{
	if (thr_keycreate(&key, say_destructor) != 0)
		return 1;
	return run_once(0, &key) || run_once(THR_BOUND, NULL);
}
