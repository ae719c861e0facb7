/* SPDX-License-Identifier: MIT */
/*
 * What lwp_yield() costs: two threads of one priority hand the processor to and
 * fro.  Prints the nanoseconds of a switch, the least of many rounds.
 */
#include "check.h"

#include <stdio.h>

enum { kRounds = 50, kSwitches = 4000 };

static void yields(void *arg)
{
	(void)arg;
	for (;;)
		lwp_yield(SELF);
}

static void measure(void)
{
	double least = 1e9, cost;
	long long start;
	int round, i;

	start_pod(1);
	make(yields, 1, 0, NULL);
	lwp_yield(SELF);
	for (round = 0; round < kRounds; round++) {
		start = now_us();
		for (i = 0; i < kSwitches / 2; i++)
			lwp_yield(SELF);
		cost = (double)(now_us() - start) * 1000 / kSwitches;
		if (cost < least)
			least = cost;
	}
	printf("ns=%.1f\n", least);
}

static const struct test_case cases[] = {
	{"measure", measure},
};

int main(int argc, char **argv)
{
	return run_case(argc, argv, cases, COUNT(cases));
}
