/* SPDX-License-Identifier: MIT */
/*
 * Threads of the period: NULL where integers are expected, an entry function
 * without prototypes, a zero-filled mutex, an any-join loop.
 */
#include <stdio.h>
#include <thread.h>
#include <synch.h>

#ifndef _REENTRANT
#error "-mt defines _REENTRANT"
#endif

#define NTHREADS 8
#define ROUNDS 1000

static mutex_t lock;
static cond_t done;
static int count, finished;

static void *
work(arg)
    char *arg;
{
    int i;

    for (i = 0; i < ROUNDS; i++) {
        mutex_lock(&lock);
        count++;
        mutex_unlock(&lock);
        if (i % 100 == 0)
            thr_yield();
    }
    mutex_lock(&lock);
    if (++finished == NTHREADS)
        cond_signal(&done);
    mutex_unlock(&lock);
    return arg;
}

main()
{
    int i, joined = 0;

    cond_init(&done, NULL, NULL);
    thr_setconcurrency(2);
    for (i = 0; i < NTHREADS; i++)
        if (thr_create(NULL, NULL, work, i, NULL, NULL) != 0)
            exit(1);
    mutex_lock(&lock);
    while (finished < NTHREADS)
        cond_wait(&done, &lock);
    mutex_unlock(&lock);
    while (thr_join(NULL, NULL, NULL) == 0)
        joined++;
    printf("%d %d\n", joined, count);
    exit(joined == NTHREADS && count == NTHREADS * ROUNDS ? 0 : 2);
}
