/* SPDX-License-Identifier: MIT */
/* Handles: of the living, of the dead, and garbage. */

#include "check.h"

static void nothing(void *arg)
{
	(void)arg;
}

static void stale_thread(void)
{
	thread_t old[50], now;
	int i, j;

	start_pod(5);
	for (i = 0; i < 50; i++) {
		old[i] = make(nothing, 3, 0, NULL);
		must_join(old[i]);
	}
	/* New ones may have the memory of the old ones, but not their key. */
	now = make(nothing, 3, LWPSUSPEND, NULL);
	REQUIRE(lwp_ping(now) == 0);
	for (i = 0; i < 50; i++) {
		REQUIRE(!SAMETHREAD(old[i], now));
		for (j = 0; j < i; j++)
			REQUIRE(!SAMETHREAD(old[i], old[j]));
		FAILS(LE_NONEXIST, lwp_ping(old[i]));
		FAILS(LE_NONEXIST, lwp_resume(old[i]));
		FAILS(LE_NONEXIST, lwp_destroy(old[i]));
	}
	REQUIRE(lwp_ping(now) == 0);
	REQUIRE(lwp_destroy(now) == 0);
	FAILS(LE_NONEXIST, lwp_ping(now));
}

static void stale_objects(void)
{
	mon_t old_mon[20], mon;
	cv_t old_cv[20], cv;
	int i;

	start_pod(5);
	for (i = 0; i < 20; i++) {
		REQUIRE(mon_create(&old_mon[i]) == 0);
		REQUIRE(cv_create(&old_cv[i], old_mon[i]) == 0);
		REQUIRE(mon_destroy(old_mon[i]) == 0);	/* and its condition */
	}
	REQUIRE(mon_create(&mon) == 0);
	REQUIRE(cv_create(&cv, mon) == 0);
	REQUIRE(mon_enter(mon) == 0);
	for (i = 0; i < 20; i++) {
		REQUIRE(!SAMEMON(old_mon[i], mon) && !SAMECV(old_cv[i], cv));
		FAILS(LE_NONEXIST, mon_exit(old_mon[i]));
		FAILS(LE_NONEXIST, cv_notify(old_cv[i]));
		FAILS(LE_NONEXIST, cv_destroy(old_cv[i]));
	}
	REQUIRE(mon_exit(mon) == 0);
}

/* Each field alone tells living objects apart; keys are positive. */
static void handles(void)
{
	thread_t thread[20];
	mon_t mon[20];
	int i, j;

	start_pod(5);
	for (i = 0; i < 20; i++) {
		thread[i] = make(nothing, 3, LWPSUSPEND, NULL);
		REQUIRE(mon_create(&mon[i]) == 0);
		REQUIRE(thread[i].thread_id != NULL && thread[i].thread_key > 0);
		REQUIRE(mon[i].monit_id != NULL && mon[i].monit_key > 0);
		for (j = 0; j < i; j++) {
			REQUIRE(thread[i].thread_id != thread[j].thread_id);
			REQUIRE(thread[i].thread_key != thread[j].thread_key);
			REQUIRE(mon[i].monit_id != mon[j].monit_id);
			REQUIRE(mon[i].monit_key != mon[j].monit_key);
		}
	}
	REQUIRE(SAMETHREAD(SELF, THREADNULL) && SELF.thread_id == NULL);
}

/* Garbage in handles is found out, never followed. */
static void garbage(void)
{
	thread_t odd[4];
	mon_t mon;
	cv_t cv;
	int i;

	start_pod(5);
	odd[0] = self();
	odd[0].thread_key++;
	odd[1] = self();
	odd[1].thread_id += 8;
	odd[2].thread_id = (caddr_t)1;
	odd[2].thread_key = -1;
	odd[3].thread_id = (caddr_t)(uintptr_t)0xdeadbeefdeadbeef;
	odd[3].thread_key = 1;
	for (i = 0; i < 4; i++) {
		FAILS(LE_NONEXIST, lwp_ping(odd[i]));
		FAILS(LE_NONEXIST, lwp_yield(odd[i]));
		FAILS(LE_NONEXIST, lwp_join(odd[i]));
		FAILS(LE_NONEXIST, lwp_destroy(odd[i]));
	}
	mon.monit_id = odd[3].thread_id;
	mon.monit_key = 1;
	cv.cond_id = odd[3].thread_id;
	cv.cond_key = 1;
	FAILS(LE_NONEXIST, mon_enter(mon));
	FAILS(LE_NONEXIST, cv_wait(cv));
	/* A thread is no monitor, and a monitor is no condition. */
	mon.monit_id = self().thread_id;
	mon.monit_key = self().thread_key;
	FAILS(LE_NONEXIST, mon_enter(mon));
}

static const struct test_case cases[] = {
	{"j_stale_thread", stale_thread},
	{"j_stale_objects", stale_objects},
	{"j_handles", handles},
	{"j_garbage", garbage},
};

int main(int argc, char **argv)
{
	return run_case(argc, argv, cases, COUNT(cases));
}
