/* SPDX-License-Identifier: MIT */
/* The same as switch_cost.c for thr_yield(). */

#include <stdio.h>
#include <thread.h>
#include <time.h>

enum { kRounds = 50, kSwitches = 4000 };

static long long now_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000000000LL + now.tv_nsec;
}

static void *yields(void *arg)
{
	for (;;)
		thr_yield();
	return arg;
}

int main(void)
{
	double least = 1e9, cost;
	long long start;
	int round, i;

	if (thr_create(NULL, 0, yields, NULL, THR_DAEMON, NULL) != 0)
		return 1;
	thr_yield();
	for (round = 0; round < kRounds; round++) {
		start = now_ns();
		for (i = 0; i < kSwitches / 2; i++)
			thr_yield();
		cost = (double)(now_ns() - start) / kSwitches;
		if (cost < least)
			least = cost;
	}
	printf("ns=%.1f\nok\n", least);
	return 0;
}
