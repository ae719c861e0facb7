/* SPDX-License-Identifier: MIT */
/*
 * What a switch costs: two threads of one priority hand the processor to and
 * fro, by lwp_yield() of SunOS 4's library, or (BENCH_THR_YIELD) by thr_yield().
 * Prints the nanoseconds of a switch, the least of many rounds.
 */
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#ifdef BENCH_THR_YIELD
#include <thread.h>
#define NAME "thr_yield"
#define SWITCH() thr_yield()
#else
#include <lwp/lwp.h>
#define NAME "lwp_yield"
#define SWITCH() lwp_yield(SELF)
#endif

enum { kRounds = 50, kSwitches = 4000 };

static long long now_ns(void) {
  struct timespec now;

  clock_gettime(CLOCK_MONOTONIC, &now);
  return now.tv_sec * 1000000000LL + now.tv_nsec;
}

#ifdef BENCH_THR_YIELD
static void* yields(void* arg) {
  for (;;) SWITCH();
  return arg;
}

static int start(void) {
  return thr_create(NULL, 0, yields, NULL, THR_DAEMON, NULL);
}
#define FINISH(status) return status
#else
static void yields(void) {
  for (;;) SWITCH();
}

static int start(void) {
  if (pod_setmaxpri(1) != 0 || lwp_setstkcache(64 * 1024, 1) < 0) return -1;
  return lwp_create(NULL, yields, MINPRIO, 0, lwp_newstk(), 0);
}
#define FINISH(status) pod_exit(status)
#endif

int main(void) {
  double least = 1e9;
  int round, i;

  if (start() != 0) {
    fputs("cannot create a thread\n", stderr);
    FINISH(1);
  }
  SWITCH();
  for (round = 0; round < kRounds; round++) {
    const long long begin = now_ns();
    double cost;
    for (i = 0; i < kSwitches / 2; i++) SWITCH();
    cost = (double)(now_ns() - begin) / kSwitches;
    if (cost < least) least = cost;
  }
  printf("%s %.1f ns\n", NAME, least);
  fflush(stdout);
  FINISH(0);
}
