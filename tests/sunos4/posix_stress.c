/* SPDX-License-Identifier: MIT */
/*
 * The layer of posix_layer.h under a million operations: threads of several
 * priorities, a time slicer above them, and turns given away in the middle.
 *
 * usage: posix_stress [operations [seed]]
 */
#include "check.h"
#include "posix_layer.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

enum { kThreads = 8, kTop = 10, kSlots = 5 };

static long operations = 1000000;
static unsigned first_seed = 1990;

/* Under mutex. */
static px_mutex_t mutex;
static long counter, mirror;
static px_cond_t changed;
static long announced, waited;

/* A ring between producers and consumers. */
static px_sem_t room, items, ring_lock;
static long ring[kSlots], put, got, put_sum, got_sum;

/* Under rwlock: equal, whoever looks. */
static px_rwlock_t rwlock;
static volatile long left, right;

static long done[kThreads];
static int running;	/* under mutex */

static unsigned roll(unsigned *seed)
{
	*seed = *seed * 1664525u + 1013904223u;
	return *seed >> 8;
}

static void maybe_yield(unsigned *seed)
{
	if (roll(seed) % 16 == 0)
		REQUIRE(lwp_yield(SELF) == 0);
}

static void count(unsigned *seed)
{
	if (roll(seed) % 4 == 0) {
		int error = px_mutex_trylock(&mutex);

		REQUIRE(error == 0 || error == EBUSY);
		if (error != 0)
			return;
	} else
		REQUIRE(px_mutex_lock(&mutex) == 0);
	counter++;
	maybe_yield(seed);
	REQUIRE(++mirror == counter);
	REQUIRE(px_mutex_unlock(&mutex) == 0);
}

/* Every second one waits for somebody's announcement, if one will come. */
static void announce(unsigned *seed)
{
	long before;

	REQUIRE(px_mutex_lock(&mutex) == 0);
	before = announced;
	if (roll(seed) % 2 == 0 && waited < running - 1) {
		waited++;
		while (announced == before)
			REQUIRE(px_cond_wait(&changed, &mutex) == 0);
		waited--;
		REQUIRE(announced > before);
	} else {
		announced++;
		if (roll(seed) % 2 == 0)
			REQUIRE(px_cond_broadcast(&changed) == 0);
	}
	REQUIRE(px_mutex_unlock(&mutex) == 0);
	REQUIRE(px_cond_broadcast(&changed) == 0);	/* without the mutex */
}

static void pass(long value, unsigned *seed)
{
	REQUIRE(px_sem_wait(&room) == 0);
	REQUIRE(px_sem_wait(&ring_lock) == 0);
	ring[put % kSlots] = value;
	maybe_yield(seed);
	put++;
	put_sum += value;
	REQUIRE(put - got <= kSlots);
	REQUIRE(px_sem_post(&ring_lock) == 0);
	REQUIRE(px_sem_post(&items) == 0);
	/* Somebody takes one, so that the ring never stays full. */
	REQUIRE(px_sem_wait(&items) == 0);
	REQUIRE(px_sem_wait(&ring_lock) == 0);
	got_sum += ring[got % kSlots];
	got++;
	REQUIRE(got <= put);
	REQUIRE(px_sem_post(&ring_lock) == 0);
	REQUIRE(px_sem_post(&room) == 0);
}

static void read_or_write(unsigned *seed)
{
	if (roll(seed) % 4 != 0) {
		REQUIRE(px_rwlock_rdlock(&rwlock) == 0);
		REQUIRE(left == right);
		maybe_yield(seed);
		REQUIRE(left == right);
	} else {
		REQUIRE(px_rwlock_wrlock(&rwlock) == 0);
		REQUIRE(left == right);
		left++;
		maybe_yield(seed);
		right++;
	}
	REQUIRE(px_rwlock_unlock(&rwlock) == 0);
}

static void work(long me)
{
	unsigned seed = first_seed * 31 + (unsigned)me;

	while (done[me] < operations / kThreads) {
		switch (roll(&seed) % 4) {
		case 0:
			count(&seed);
			break;
		case 1:
			announce(&seed);
			break;
		case 2:
			pass(done[me], &seed);
			break;
		default:
			read_or_write(&seed);
		}
		done[me]++;
		maybe_yield(&seed);
	}
	/* Who still waits for an announcement gets it. */
	REQUIRE(px_mutex_lock(&mutex) == 0);
	running--;
	announced++;
	REQUIRE(px_mutex_unlock(&mutex) == 0);
	REQUIRE(px_cond_broadcast(&changed) == 0);
}

/* Turns inside each priority, by force where the library preempts. */
static void slicer(void)
{
	int prio;

	while (running > 0) {
		sleep_us(1000);
		for (prio = 1; prio < kTop; prio++)
			(void)lwp_resched(prio);
	}
}

int main(int argc, char **argv)
{
	thread_t thread[kThreads];
	long total = 0;
	int i;

	if (argc > 1)
		operations = atol(argv[1]);
	if (argc > 2)
		first_seed = (unsigned)atol(argv[2]);
	printf("seed %u\n", first_seed);
	REQUIRE(pod_setmaxpri(kTop) == 0);
	REQUIRE(lwp_setstkcache(64 * 1024, kThreads) > 0);
	REQUIRE(px_mutex_init(&mutex) == 0 && px_cond_init(&changed) == 0);
	REQUIRE(px_sem_init(&room, kSlots) == 0);
	REQUIRE(px_sem_init(&items, 0) == 0);
	REQUIRE(px_sem_init(&ring_lock, 1) == 0);
	REQUIRE(px_rwlock_init(&rwlock) == 0);
	running = kThreads;
	for (i = 0; i < kThreads; i++)
		REQUIRE(lwp_create(&thread[i], work, 1 + i % 3, 0, lwp_newstk(),
		    1, (long)i) == 0);
	slicer();
	for (i = 0; i < kThreads; i++) {
		(void)lwp_join(thread[i]);
		total += done[i];
	}
	REQUIRE(total == operations / kThreads * kThreads);
	REQUIRE(counter == mirror && left == right);
	REQUIRE(put == got && put_sum == got_sum);
	REQUIRE(room.count == kSlots && items.count == 0);
	REQUIRE(px_mutex_unlock(&mutex) == EPERM);
	REQUIRE(px_cond_destroy(&changed) == 0);
	REQUIRE(px_mutex_destroy(&mutex) == 0);
	REQUIRE(px_sem_destroy(&room) == 0 && px_sem_destroy(&items) == 0);
	REQUIRE(px_sem_destroy(&ring_lock) == 0);
	REQUIRE(px_rwlock_destroy(&rwlock) == 0);
	printf("ok\n");
	pod_exit(0);
}
